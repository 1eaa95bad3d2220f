"""What every part of a Copilot is built from: settings, paths, clock, keys.

Invariant: nothing here reads a file before it is asked for a key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from copilot.adapters.system import SystemClock
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.errors import ModelAuthError, UsageError
from copilot.messages import Principal, SearchFilter

if TYPE_CHECKING:
    from copilot.adapters.secrets.chain import SecretChain
    from copilot.gateway.budgeting import Budgets
    from copilot.prompting import Prompt
    from copilot.spending import BudgetStore


@dataclass
class Foundation:
    """``given_prompts`` stand before those that are found in files.

    ``pinned``: the id of the release that is active. ``by_files``: the settings as files, or that
    release, have them; others are one call's own.
    """

    settings: Settings
    paths: Paths
    warnings: tuple[str, ...] = ()
    clock: SystemClock = field(default_factory=SystemClock)
    given_prompts: tuple[Prompt, ...] = ()
    pinned: str = ""
    by_files: Settings | None = None

    @property
    def where(self) -> SearchFilter:
        """What the configured principal may see."""
        principal = self.settings.principal
        return SearchFilter(principal=Principal(name=principal.name, groups=principal.groups))

    @cached_property
    def secrets(self) -> SecretChain:
        from copilot.adapters.secrets import build_secrets

        return build_secrets(self.paths.keys_file, os.environ)

    @cached_property
    def budgets(self) -> Budgets:
        """What calls to models may cost, and what they have."""
        from copilot.gateway.budgeting import Budgets

        return Budgets(
            self.settings.budgets,
            lambda: self.budget_store,
            self.clock,
            principal=self.settings.principal.name,
        )

    @property
    def budget_store(self) -> BudgetStore:
        """A new one: what was spent of budgets."""
        from copilot.adapters.spend import build_budgets

        return build_budgets(self.paths.budgets_file)

    def model_key(self, name: str) -> str | None:
        """A provider's key. A store that can't be opened is a model's failure: answers degrade."""
        try:
            return self.secrets.get(name)
        except UsageError as error:
            raise ModelAuthError(error.message, hint=error.hint) from error
