"""What brings records to ticket and CRM systems, put together: sinks, policy, outbox.

Invariant: building it calls nobody and makes no file; a sink is built when it is named, and its
key is looked up when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.config.deciding import policy_place
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.errors import ConfigError
from copilot.messages import Principal

if TYPE_CHECKING:
    from copilot.actions.handover import Handover
    from copilot.actions.policy import Matches, Policy
    from copilot.config.records import SinkSettings
    from copilot.handoff import DeskReader, Outbox, Sink
    from copilot.ports import AuditTrail, Clock, RunWriter

DESK = "desk"


@dataclass
class Delivery:
    """``key_for`` finds a stored key by its name; ``audit`` and ``writer`` are asked for once."""

    settings: Settings
    paths: Paths
    key_for: Callable[[str], str | None]
    audit: Callable[[], AuditTrail]
    writer: Callable[[], RunWriter]
    clock: Clock
    _sinks: dict[str, Sink] = field(default_factory=dict)

    @cached_property
    def outbox(self) -> Outbox:
        from copilot.adapters.outbox import build_outbox

        return build_outbox(self.paths.outbox)

    def sink(self, name: str) -> Sink:
        """The sink of that name. ConfigError."""
        if name not in self._sinks:
            from copilot.adapters.sinks import build_sink

            self._sinks[name] = build_sink(
                name, self.sink_settings(name), key_for=self.key_for, desk=self.paths.desk
            )
        return self._sinks[name]

    @cached_property
    def desk(self) -> DeskReader:
        """The local desk, to look at."""
        from copilot.adapters.sinks.desk import DeskBook

        return DeskBook(self.paths.desk)

    def sink_settings(self, name: str) -> SinkSettings | None:
        return self.settings.actions.sinks.get(name)

    @property
    def sink_names(self) -> tuple[str, ...]:
        return tuple(sorted({DESK, *self.settings.actions.sinks}))

    @property
    def policy_place(self) -> Path:
        """The file whose rules are in force."""
        return policy_place(self.settings, self.paths)

    def policy(self) -> Policy:
        """The rules as they are now. ConfigError for a file with a flaw, and nothing is written."""
        from copilot.actions.policy_file import load

        return load(self.policy_place, self.matches)

    @property
    def matches(self) -> Matches:
        """Looks for a rule's pattern in what a text says, and gives up after a while."""
        from copilot.adapters.schemas import matches_all

        return matches_all

    @property
    def principal(self) -> Principal:
        principal = self.settings.principal
        if not principal.name.strip():
            raise ConfigError("principal.name is empty: nobody could be held to a decision.")
        return Principal(principal.name, principal.groups)

    def handover(self, warn: Callable[[str], None]) -> Handover:
        """The use case; ``warn`` is told what is no failure."""
        from copilot.actions.handover import Handover

        return Handover(
            outbox=self.outbox,
            sink_for=self.sink,
            policy=self.policy,
            settings=self.settings.actions,
            principal=self.principal,
            audit=self.audit(),
            writer=self.writer(),
            clock=self.clock,
            warn=warn,
        )
