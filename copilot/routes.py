"""Chat models by job: which are configured, what speaks to them, and how they are.

Invariant: one breaker for all jobs, so that a model that failed at one rests for the others too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.gateway.deployments import BESIDE, Deployment, deployment, route, tiers
from copilot.gateway.switching import refuse_if_off
from copilot.ports import Clock

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings
    from copilot.config.schema import Settings
    from copilot.flags import Flags
    from copilot.gateway import Breaker, Gateway, StructuredGateway
    from copilot.gateway.budgeting import Budgets
    from copilot.gateway.trying import Tried
    from copilot.handoff import StructuredModel
    from copilot.ports import ChatModel


class ModelRoutes:
    """What is called for a job; None where no model is configured for it."""

    def __init__(
        self,
        settings: Settings,
        file: Path,
        *,
        key_for: Callable[[str], str | None],
        clock: Clock,
        flags: Flags | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        self._flags = flags
        self._settings = settings
        self._file = file
        self._key_for = key_for
        self._clock = clock
        self._budgets = budgets

    def deployments(self, job: str) -> tuple[Deployment, ...]:
        """In the order in which they are asked. Raises ConfigError."""
        return route(self._settings, job)

    def chat(self, job: str) -> Gateway | None:
        """For text. Raises ConfigError."""
        from copilot.gateway import Deployed, Gateway, Route

        models = self._within(job)
        found: list[Deployed[ChatModel]] = [
            Deployed(one, self._chat_model(one, models)) for one in self.deployments(job)
        ]
        if not found:
            return None
        chosen = Route(
            job, found, self.breaker, tiers=tiers(self._settings, job), flags=self._flags
        )
        return Gateway(chosen, models, self._clock, budgets=self._budgets)

    def _within(self, job: str) -> ModelSettings:
        """The settings of its calls: what is asked beside an answer has little time."""
        models = self._settings.models
        given = models.routes.get("answer" if job == "router" else job)
        if job not in BESIDE or given is None:
            return models
        limit = given.timeout_s
        limits = {"total_timeout_s": limit, "first_token_timeout_s": limit, "retries": 0}
        connect = min(models.connect_timeout_s, limit)
        return models.model_copy(update={**limits, "connect_timeout_s": connect})

    def structured(self, job: str) -> StructuredGateway | None:
        """For JSON. Raises ConfigError."""
        from copilot.adapters.models import build_structured_model
        from copilot.gateway import Deployed, Route, StructuredGateway

        models = self._settings.models
        found: list[Deployed[StructuredModel]] = [
            Deployed(
                one,
                build_structured_model(
                    one.settings(models),
                    key_for=self._key_for,
                    context_tokens=one.context_tokens,
                    purse=self._budgets,
                ),
            )
            for one in self.deployments(job)
        ]
        if not found:
            return None
        chosen = Route(
            job, found, self.breaker, tiers=tiers(self._settings, job), flags=self._flags
        )
        return StructuredGateway(chosen, models, self._clock, budgets=self._budgets)

    async def tried(self, name: str) -> Tried:
        """Ask the model of this name for one word. How that goes counts for its rest.

        Raises ConfigError for what can't be a name, and ModelOffError.
        """
        if self._flags is not None:
            refuse_if_off(self._flags)
        from copilot.gateway import Deployed
        from copilot.gateway.trying import tried

        models, one = self._settings.models, deployment(self._settings, name)
        chat = self._chat_model(one, models)
        found = await tried(Deployed(one, chat), models, self._clock, purse=self._budgets)
        await self.breaker.saw(one, found.error)
        return found

    def _chat_model(self, one: Deployment, models: ModelSettings) -> ChatModel:
        from copilot.adapters.models import build_chat_model

        return build_chat_model(
            one.settings(models),
            key_for=self._key_for,
            context_tokens=one.context_tokens,
        )

    @cached_property
    def breaker(self) -> Breaker:
        from copilot.adapters.upstream import build_health
        from copilot.gateway import Breaker

        models = self._settings.models
        return Breaker(
            build_health(self._file),
            self._clock,
            failures=models.breaker_failures,
            cooldown_s=models.breaker_cooldown_s,
        )
