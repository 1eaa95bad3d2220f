"""Ticket and CRM systems, one folder each, behind ports.Sink."""
