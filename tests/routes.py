"""Routes of models for tests of what goes over them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from copilot.gateway import Breaker, Deployed, Deployment, Route
from copilot.ports import Clock
from copilot.testing.memory_health import MemoryHealth

Model = TypeVar("Model")


class WallClock:
    """For what asks for nothing but the time of day."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        raise NotImplementedError


def breaker(clock: Clock | None = None, *, failures: int = 0, cooldown_s: float = 60) -> Breaker:
    """One that lets no model rest, if not told otherwise."""
    return Breaker(MemoryHealth(), clock or WallClock(), failures=failures, cooldown_s=cooldown_s)


def route(*models: Model, job: str = "answer", name: str = "x/y") -> Route[Model]:
    """Models in this order: the first is ``x/y``, the second ``x/y2`` and so on."""
    names = [f"{name}{n}" if n > 1 else name for n in range(1, len(models) + 1)]
    deployed = [
        Deployed(Deployment(name, name), model) for name, model in zip(names, models, strict=True)
    ]
    return Route(job, deployed, breaker())
