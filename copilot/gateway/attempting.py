"""Asks one model: attempts, waits, time limits.

Invariant: every request that ended is reported as one ``ModelAttempt``, a failed or cancelled one
too, with what the provider will have charged for it: in the stream, or, where nobody reads it any
more, to the meter; after the first token nothing is tried again, and an answer that broke off
raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from copilot.errors import ModelError, ModelStreamError, ModelTimeoutError, StoppedError
from copilot.events import ModelAttempt
from copilot.gateway.waiting import Waiting
from copilot.messages import ModelChunk, ModelRequest, Usage
from copilot.metering import requested
from copilot.ports import ChatModel, Clock
from copilot.spending import Bill, Purse

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings


class Attempts:
    """The requests that one call makes of one model. ``started``: it has begun to answer."""

    def __init__(
        self,
        model: ChatModel,
        settings: ModelSettings,
        clock: Clock,
        *,
        waiting: Waiting,
        sleep: Callable[[float], Awaitable[object]],
        purse: Purse | None = None,
    ) -> None:
        self._model = model
        self._settings = settings
        self._clock = clock
        self._waiting = waiting
        self._sleep = sleep
        self._purse = purse
        self.started = False

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelAttempt | ModelChunk]:
        """Chunks, and one ``ModelAttempt`` after each request. Raises the last one's ModelError.

        BudgetError, which is one too, for a request that isn't made for what it may cost.
        """
        attempt = 0
        while True:
            attempt += 1
            bill = Bill(self._purse, within_s=self._settings.total_timeout_s)
            await bill.hold(lambda: self._model.most(request))
            deadline = self._waiting.deadline
            call = _Call(self._model, request, self._settings, self._clock, deadline, bill)
            try:
                async with aclosing(call.run()) as chunks:
                    async for chunk in chunks:
                        self.started = self.started or call.started
                        yield chunk
            except asyncio.CancelledError:
                # Passed on once the request is reported: what was read and written is paid for.
                yield await call.report(StoppedError("interrupted"))
                raise
            except GeneratorExit:
                requested(await call.report(StoppedError("interrupted")))
                raise
            except ModelError as error:
                yield await call.report(error)
                wait = None if call.started else self._waiting.before_next_s(error, attempt)
                if wait is None:
                    raise
                await self._sleep(wait)
            else:
                yield await call.report(None)
                return


class _Call:
    """One request: its chunks under the time limits, and its report."""

    def __init__(
        self,
        model: ChatModel,
        request: ModelRequest,
        settings: ModelSettings,
        clock: Clock,
        deadline: float,
        bill: Bill,
    ) -> None:
        self._model = model
        self._request = request
        self._settings = settings
        self._clock = clock
        self._deadline = deadline
        self._bill = bill
        self._began = clock.monotonic()
        self._first_token_ms: float | None = None
        self._usage: Usage | None = None
        self._accepted = False
        self._wrote: list[str] = []

    @property
    def started(self) -> bool:
        """Whether a token of the answer has been passed on."""
        return self._first_token_ms is not None

    async def run(self) -> AsyncGenerator[ModelChunk]:
        stream = cast("AsyncGenerator[ModelChunk]", self._model.stream(self._request))
        finished = False
        async with aclosing(stream):
            while (chunk := await self._next(stream)) is not None:
                self._accepted = True
                if chunk.text and not self.started:
                    self._first_token_ms = self._elapsed_ms()
                self._wrote.append(chunk.text)
                self._usage = chunk.usage or self._usage
                finished = finished or bool(chunk.finish_reason)
                if chunk.text or finished:
                    yield chunk
        if not finished:
            raise ModelStreamError(f"{self._request.model}: the answer ended without its end mark")

    async def _next(self, stream: AsyncIterator[ModelChunk]) -> ModelChunk | None:
        left = self._deadline - self._clock.monotonic()
        try:
            async with asyncio.timeout(min(left, self._settings.first_token_timeout_s)):
                return await anext(stream, None)
        except TimeoutError:
            raise self._timed_out() from None

    def _timed_out(self) -> ModelError:
        model = self._request.model
        if self._clock.monotonic() >= self._deadline:
            limit = self._settings.total_timeout_s
            return ModelTimeoutError(
                f"{model}: the answer took longer than {limit:g} s",
                hint="raise models.total_timeout_s",
            )
        limit = self._settings.first_token_timeout_s
        what = "the answer stalled for" if self.started else "no first token within"
        error = ModelStreamError if self.started else ModelTimeoutError
        return error(f"{model}: {what} {limit:g} s", hint="raise models.first_token_timeout_s")

    async def report(self, error: ModelError | StoppedError | None) -> ModelAttempt:
        latency_ms = self._elapsed_ms()
        if self._usage is None and self._accepted:
            self._usage = await asyncio.to_thread(
                self._model.estimate, self._request, "".join(self._wrote)
            )
        await self._bill.settle(self._usage)
        return ModelAttempt(
            model=self._request.model,
            outcome="ok" if error is None else "failed",
            error="" if error is None else f"{type(error).__name__}: {error.message}",
            usage=self._usage,
            first_token_ms=self._first_token_ms,
            latency_ms=latency_ms,
        )

    def _elapsed_ms(self) -> float:
        return (self._clock.monotonic() - self._began) * 1000
