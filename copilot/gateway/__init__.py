"""Calls to a chat model: attempts, waits, time limits."""

from __future__ import annotations

from copilot.gateway.calling import Gateway
from copilot.gateway.structured import StructuredGateway

__all__ = ["Gateway", "StructuredGateway"]
