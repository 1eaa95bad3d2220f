"""Chat models that cost something, and budgets in memory, for tests of what is spent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from copilot.config.budgets import BudgetSettings
from copilot.events import RunStarted
from copilot.gateway.budgeting import Budgets
from copilot.messages import ModelRequest, Usage
from copilot.noting import noted_by
from copilot.records import BudgetChanged, Record
from copilot.spending import BudgetStore
from copilot.testing.memory_budgets import MemoryBudgets
from copilot.testing.scripted_model import ScriptedModel

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_RUNS = count(1)


class Priced(ScriptedModel):
    """A word read costs 1 micro-dollar, one that is written 10."""

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        usage = super().estimate(request, text)
        return replace(usage, cost_microusd=usage.input_tokens + 10 * usage.output_tokens)

    def most(self, request: ModelRequest) -> Usage:
        usage = super().most(request)
        return replace(usage, cost_microusd=usage.input_tokens + 10 * usage.output_tokens)


class Unpriced(ScriptedModel):
    """Nobody knows what it costs."""

    def most(self, request: ModelRequest) -> Usage:
        return replace(super().most(request), cost_microusd=None)


class StandingClock:
    """``at`` is moved by the test."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def goes_on(self, **by: float) -> None:
        self.at += timedelta(**by)


def budgets(
    settings: BudgetSettings,
    store: BudgetStore | None = None,
    clock: StandingClock | None = None,
    *,
    principal: str = "ann",
) -> Budgets:
    kept = store if store is not None else MemoryBudgets()
    return Budgets(settings, lambda: kept, clock or StandingClock(), principal=principal)


@contextmanager
def run_of(principal: str, conversation: str = "") -> Iterator[list[BudgetChanged]]:
    """What is done in a run of theirs, and what it told of budgets."""
    told: list[BudgetChanged] = []

    def tell(record: Record) -> None:
        assert isinstance(record, BudgetChanged)
        told.append(record)

    with noted_by(
        tell, RunStarted(f"run-{next(_RUNS)}", "ask", "?", conversation, principal, NOON)
    ):
        yield told
