"""Calls a model for JSON: attempts, waits, time limits.

Invariant: every request that ended is passed on as its ``ModelAttempt``, a failed one too; one
that ran out of time is told of by the model, through the meter; no request follows once the
budget of tokens is spent.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from copilot.errors import ModelError, ModelTimeoutError
from copilot.events import ModelAttempt
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.gateway.waiting import Waiting
from copilot.handoff import StructuredModel
from copilot.ports import Clock

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

Step = ModelAttempt | StructuredAnswer


class StructuredGateway:
    """A StructuredModel that is asked again. ``sleep`` and ``jitter`` are passed in by tests."""

    def __init__(
        self,
        model: StructuredModel,
        settings: ModelSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def warm(self) -> None:
        """Begin what the first call would wait for, when the model has such a thing."""
        warm = getattr(self._model, "warm", None)
        if warm is not None:
            warm()

    async def complete(self, request: StructuredRequest) -> AsyncGenerator[Step]:
        """Attempts, then the answer. Raises the last attempt's ModelError.

        The time limit covers all attempts and the waits between them.
        """
        deadline = self._clock.monotonic() + self._settings.total_timeout_s
        waiting = Waiting(self._settings.retries, self._clock, deadline, self._jitter)
        spent, attempt = 0, 0
        while True:
            attempt += 1
            left = replace(request, token_budget=max(0, request.token_budget - spent))
            try:
                async with aclosing(self._in_time(left, deadline)) as steps:
                    async for step in steps:
                        if isinstance(step, ModelAttempt) and step.usage is not None:
                            spent += step.usage.input_tokens + step.usage.output_tokens
                        yield step
            except ModelError as error:
                wait = waiting.before_next_s(error, attempt)
                if wait is None or spent >= request.token_budget:
                    raise
                await self._sleep(wait)
            else:
                return

    async def _in_time(self, request: StructuredRequest, deadline: float) -> AsyncGenerator[Step]:
        stream = cast("AsyncGenerator[Step]", self._model.complete(request))
        async with aclosing(stream):
            while (step := await self._next(stream, request, deadline)) is not None:
                yield step

    async def _next(
        self, stream: AsyncIterator[Step], request: StructuredRequest, deadline: float
    ) -> Step | None:
        try:
            async with asyncio.timeout(deadline - self._clock.monotonic()):
                return await anext(stream, None)
        except TimeoutError:
            limit = self._settings.total_timeout_s
            raise ModelTimeoutError(
                f"{request.model}: the answer took longer than {limit:g} s",
                hint="raise models.total_timeout_s",
            ) from None
