"""The configured chat models, and what is known of each.

Invariant: nobody is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.bootstrap import Copilot
from copilot.config.models import JOBS
from copilot.errors import CopilotError, NotFoundError, StorageError
from copilot.figures import ModelTime
from copilot.gateway.deployments import Deployment
from copilot.upstream import ModelFacts

# What is asked of models, a router's word beside the jobs.
_ASKED = (*JOBS, "router")


@dataclass(frozen=True, slots=True)
class Listed:
    """One model for one job; ``place`` counts from 1, in the order in which they are asked.

    ``tier``: what it is for, ``cheap`` or ``strong``, where the job's route has tiers. ``took``:
    how long its latest request that went well took, if one was recorded.
    ``key`` is the name of its key, empty where it needs none, and ``key_in`` the store that has
    it, empty if none has.
    ``rests_until``: it isn't asked before. ``problem``: why less is known of it.
    """

    job: str
    place: int
    name: str
    model: str
    api_base: str
    key: str
    key_in: str
    facts: ModelFacts
    rests_until: datetime | None = None
    problem: str = ""
    tier: str = ""
    took: ModelTime | None = None


def listed(copilot: Copilot) -> list[Listed]:
    """Every model of every job. Raises ConfigError."""
    times = _times(copilot)
    return [
        replace(_one(copilot, job, place, one), tier=tier, took=times.get(one.model))
        for job in _ASKED
        for place, (one, tier) in enumerate(_in_tiers(copilot, job), 1)
    ]


def _in_tiers(copilot: Copilot, job: str) -> list[tuple[Deployment, str]]:
    """A job's models with their tiers: the cheap ones, the strong ones, then who steps in."""
    from copilot.gateway.deployments import tiers

    found = tiers(copilot.settings, job)
    if found is None:
        return [(one, "") for one in copilot.routes.deployments(job)]
    at = {one.name: one for one in copilot.routes.deployments(job)}
    ranked = [(name, "cheap") for name in found.cheap] + [(name, "strong") for name in found.strong]
    named = dict(ranked)
    return [(at[name], named.get(name, "")) for name in dict.fromkeys([*named, *at])]


def _one(copilot: Copilot, job: str, place: int, one: Deployment) -> Listed:
    from copilot.adapters.models.catalogue import facts
    from copilot.adapters.models.requests import key_of

    key, problem = key_of(one.model, one.key), ""
    try:
        key_in = (copilot.secrets.where(key) or "") if key else ""
    except CopilotError as error:
        key_in, problem = "", error.message
    known = facts(one.model, one.api_base, one.settings(copilot.settings.models).prices)
    window = one.context_tokens or known.context_tokens
    rest = copilot.routes.breaker.look([one]).get(one.name)
    return Listed(
        job,
        place,
        one.name,
        one.model,
        one.api_base,
        key,
        key_in,
        ModelFacts(window, known.input_usd, known.output_usd),
        rest.until if rest else None,
        problem,
    )


def _times(copilot: Copilot) -> Mapping[str, ModelTime]:
    """How long each model took last; nothing where that isn't recorded, or can't be read now."""
    if not copilot.settings.ledger.enabled or not copilot.paths.ledger.exists():
        return {}
    try:
        return copilot.run_reader.model_times()
    except StorageError:
        return {}


def named(copilot: Copilot, wanted: list[str]) -> list[str]:
    """The names that are wanted, or all that are configured. Raises NotFoundError."""
    configured = [one.name for job in _ASKED for one in copilot.routes.deployments(job)]
    names = list(dict.fromkeys([*configured, *copilot.settings.models.at]))
    for name in wanted:
        if name not in names:
            known = ", ".join(names) or "none"
            raise NotFoundError(
                f"there is no model {name!r} in the configuration", hint=f"configured: {known}"
            )
    return wanted or names
