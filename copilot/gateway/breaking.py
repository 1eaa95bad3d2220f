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
    """A model that isn't asked before ``until``."""

    failures: int
    until: datetime


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
        """Those that aren't asked now, by name. One that has rested is the caller's to try."""
        if not self._most:
            return {}
        try:
            return await asyncio.to_thread(self._resting, deployments)
        except StorageError as error:
            _log.warning(_NOT_KEPT, error.message)
            return {}

    def look(self, deployments: Sequence[Deployment]) -> dict[str, Rest]:
        """As ``resting``, for who asks none of them."""
        try:
            ill = self._store.health([_identity(one) for one in deployments])
        except StorageError as error:
            _log.warning(_NOT_KEPT, error.message)
            return {}
        now = self._clock.now()
        return {
            one.name: Rest(health.failures, health.failed_at + self._cooldown)
            for one in deployments
            if (health := ill.get(_identity(one))) is not None
            and 0 < self._most <= health.failures
            and health.failed_at <= now < health.failed_at + self._cooldown
        }

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

    def _resting(self, deployments: Sequence[Deployment]) -> dict[str, Rest]:
        ill = self._store.health([_identity(one) for one in deployments])
        found = {}
        for one in deployments:
            health = ill.get(_identity(one))
            if health is not None and (rest := self._rest(_identity(one), health)):
                found[one.name] = rest
        return found

    def _rest(self, model: str, health: Health) -> Rest | None:
        if health.failures < self._most:
            return None
        now = self._clock.now()
        if health.failed_at > now:  # the clock was put back
            return None
        until = health.failed_at + self._cooldown
        if until <= now and self._store.claim(model, failed_before=now - self._cooldown, at=now):
            return None
        return Rest(health.failures, max(until, now))


def _identity(deployment: Deployment) -> str:
    """A model that is moved, or given another key, begins anew."""
    return "\n".join((deployment.model, deployment.api_base, deployment.key))
