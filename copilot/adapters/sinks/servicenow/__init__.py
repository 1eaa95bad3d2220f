"""ServiceNow: incidents, customer service cases and other tasks, through the Table API."""

from copilot.adapters.sinks.servicenow.sink import build

__all__ = ["build"]
