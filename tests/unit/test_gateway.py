"""Attempts, waits and time limits around a chat model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from copilot.backoff import LONGEST_S, delay_s
from copilot.config.models import ModelSettings
from copilot.errors import (
    ModelAuthError,
    ModelError,
    ModelRateLimitError,
    ModelStreamError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from copilot.events import ModelAttempt, ModelChosen
from copilot.gateway import Gateway
from copilot.messages import ModelChunk, ModelRequest, Turn, Usage
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.routes import route

REQUEST = ModelRequest("x/y", "", (Turn("user", "How long?"),))
DOWN = ModelUnavailableError("down")


class Clock:
    """Goes forward by what is slept, and by the event loop's own time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def _gateway(model: ScriptedModel, clock: Clock, **changes: float) -> Gateway:
    settings = ModelSettings(answer="x/y", **changes)  # type: ignore[arg-type]
    return Gateway(route(model), settings, clock, sleep=clock.sleep, jitter=lambda: 0.5)


async def _run(
    model: ScriptedModel, clock: Clock, **changes: float
) -> tuple[str, list[ModelAttempt], ModelError | None]:
    text, attempts = "", []
    try:
        async for step in _gateway(model, clock, **changes).stream(REQUEST):
            if isinstance(step, ModelAttempt):
                attempts.append(step)
            elif isinstance(step, ModelChunk):
                text += step.text
    except ModelError as error:
        return text, attempts, error
    return text, attempts, None


async def test_an_answer_is_passed_on_and_reported_with_its_tokens() -> None:
    text, attempts, error = await _run(ScriptedModel(["Forty-five minutes."]), Clock())
    assert (text, error) == ("Forty-five minutes.", None)
    [attempt] = attempts
    assert attempt.outcome == "ok"
    assert attempt.usage is not None
    assert attempt.usage.output_tokens == 2
    assert attempt.first_token_ms is not None


async def test_every_failed_attempt_is_reported_before_the_error_is_raised() -> None:
    clock = Clock()
    text, attempts, error = await _run(ScriptedModel([Say(fail=DOWN)]), clock, retries=2)
    assert text == ""
    assert [a.outcome for a in attempts] == ["failed"] * 3
    assert all(a.error == "ModelUnavailableError: down" for a in attempts)
    assert error is DOWN
    assert len(clock.slept) == 2


async def test_waits_grow_and_keep_their_share_of_chance() -> None:
    clock = Clock()
    await _run(ScriptedModel([Say(fail=DOWN)]), clock, retries=3)
    assert clock.slept == [0.375, 0.75, 1.5]


async def test_a_provider_is_not_asked_again_before_the_time_it_named() -> None:
    clock = Clock()
    model = ScriptedModel([Say(fail=ModelRateLimitError("slow", retry_after=4)), "Yes."])
    text, _, _ = await _run(model, clock)
    assert text == "Yes."
    assert 4 <= clock.slept[0] <= 4.4


async def test_a_wait_longer_than_ours_is_not_waited_for() -> None:
    clock = Clock()
    refused = ModelRateLimitError("slow", retry_after=LONGEST_S + 1)
    _, attempts, error = await _run(ScriptedModel([Say(fail=refused)]), clock)
    assert (error, len(attempts), clock.slept) == (refused, 1, [])


async def test_what_cannot_succeed_is_not_tried_again() -> None:
    _, attempts, _ = await _run(ScriptedModel([Say(fail=ModelAuthError("no key"))]), Clock())
    assert len(attempts) == 1


async def test_nothing_is_tried_again_after_the_first_token() -> None:
    model = ScriptedModel([Say("You have", fail=ModelStreamError("gone")), "You have 45."])
    text, attempts, error = await _run(model, Clock(), retries=5)
    assert text == "You have"
    assert len(attempts) == 1
    assert isinstance(error, ModelStreamError)


async def test_the_last_attempt_leaves_time_for_itself() -> None:
    clock = Clock()
    _, attempts, _ = await _run(
        ScriptedModel([Say(fail=DOWN)]), clock, retries=10, total_timeout_s=3.0
    )
    assert sum(clock.slept) < 3.0
    assert len(attempts) < 11


async def test_a_first_token_that_is_late_is_a_timeout_and_closes_the_call() -> None:
    model = ScriptedModel([Say("Late.", delay_s=30)])
    _, _, error = await _run(model, Clock(), first_token_timeout_s=0.02, retries=0)
    assert isinstance(error, ModelTimeoutError)
    assert "0.02 s" in error.message
    assert model.closed == 1


async def test_a_stall_after_the_first_token_is_a_broken_stream() -> None:
    class Stalls(ScriptedModel):
        async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
            yield ModelChunk(text="You ")
            await asyncio.sleep(30)

    clock = Clock()
    settings = ModelSettings(answer="x/y", first_token_timeout_s=0.02)
    gateway = Gateway(route(Stalls([])), settings, clock, sleep=clock.sleep)
    with pytest.raises(ModelStreamError, match="stalled"):
        [step async for step in gateway.stream(REQUEST)]


async def test_a_whole_answer_that_takes_too_long_is_a_timeout() -> None:
    model = ScriptedModel([Say("one two three four", delay_s=0.05)])
    text, _, error = await _run(model, Clock(), total_timeout_s=0.12, retries=0)
    assert text.startswith("one")
    assert isinstance(error, ModelTimeoutError)


async def test_an_answer_without_an_end_mark_is_not_whole() -> None:
    _, attempts, error = await _run(ScriptedModel([Say("You", finish_reason="")]), Clock())
    assert isinstance(error, ModelStreamError)
    assert attempts[0].outcome == "failed"


async def test_leaving_early_closes_the_call() -> None:
    model = ScriptedModel(["one two three"])
    stream = _gateway(model, Clock()).stream(REQUEST)
    assert isinstance(await anext(stream), ModelChosen)
    assert isinstance(await anext(stream), ModelChunk)
    await stream.aclose()
    assert model.closed == 1


async def test_what_broke_off_is_paid_for_by_our_own_count_and_what_was_refused_is_not() -> None:
    script = [Say(fail=DOWN), Say("You have", fail=ModelStreamError("gone"))]
    _, [refused, broken], _ = await _run(ScriptedModel(script), Clock())
    assert refused.usage is None
    assert broken.usage == Usage("x/y", 2, 2, 0, estimated=True)


async def test_a_request_that_was_taken_is_paid_for_though_nothing_came() -> None:
    class Takes(ScriptedModel):
        async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
            yield ModelChunk()
            raise ModelStreamError("gone")

    steps: list[ModelAttempt | ModelChunk | ModelChosen] = []
    gateway = _gateway(Takes([]), Clock(), retries=0)
    with pytest.raises(ModelStreamError):
        async for step in gateway.stream(REQUEST):
            steps.append(step)  # noqa: PERF401 - keeps what came before the error
    [_, attempt] = steps
    assert isinstance(attempt, ModelAttempt)
    assert attempt.usage == Usage("x/y", 2, 0, 0, estimated=True)


async def test_a_request_that_is_cancelled_is_reported_before_it_ends() -> None:
    attempts: list[ModelAttempt] = []
    model = ScriptedModel([Say("You have 45 minutes.", delay_s=0.02)])

    async def read() -> None:
        async for step in _gateway(model, Clock()).stream(REQUEST):
            if isinstance(step, ModelAttempt):
                attempts.append(step)
            elif isinstance(step, ModelChunk) and step.text == "have ":
                reader.cancel()

    reader = asyncio.create_task(read())
    with pytest.raises(asyncio.CancelledError):
        await reader
    [attempt] = attempts
    assert (attempt.outcome, attempt.error) == ("failed", "StoppedError: interrupted")
    assert attempt.usage == Usage("x/y", 2, 2, 0, estimated=True)
    assert model.closed == 1


@pytest.mark.parametrize("attempt", [1, 2, 5, 9])
@pytest.mark.parametrize("jitter", [0.0, 0.999])
def test_a_wait_stays_in_its_bounds(attempt: int, jitter: float) -> None:
    wait = delay_s(attempt, asked=None, jitter=jitter)
    assert wait is not None
    assert 0 < wait <= LONGEST_S


def test_who_asks_for_no_wait_is_not_asked_again_at_once() -> None:
    assert delay_s(1, asked=0.0, jitter=0.5) == delay_s(1, asked=None, jitter=0.5)
