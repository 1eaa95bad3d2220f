"""A run that asks models over and over is ended, with what it has and the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.config.budgets import BudgetSettings
from copilot.config.models import ModelSettings
from copilot.errors import BudgetError
from copilot.events import ModelAttempt, RunStarted
from copilot.gateway import Gateway
from copilot.gateway.looping import SAME, Loops
from copilot.messages import ModelRequest, Turn, Usage
from copilot.noting import noted_by
from copilot.testing.scripted_model import ScriptedModel
from tests.budgeted import NOON, budgets, run_of
from tests.routes import route
from tests.unit.test_gateway import Clock

REQUEST = ModelRequest("x/y", "", (Turn("user", "How long?"),))
LONG = "You have forty-five minutes to acknowledge a page by hand."


class Ticking:
    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> object:
        raise NotImplementedError

    def monotonic(self) -> float:
        return self.at


def request(number: int) -> ModelRequest:
    return replace(REQUEST, system=str(number))


def loops(**settings: float) -> tuple[Loops, Ticking]:
    clock = Ticking()
    return Loops(BudgetSettings(**settings), clock), clock  # type: ignore[arg-type]


def test_a_run_makes_only_so_many_requests_and_another_one_begins_anew() -> None:
    guard, _ = loops(run_requests=3)
    for run in ("one", "two"):
        with noted_by(lambda _: None, RunStarted(run, "ask", "?", "", "ann", NOON)):
            for number in range(3):
                guard.before(request(number))
            with pytest.raises(BudgetError, match="it has asked models 3 times") as caught:
                guard.before(request(3))
            assert "budgets.run_requests" in caught.value.hint
            assert caught.value.exit_code == 8


def test_the_same_request_is_not_made_again_and_again() -> None:
    guard, _ = loops()
    with run_of("ann"):
        for _ in range(SAME):
            guard.before(REQUEST)
        guard.before(replace(REQUEST, model="another"))
        with pytest.raises(BudgetError, match="it has asked the same 4 times"):
            guard.before(REQUEST)


def test_the_same_answer_again_and_again_is_no_progress_but_the_same_verdict_is() -> None:
    guard, _ = loops()
    with run_of("ann"):
        for number in range(3 * SAME):
            guard.before(request(number))
            guard.answered("yes")
        for number in range(SAME):
            guard.before(request(100 + number))
            guard.answered(LONG)
        with pytest.raises(BudgetError, match="answered the same 4 times"):
            guard.before(request(200))


def test_a_run_ends_after_so_long_and_for_so_much() -> None:
    guard, clock = loops(run_s=60, run_usd=5e-6)
    with run_of("ann"):
        guard.before(request(1))
        clock.at = 61
        with pytest.raises(BudgetError, match="models for 61 s"):
            guard.before(request(2))
        clock.at = 1
        guard.cost(ModelAttempt("x/y", "ok", usage=Usage("x/y", 1, 1, 5)))
        with pytest.raises(BudgetError, match=r"it has cost \$0.000005"):
            guard.before(request(3))


def test_outside_of_a_run_nothing_is_counted() -> None:
    guard, _ = loops(run_requests=1)
    for _ in range(9):
        guard.before(REQUEST)
    with run_of("ann"):
        guard.before(REQUEST)
        with pytest.raises(BudgetError, match="it has asked models 1 times"):
            guard.before(REQUEST)
    guard.before(REQUEST)


async def test_the_gateway_asks_nobody_for_a_run_that_goes_round() -> None:
    model, clock = ScriptedModel([LONG]), Clock()
    held = budgets(BudgetSettings(run_requests=2))
    gateway = Gateway(route(model), ModelSettings(answer="x/y"), clock, budgets=held)
    with run_of("ann"):
        for number in range(2):
            async for _ in gateway.stream(request(number)):
                pass
        with pytest.raises(BudgetError, match="this run asks no model any more"):
            async for _ in gateway.stream(request(3)):
                pass
    assert len(model.requests) == 2
