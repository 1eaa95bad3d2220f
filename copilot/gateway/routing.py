"""The models of a job, in the order in which they are asked, and who steps in for whom.

Invariant: a text that was too long for one model goes to none that is known to read no more; a
model that rests isn't asked, and when all of them rest nobody is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from copilot.errors import ModelContextError, ModelError, ModelUnavailableError
from copilot.flags import Flags
from copilot.gateway.breaking import Breaker, Rest
from copilot.gateway.deployments import Deployment
from copilot.gateway.switching import refuse_if_off
from copilot.gateway.tiers import Choice, Features, Tiers

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Deployed(Generic[Model]):
    """A deployment and what speaks to it."""

    at: Deployment
    model: Model


@dataclass(frozen=True, slots=True)
class Order(Generic[Model]):
    """Whom to ask now, best first, and why the first of them."""

    models: tuple[Deployed[Model], ...]
    why: str


class Route(Generic[Model]):
    """``models`` for the job ``job``; at least one. ``tiers``: which are for what is hard.

    ``flags`` may say at any call that nobody is asked.
    """

    def __init__(
        self,
        job: str,
        models: Sequence[Deployed[Model]],
        breaker: Breaker,
        *,
        tiers: Tiers | None = None,
        flags: Flags | None = None,
    ) -> None:
        self.job = job
        self._flags = flags
        self.models = tuple(models)
        self.tiers = tiers
        self._breaker = breaker

    def warm(self) -> None:
        """Begin what the first call would wait for, when the model has such a thing."""
        warm = getattr(self.models[0].model, "warm", None)
        if warm is not None:
            warm()

    async def warmed(self) -> None:
        """Wait for that, so that its time isn't taken for the model's."""
        await warmed(self.models[0].model)

    def others(self, asked: Collection[str]) -> int:
        """How many models aren't among these."""
        return sum(one.at.name not in asked for one in self.models)

    def stronger(self, asked: Collection[str]) -> bool:
        """Whether only cheap models were asked, and a strong one is left."""
        tiers = self.tiers
        if tiers is None or not asked:
            return False
        return all(name in tiers.cheap for name in asked)

    async def ready(
        self,
        asked: Collection[str] = (),
        *,
        first: str = "",
        thrifty: bool = False,
        features: Features | None = None,
    ) -> Order[Model]:
        """Whom to ask: ``first`` if it may be, those ``asked`` already last.

        Of a route with tiers, the tier that ``features`` speak for comes before the other, and
        with ``thrifty`` the cheap one. Raises ModelUnavailableError when all of them rest, and
        ModelOffError when they are switched off.

        Each call of it must end in ``went`` for a model that was asked.
        """
        if self._flags is not None:
            await asyncio.to_thread(refuse_if_off, self._flags, self.job)
        choice = self.tiers.choose(features, thrifty=thrifty) if self.tiers else None
        ill = await self._breaker.resting([one.at for one in self.models])
        resting = {name: rest for name, rest in ill.items() if not rest.over}
        wanted = self._wanted(asked, first, choice)
        order = [one for one in wanted if one.at.name not in resting]
        if self.tiers is not None and features is not None and features.unsupported:
            cheap = {*self.tiers.cheap, features.unsupported}.intersection(asked)
            order = [one for one in order if one.at.name not in cheap]  # the same once more
        while order and order[0].at.name in ill and not await self._breaker.claim(order[0].at):
            at = order.pop(0).at  # somebody else tries it now
            resting[at.name] = ill[at.name]
        if not order:
            raise _all_rest(resting)
        if wanted[0].at.name in resting:
            rest, name = resting[wanted[0].at.name], wanted[0].at.name
            return Order(tuple(order), f"{name} rests after {rest.failures} failed calls")
        if choice is not None and features is not None and features.unsupported:
            return Order(tuple(order), choice.reason)
        return Order(tuple(order), self._why(order[0].at.name, asked, first, choice))

    def _wanted(
        self, asked: Collection[str], first: str, choice: Choice | None
    ) -> list[Deployed[Model]]:
        """All of them, in the order in which they are asked when none of them rests."""
        tiers = self.tiers
        rank = dict.fromkeys((one.at.name for one in self.models), 0)
        if tiers is not None and choice is not None:
            rank = {name: tiers.rank(name, choice) for name in rank}
        return sorted(
            self.models,
            key=lambda one: (one.at.name != first, one.at.name in asked, rank[one.at.name]),
        )

    async def went(self, one: Deployed[Model], error: ModelError | None = None) -> None:
        """How the call to it ended."""
        await self._breaker.saw(one.at, error)

    async def after(
        self, error: ModelError, failed: Deployed[Model], left: Sequence[Deployed[Model]]
    ) -> Order[Model]:
        """Of those that are left, who may step in for one that failed. The first is claimed."""
        models = [one for one in left if _may_step_in(error, failed.at, one.at)]
        while models and not await self._breaker.claim(models[0].at):
            models.pop(0)
        return Order(tuple(models), f"{failed.at.name} failed: {error.message}")

    def _why(self, model: str, asked: Collection[str], first: str, choice: Choice | None) -> str:
        if model == first:
            return "it wrote the answer"
        if asked and model not in asked:
            return f"goes on for {', '.join(asked)}"
        if choice is not None:
            return choice.reason
        return "the first of its route" if len(self.models) > 1 else "configured"


async def warmed(model: object) -> None:
    """Wait for what the first call of a model would wait for, such as an import."""
    warm = getattr(model, "warm", None)
    if warm is not None:
        await asyncio.to_thread(warm().join)


def _may_step_in(error: ModelError, failed: Deployment, other: Deployment) -> bool:
    if isinstance(error, ModelContextError) and failed.context_tokens and other.context_tokens:
        return other.context_tokens > failed.context_tokens
    return True


def _all_rest(resting: dict[str, Rest]) -> ModelUnavailableError:
    first = min(resting, key=lambda name: resting[name].until)
    rest = resting[first]
    until = f"{rest.until.astimezone():%H:%M:%S}"
    return ModelUnavailableError(
        f"{first} rests until {until} after {rest.failures} failed calls",
        hint="wait until then, or see models.breaker_failures",
    )
