"""Lets a model rest that failed several times in a row, and one call find out how it is.

Invariant: what the store can't tell or keep never stops a call; a refusal, a wrong key or a text
that is too long says nothing about a model's health.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.errors import (
    ModelError,
    ModelRateLimitError,
    ModelStreamError,
    ModelTimeoutError,
    ModelUnavailableError,
    StorageError,
)
from copilot.gateway.deployments import Deployment
from copilot.ports import Clock
from copilot.upstream import Health, HealthStore

_ILL = (ModelUnavailableError, ModelTimeoutError, ModelStreamError, ModelRateLimitError)
_NOT_KEPT = "the health of models is not kept: %s"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rest:
    """A model that isn't asked before ``until``; ``over``: that is past, and one may try it."""

    failures: int
    until: datetime
    over: bool = False


class Breaker:
    """One for all models. ``failures`` in a row make a model rest for ``cooldown_s``."""

    def __init__(
        self, store: HealthStore, clock: Clock, *, failures: int, cooldown_s: float
    ) -> None:
        self._store = store
        self._clock = clock
        self._most = failures
        self._cooldown = timedelta(seconds=cooldown_s)

    async def resting(self, deployments: Sequence[Deployment]) -> dict[str, Rest]:
        """Those that rest, by name, and those that have rested, for who claims them."""
        return await asyncio.to_thread(self._ill, deployments) if self._most else {}

    def look(self, deployments: Sequence[Deployment]) -> dict[str, Rest]:
        """Those that rest, for who asks none of them."""
        ill = self._ill(deployments) if self._most else {}
        return {name: rest for name, rest in ill.items() if not rest.over}

    async def claim(self, deployment: Deployment) -> bool:
        """Whether it may be asked now; of one that has rested, by one caller alone."""
        rest = (await self.resting([deployment])).get(deployment.name)
        if rest is None or not rest.over:
            return rest is None
        now = self._clock.now()
        try:
            return await asyncio.to_thread(
                self._store.claim,
                _identity(deployment),
                failed_before=now - self._cooldown,
                at=now,
            )
        except StorageError as error:
            _log.warning(_NOT_KEPT, error.message)
            return True

    async def saw(self, deployment: Deployment, error: ModelError | None) -> None:
        """A call ended, well or with this error."""
        if not self._most or not (error is None or isinstance(error, _ILL)):
            return
        try:
            await asyncio.to_thread(self._saw, _identity(deployment), error is None)
        except StorageError as failure:
            _log.warning(_NOT_KEPT, failure.message)

    def _saw(self, model: str, well: bool) -> None:
        if well:
            self._store.succeeded(model)
        else:
            self._store.failed(model, self._clock.now())

    def _ill(self, deployments: Sequence[Deployment]) -> dict[str, Rest]:
        try:
            known = self._store.health([_identity(one) for one in deployments])
        except StorageError as error:
            _log.warning(_NOT_KEPT, error.message)
            return {}
        found = {one.name: known.get(_identity(one)) for one in deployments}
        now = self._clock.now()
        return {
            name: self._rest(health, now)
            for name, health in found.items()
            if health is not None
            and health.failures >= self._most
            and health.failed_at <= now  # else the clock was put back
        }

    def _rest(self, health: Health, now: datetime) -> Rest:
        until = health.failed_at + self._cooldown
        return Rest(health.failures, max(until, now), over=until <= now)


def _identity(deployment: Deployment) -> str:
    """A model that is moved, or given another key, begins anew."""
    return "\n".join((deployment.model, deployment.api_base, deployment.key))
