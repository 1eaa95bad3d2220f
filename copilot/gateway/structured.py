"""Calls a model for JSON: the first of a route that can answer; attempts, waits, time limits.

Invariant: every request that ended is passed on as its ``ModelAttempt``, a failed one too; one
that ran out of time is told of by the model, through the meter; no request follows once the
budget of tokens is spent.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from copilot.errors import BudgetError, ModelContextError, ModelError, ModelTimeoutError
from copilot.events import ModelAttempt, ModelChosen
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.gateway.budgeting import Budgets, thrifty
from copilot.gateway.routing import Deployed, Route
from copilot.gateway.waiting import Waiting
from copilot.handoff import StructuredModel
from copilot.ports import Clock

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

Asked = ModelAttempt | StructuredAnswer
Step = Asked | ModelChosen


@dataclass
class _Budget:
    """Tokens that a call may still cost, over all models and attempts."""

    left: int


class StructuredGateway:
    """StructuredModels that are asked again. ``sleep`` and ``jitter`` are passed in by tests."""

    def __init__(
        self,
        route: Route[StructuredModel],
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

    async def complete(self, request: StructuredRequest) -> AsyncGenerator[Step]:
        """A ``ModelChosen`` before a model's first request, attempts, then the answer.

        Raises the ModelError of the model that failed last, or ModelContextError if a shorter
        request may do, or BudgetError if one wasn't asked for what it may cost. The time limit
        covers all attempts and the waits between them; while others are left, a model has no more
        than its share of it, since nothing is heard of an answer before it is whole.
        """
        deadline = self._clock.monotonic() + self._settings.total_timeout_s
        budget = _Budget(request.token_budget)
        saving = await thrifty(self._budgets, self.route)
        order = await self.route.ready(thrifty=saving)
        telling: ModelContextError | BudgetError | None = None
        while True:
            now, *left = order.models
            yield ModelChosen(now.at.name, order.why, route=self.route.job)
            began = self._clock.monotonic()
            until = began + (deadline - began) / len(order.models)
            waiting = self._waiting(until, last=not left)
            try:
                to_it = replace(request, model=now.at.model)
                async with aclosing(self._ask(now, to_it, waiting, budget)) as steps:
                    async for step in steps:
                        yield step
            except ModelError as error:
                await self.route.went(now, error)
                if isinstance(error, ModelContextError | BudgetError):
                    telling = telling or error
                if self._clock.monotonic() >= deadline or budget.left <= 0:
                    raise telling or error from error
                order = await self.route.after(error, now, left)
                if not order.models:
                    raise telling or error from error
            else:
                await self.route.went(now)
                return

    def _waiting(self, deadline: float, *, last: bool) -> Waiting:
        return Waiting(self._settings.retries, self._clock, deadline, self._jitter, last=last)

    async def _ask(
        self,
        one: Deployed[StructuredModel],
        request: StructuredRequest,
        waiting: Waiting,
        budget: _Budget,
    ) -> AsyncGenerator[Asked]:
        """One model's attempts, then its answer."""
        attempt, loops = 0, self._budgets.loops if self._budgets is not None else None
        if loops is not None:
            loops.before(request)
        while True:
            attempt += 1
            within = replace(request, token_budget=max(0, budget.left))
            try:
                async with aclosing(self._in_time(one.model, within, waiting.deadline)) as steps:
                    async for step in steps:
                        if loops is not None and isinstance(step, ModelAttempt):
                            loops.cost(step)
                        if isinstance(step, ModelAttempt) and step.usage is not None:
                            budget.left -= step.usage.input_tokens + step.usage.output_tokens
                        yield step
            except ModelError as error:
                wait = waiting.before_next_s(error, attempt)
                if wait is None or budget.left <= 0:
                    raise
                await self._sleep(wait)
            else:
                return

    async def _in_time(
        self, model: StructuredModel, request: StructuredRequest, deadline: float
    ) -> AsyncGenerator[Asked]:
        began = self._clock.monotonic()
        stream = cast("AsyncGenerator[Asked]", model.complete(request))
        async with aclosing(stream):
            while (step := await self._next(stream, request, began, deadline)) is not None:
                yield step

    async def _next(
        self,
        stream: AsyncIterator[Asked],
        request: StructuredRequest,
        began: float,
        deadline: float,
    ) -> Asked | None:
        try:
            async with asyncio.timeout(deadline - self._clock.monotonic()):
                return await anext(stream, None)
        except TimeoutError:
            raise ModelTimeoutError(
                f"{request.model}: the answer took longer than {round(deadline - began, 1):g} s",
                hint="raise models.total_timeout_s",
            ) from None
