"""Calls a chat model: the first of a route that can answer.

Invariant: once a token of an answer was passed on no other model is asked in the same call; who
is asked and why stands in the stream before the request is made.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot.errors import BudgetError, ModelContextError, ModelError
from copilot.events import ModelAttempt, ModelChosen
from copilot.gateway.attempting import Attempts
from copilot.gateway.budgeting import Budgets, thrifty
from copilot.gateway.routing import Deployed, Route
from copilot.gateway.tiers import Features
from copilot.gateway.waiting import Waiting
from copilot.messages import ModelChunk, ModelRequest
from copilot.ports import ChatModel, Clock

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

Step = ModelAttempt | ModelChunk | ModelChosen


class Gateway:
    """The one way to a chat model. ``sleep`` and ``jitter`` are passed in by tests."""

    def __init__(
        self,
        route: Route[ChatModel],
        settings: ModelSettings,
        clock: Clock,
        *,
        budgets: Budgets | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.route = route
        self._settings = settings
        self._clock = clock
        self._budgets = budgets
        self._sleep = sleep
        self._jitter = jitter

    async def stream(
        self,
        request: ModelRequest,
        *,
        asked: Collection[str] = (),
        first: str = "",
        features: Features | None = None,
    ) -> AsyncGenerator[Step]:
        """A ``ModelChosen`` before a model's first request, chunks of its answer, and one
        ``ModelAttempt`` after each request that ended.

        The route's models are asked as ``Route.ready`` orders them, by ``features`` of what is
        asked. Raises the ModelError of the one that failed last, or ModelContextError if a shorter
        request may do, or BudgetError if one of them wasn't asked for what it may cost.
        A stream that is closed amid a request tells of it through ``metering``. The time limit
        covers all attempts and the waits between them.
        """
        deadline = self._clock.monotonic() + self._settings.total_timeout_s
        saving = await thrifty(self._budgets, self.route)
        order = await self.route.ready(asked, first=first, thrifty=saving, features=features)
        telling: ModelContextError | BudgetError | None = None
        while True:
            now, *left = order.models
            yield ModelChosen(now.at.name, order.why, route=self.route.job)
            attempts = self._attempts(now, deadline, last=not left)
            try:
                to_it = replace(request, model=now.at.model)
                async with aclosing(self._guarded(attempts, to_it)) as steps:
                    async for step in steps:
                        yield step
            except ModelError as error:
                await self.route.went(now, error)
                if attempts.started:
                    raise
                if isinstance(error, ModelContextError | BudgetError):
                    telling = telling or error
                if self._clock.monotonic() >= deadline:
                    raise telling or error from error
                order = await self.route.after(error, now, left)
                if not order.models:
                    raise telling or error from error
            else:
                await self.route.went(now)
                return

    async def _guarded(
        self, attempts: Attempts, request: ModelRequest
    ) -> AsyncGenerator[ModelAttempt | ModelChunk]:
        """The attempts, counted for their run. Raises BudgetError where that asks too often."""
        loops, said = self._budgets.loops if self._budgets is not None else None, ""
        if loops is not None:
            loops.before(request)
        async with aclosing(attempts.stream(request)) as steps:
            async for step in steps:
                if loops is not None and isinstance(step, ModelAttempt):
                    loops.cost(step)
                elif isinstance(step, ModelChunk):
                    said += step.text
                yield step
        if loops is not None:
            loops.answered(said)

    def _attempts(self, one: Deployed[ChatModel], deadline: float, *, last: bool) -> Attempts:
        waiting = Waiting(self._settings.retries, self._clock, deadline, self._jitter, last=last)
        return Attempts(
            one.model,
            self._settings,
            self._clock,
            waiting=waiting,
            sleep=self._sleep,
            purse=self._budgets,
        )
