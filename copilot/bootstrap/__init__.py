"""The composition root: settings and paths become a Copilot, each part built on first use.

Invariant: building a Copilot imports nothing heavy and touches no file but the configuration;
only this package and ``operations`` name both a domain room and an adapter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from copilot.bootstrap.answering import AnsweringParts
from copilot.config.load import load
from copilot.config.paths import Paths
from copilot.config.schema import Settings

if TYPE_CHECKING:
    from copilot.delivery import Delivery
    from copilot.ledger.erasing import Records
    from copilot.outbound import Outbound


@dataclass
class Copilot(AnsweringParts):
    """Everything that a command may need; a part that isn't touched isn't imported."""

    @cached_property
    def records(self) -> Records:
        """Everything that holds a person's words."""
        from copilot.ledger.erasing import Records

        return Records(
            keeper=self.keeper,
            conversations=self.conversations,
            attachments=self.attachments,
            outbox=self.delivery.outbox,
            answers=self.kept_answers,
            budgets=self.budget_store,
            logs=self.paths.log,
            audit=self.audit_trail,
            clock=self.clock,
            owner=self.settings.principal.name,
        )

    @cached_property
    def outbound(self) -> Outbound:
        """Traces, metrics and alerts, on their way out."""
        from copilot.outbound import Outbound

        return Outbound(self.settings, self.paths, key_for=self.secrets.get)

    @cached_property
    def delivery(self) -> Delivery:
        """Records, on their way to ticket and CRM systems."""
        from copilot.delivery import Delivery

        return Delivery(
            self.settings,
            self.paths,
            key_for=self.secrets.get,
            audit=lambda: self.audit_trail,
            writer=lambda: self.run_writer,
            clock=self.clock,
        )


def build(overrides: Mapping[str, object] | None = None) -> Copilot:
    """Read the configuration and stand ready. Raises ConfigError."""
    paths = Paths.from_environment(os.environ)
    loaded = load(paths, os.environ, overrides=overrides or {})
    return Copilot(
        settings=loaded.settings,
        paths=paths,
        warnings=loaded.warnings,
        pinned=loaded.release,
        by_files=None if _of_one_call(loaded.provenance) else loaded.settings,
    )


def _of_one_call(provenance: Mapping[str, str]) -> bool:
    """Whether the environment or the command line decides what an answer says."""
    from copilot.config.deciding import decides

    return any(
        part.startswith(("environment ", "command line"))
        for key, origin in provenance.items()
        if decides(key)
        for part in origin.split(", ")
    )


def build_anyway(paths: Paths) -> Copilot:
    """With the defaults where the configuration doesn't load: for commands that mend it."""
    from copilot.config.load import inspect

    found = inspect(paths, os.environ)
    return Copilot(settings=found.settings or Settings(), paths=paths, pinned=found.release)
