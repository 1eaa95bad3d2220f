"""Calls to a chat model: attempts, waits, time limits."""

from __future__ import annotations

from copilot.gateway.calling import Gateway

__all__ = ["Gateway"]
