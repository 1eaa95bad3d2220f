"""Which model is called, when and how often."""

from __future__ import annotations

from copilot.gateway.calling import Gateway

__all__ = ["Gateway"]
