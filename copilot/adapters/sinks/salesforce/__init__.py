"""Salesforce: cases, contacts or leads, and opportunities, through the REST API."""

from copilot.adapters.sinks.salesforce.sink import build

__all__ = ["build"]
