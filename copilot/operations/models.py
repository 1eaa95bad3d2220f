"""The configured chat models, and what is known of each.

Invariant: nobody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from copilot.bootstrap import Copilot
from copilot.config.models import JOBS
from copilot.errors import CopilotError, NotFoundError
from copilot.upstream import ModelFacts


@dataclass(frozen=True, slots=True)
class Listed:
    """One model for one job; ``place`` counts from 1, in the order in which they are asked.

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


def listed(copilot: Copilot) -> list[Listed]:
    """Every model of every job. Raises ConfigError."""
    from copilot.adapters.models.catalogue import facts
    from copilot.adapters.models.requests import key_of

    found = []
    for job in JOBS:
        deployments = copilot.routes.deployments(job)
        resting = copilot.routes.breaker.look(deployments)
        for place, one in enumerate(deployments, 1):
            key, problem = key_of(one.model, one.key), ""
            try:
                key_in = (copilot.secrets.where(key) or "") if key else ""
            except CopilotError as error:
                key_in, problem = "", error.message
            known = facts(one.model, one.api_base, copilot.settings.models.prices)
            window = one.context_tokens or known.context_tokens
            rest = resting.get(one.name)
            found.append(
                Listed(
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
            )
    return found


def named(copilot: Copilot, wanted: list[str]) -> list[str]:
    """The names that are wanted, or all that are configured. Raises NotFoundError."""
    configured = [one.name for job in JOBS for one in copilot.routes.deployments(job)]
    names = list(dict.fromkeys([*configured, *copilot.settings.models.at]))
    for name in wanted:
        if name not in names:
            known = ", ".join(names) or "none"
            raise NotFoundError(
                f"there is no model {name!r} in the configuration", hint=f"configured: {known}"
            )
    return wanted or names
