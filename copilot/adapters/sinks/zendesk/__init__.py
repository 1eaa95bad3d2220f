"""Zendesk Support: tickets, through the Ticketing API."""

from copilot.adapters.sinks.zendesk.sink import build

__all__ = ["build"]
