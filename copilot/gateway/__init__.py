"""Calls to a chat model: attempts, waits, time limits."""

from __future__ import annotations

from copilot.gateway.breaking import Breaker
from copilot.gateway.calling import Gateway
from copilot.gateway.deployments import Deployment
from copilot.gateway.routing import Deployed, Route
from copilot.gateway.structured import StructuredGateway
from copilot.gateway.tiers import Features, Tiers

__all__ = [
    "Breaker",
    "Deployed",
    "Deployment",
    "Features",
    "Gateway",
    "Route",
    "StructuredGateway",
    "Tiers",
]
