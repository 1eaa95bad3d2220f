"""Which model of a route is asked, who steps in, and who rests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from copilot.config.models import ModelSettings
from copilot.errors import (
    ModelAuthError,
    ModelContextError,
    ModelError,
    ModelRateLimitError,
    ModelRequestError,
    ModelStreamError,
    ModelTimeoutError,
    ModelUnavailableError,
    StorageError,
)
from copilot.events import ModelAttempt, ModelChosen
from copilot.gateway import Breaker, Deployed, Deployment, Gateway, Route
from copilot.messages import ModelChunk, ModelRequest, Turn
from copilot.ports import ChatModel
from copilot.testing.memory_health import MemoryHealth
from copilot.testing.scripted_model import Say, ScriptedModel
from copilot.upstream import HealthStore

REQUEST = ModelRequest("", "", (Turn("user", "How long?"),))
DOWN = ModelUnavailableError("down")
TOO_LONG = ModelContextError("too long")
FULL = ModelRateLimitError("full", retry_after=5)


class Clock:
    """Goes forward by what is slept, and by the event loop's own time."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.today = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.today

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Told:
    """What came of one call."""

    text: str = ""
    chosen: list[ModelChosen] = field(default_factory=list)
    attempts: list[ModelAttempt] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def models(self) -> list[str]:
        return [one.model for one in self.chosen]


class World:
    """Models a, b, c … that say what is scripted, and the calls that go to them."""

    def __init__(
        self,
        *scripts: Say | str | Sequence[Say | str],
        contexts: Sequence[int] = (),
        store: HealthStore | None = None,
        **changes: float,
    ) -> None:
        self.clock = Clock()
        settings = ModelSettings(**changes)  # type: ignore[arg-type]
        self.models = [
            ScriptedModel([one] if isinstance(one, Say | str) else one) for one in scripts
        ]
        self.breaker = Breaker(
            store or MemoryHealth(),
            self.clock,
            failures=settings.breaker_failures,
            cooldown_s=settings.breaker_cooldown_s,
        )
        self.deployed: list[Deployed[ChatModel]] = [
            Deployed(Deployment(name, f"p/{name}", context_tokens=context), model)
            for name, model, context in zip(
                "abcd", self.models, [*contexts, 0, 0, 0, 0], strict=False
            )
        ]
        self.gateway = Gateway(
            Route("answer", self.deployed, self.breaker),
            settings,
            self.clock,
            sleep=self.clock.sleep,
            jitter=lambda: 0.5,
        )

    async def call(self, **how: object) -> Told:
        told = Told()
        try:
            async for step in self.gateway.stream(REQUEST, **how):  # type: ignore[arg-type]
                if isinstance(step, ModelChosen):
                    told.chosen.append(step)
                elif isinstance(step, ModelAttempt):
                    told.attempts.append(step)
                elif isinstance(step, ModelChunk):
                    told.text += step.text
        except ModelError as error:
            told.error = error
        return told

    @property
    def asked(self) -> list[int]:
        return [len(model.requests) for model in self.models]


async def test_the_first_answers_and_nobody_else_is_asked() -> None:
    world = World("Forty-five.", "Never.")
    told = await world.call()
    assert (told.text, told.models, told.error) == ("Forty-five.", ["a"], None)
    assert told.chosen[0] == ModelChosen("a", "the first of its route", route="answer")
    assert world.asked == [1, 0]
    assert world.models[0].requests[0].model == "p/a"


@pytest.mark.parametrize(
    "error", [DOWN, ModelAuthError("no key"), ModelRequestError("refused"), ModelTimeoutError("…")]
)
async def test_when_one_fails_the_next_answers_and_why_stands_in_the_stream(
    error: ModelError,
) -> None:
    told = await World(Say(fail=error), "Forty-five.", retries=0).call()
    assert (told.text, told.models, told.error) == ("Forty-five.", ["a", "b"], None)
    assert told.chosen[1].reason == f"a failed: {error.message}"
    assert [(one.model, one.outcome) for one in told.attempts] == [("p/a", "failed"), ("p/b", "ok")]


async def test_when_all_fail_the_last_ones_error_is_raised() -> None:
    gone = ModelUnavailableError("gone")
    world = World(Say(fail=DOWN), Say(fail=gone), retries=2)
    told = await world.call()
    assert told.error is gone
    assert told.models == ["a", "b"]
    assert world.asked == [2, 3]  # the one that could be replaced isn't waited for so long


async def test_nobody_waits_for_one_that_is_busy_or_silent_while_another_is_there() -> None:
    for failure in (FULL, ModelTimeoutError("late")):
        world = World(Say(fail=failure), "Yes.", retries=5)
        assert (await world.call()).text == "Yes."
        assert world.asked == [1, 1]
        assert world.clock.slept == []


async def test_a_text_too_long_for_one_goes_to_none_that_reads_no_more() -> None:
    scripts = (Say(fail=TOO_LONG), Say(fail=TOO_LONG), "Read it all.")
    world = World(*scripts, contexts=(4_000, 2_000, 9_000))
    told = await world.call()
    assert (told.models, told.text) == (["a", "c"], "Read it all.")


async def test_that_a_shorter_request_may_do_is_told_before_what_failed_later() -> None:
    told = await World(Say(fail=TOO_LONG), Say(fail=DOWN), retries=0).call()
    assert told.error is TOO_LONG
    assert told.models == ["a", "b"]


async def test_after_a_token_was_passed_on_nobody_else_is_asked() -> None:
    broke = ModelStreamError("gone")
    world = World(Say("You have", fail=broke), "You have 45.")
    told = await world.call()
    assert (told.text, told.error, world.asked) == ("You have", broke, [1, 0])


async def test_who_was_asked_comes_last_and_who_wrote_comes_first() -> None:
    world = World("A.", "B.", "C.")
    went_on = await world.call(asked=["a"])
    assert (went_on.text, went_on.chosen[0].reason) == ("B.", "goes on for a")
    corrected = await world.call(first="c")
    assert (corrected.text, corrected.chosen[0].reason) == ("C.", "it wrote the answer")
    assert (await world.call(asked=["a", "b", "c"])).text == "A."
    assert world.gateway.route.others(["a", "b"])
    assert not world.gateway.route.others(["a", "b", "c"])


async def test_no_other_is_asked_once_the_time_for_the_whole_is_up() -> None:
    world = World(Say("slow", delay_s=0.3), "Never.", total_timeout_s=0.1)
    told = await world.call()
    assert isinstance(told.error, ModelTimeoutError)
    assert world.asked == [1, 0]


# --- who rests ----------------------------------------------------------------------------


async def test_one_that_failed_often_rests_and_then_one_call_tries_it() -> None:
    world = World([*[Say(fail=DOWN)] * 4, "Back."], "Yes.", retries=0, breaker_failures=3)
    for _ in range(3):
        assert (await world.call()).models == ["a", "b"]
    resting = await world.call()
    assert (resting.models, resting.chosen[0].reason) == (["b"], "a rests after 3 failed calls")
    world.clock.today += timedelta(seconds=61)
    assert (await world.call()).models == ["a", "b"]  # tried, and still down
    assert (await world.call()).models == ["b"]
    world.clock.today += timedelta(seconds=61)
    assert (await world.call()).text == "Back."
    assert (await world.call()).models == ["a"]


async def test_of_many_calls_at_once_one_alone_tries_what_has_rested() -> None:
    world = World(Say(fail=DOWN), "Yes.", retries=0, breaker_failures=1)
    await world.call()
    world.clock.today += timedelta(seconds=61)
    many = await asyncio.gather(*(world.call() for _ in range(8)))
    assert sorted(told.models for told in many) == [["a", "b"], *[["b"]] * 7]


async def test_when_all_rest_nobody_is_asked_and_until_when_is_told() -> None:
    world = World(Say(fail=DOWN), retries=0, breaker_failures=2, breaker_cooldown_s=90)
    await world.call()
    await world.call()
    told = await world.call()
    assert isinstance(told.error, ModelUnavailableError)
    until = (world.clock.today + timedelta(seconds=90)).astimezone()
    assert told.error.message == f"a rests until {until:%H:%M:%S} after 2 failed calls"
    assert world.asked == [2]


@pytest.mark.parametrize("error", [TOO_LONG, ModelAuthError("no key"), ModelRequestError("no")])
async def test_what_says_nothing_about_its_health_makes_no_model_rest(error: ModelError) -> None:
    world = World(Say(fail=error), retries=0, breaker_failures=1)
    for _ in range(3):
        assert (await world.call()).error is error


async def test_a_breaker_that_is_switched_off_lets_nobody_rest() -> None:
    world = World(Say(fail=DOWN), retries=0, breaker_failures=0)
    for _ in range(5):
        assert (await world.call()).error is DOWN


async def test_health_that_can_not_be_kept_stops_no_call() -> None:
    class Broken(MemoryHealth):
        def health(self, models: object) -> object:  # type: ignore[override]
            raise StorageError("the disk is full")

        def failed(self, model: str, at: datetime) -> None:
            raise StorageError("the disk is full")

    world = World(Say(fail=DOWN), "Yes.", retries=0, store=Broken(), breaker_failures=1)
    for _ in range(2):
        assert (await world.call()).text == "Yes."


async def test_a_clock_that_was_put_back_keeps_nobody_resting() -> None:
    world = World(Say(fail=DOWN), retries=0, breaker_failures=1)
    await world.call()
    world.clock.today -= timedelta(days=1)
    assert (await world.call()).error is DOWN


async def test_one_that_has_rested_but_was_not_needed_is_there_for_the_next_call() -> None:
    first = [Say(fail=DOWN), "Back.", Say(fail=DOWN)]
    world = World(first, [Say(fail=DOWN), "Yes."], retries=0, breaker_failures=1)
    assert (await world.call()).error is DOWN
    world.clock.today += timedelta(seconds=61)
    assert (await world.call()).models == ["a"]
    told = await world.call()
    assert (told.models, told.text) == (["a", "b"], "Yes.")
