"""HubSpot: tickets, contacts and deals, through the CRM API."""

from copilot.adapters.sinks.hubspot.sink import build

__all__ = ["build"]
