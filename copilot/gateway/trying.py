"""Asks a model for one word, to learn whether and how fast it answers.

Invariant: it is asked once; a failure is told, not raised; one that is left is told to the meter.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.errors import ModelError
from copilot.events import (
    Event,
    ModelAttempt,
    ModelChosen,
    RunFinished,
    RunStarted,
    UsageReported,
)
from copilot.gateway.attempting import Attempts
from copilot.gateway.routing import Deployed, warmed
from copilot.gateway.waiting import Waiting
from copilot.messages import ModelChunk, ModelRequest, Status, Turn, Usage
from copilot.metering import requested
from copilot.ports import ChatModel, Clock
from copilot.spending import Purse

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

_TOKENS = 64
_SHOWN = 40  # characters of its answer


@dataclass(frozen=True, slots=True)
class Tried:
    """What a model said to a word, or why it didn't."""

    name: str
    attempt: ModelAttempt
    words: str = ""
    error: ModelError | None = None


async def trial(
    name: str, trying: Callable[[], Awaitable[Tried]], *, start: RunStarted, clock: Clock
) -> AsyncGenerator[Event]:
    """The events of a run of its own, so that what the word costs is counted.

    Raises the model's error.
    """
    began = clock.monotonic()
    yield start
    yield ModelChosen(name, "asked for one word", route="test")
    found = await trying()
    yield found.attempt
    yield UsageReported(found.attempt.usage or Usage(found.attempt.model))
    if found.error is not None:
        raise found.error
    took = (clock.monotonic() - began) * 1000
    first = found.attempt.first_token_ms
    yield RunFinished(start.run_id, Status.ANSWERED, None, latency_ms=took, first_token_ms=first)


async def tried(
    one: Deployed[ChatModel], models: ModelSettings, clock: Clock, *, purse: Purse | None = None
) -> Tried:
    """Ask it."""
    await warmed(one.model)
    deadline = clock.monotonic() + models.total_timeout_s
    waiting = Waiting(0, clock, deadline, random.random)
    attempts = Attempts(one.model, models, clock, waiting=waiting, sleep=asyncio.sleep, purse=purse)
    request = ModelRequest(
        model=one.at.model,
        system="Answer with one word.",
        turns=(Turn("user", "Are you there?"),),
        max_output_tokens=min(_TOKENS, models.max_output_tokens),
        temperature=models.temperature,
    )
    said, failure = "", None
    told: ModelAttempt | None = None
    try:
        async with aclosing(attempts.stream(request)) as steps:
            async for step in steps:
                if isinstance(step, ModelAttempt):
                    told = step
                elif isinstance(step, ModelChunk):
                    said += step.text
    except ModelError as error:
        failure = error
    except asyncio.CancelledError:
        if told is not None:
            requested(told)
        raise
    told = told or ModelAttempt(one.at.model, "failed")
    return Tried(one.at.name, told, " ".join(said.split())[:_SHOWN], failure)
