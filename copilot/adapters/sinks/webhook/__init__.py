"""A signed webhook: any receiver that takes JSON events."""

from copilot.adapters.sinks.webhook.sink import build

__all__ = ["build"]
