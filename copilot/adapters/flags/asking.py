"""Asks for flags through an OpenFeature client, and records what decides a run.

Invariant: a flag of which the file says nothing isn't recorded; another is once a run. Where
there is no file OpenFeature isn't imported.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from copilot.adapters.flags.disk import FlagsOnDisk
from copilot.errors import InternalError
from copilot.flags import Asker, Decision, Experiment, FlagFile
from copilot.flags.deciding import decide, takes_part
from copilot.flags.values import CONTROL, SWITCHES
from copilot.noting import note, running
from copilot.records import FlagEvaluated

if TYPE_CHECKING:
    from openfeature.client import OpenFeatureClient

_REMEMBERED = 1_000
_registering = threading.Lock()


class FileFlags:
    """As ``flags.Flags``."""

    def __init__(self, disk: FlagsOnDisk, asker: Asker) -> None:
        self._disk = disk
        self._asker = asker
        self._noted: deque[tuple[str, str, str]] = deque(maxlen=_REMEMBERED)

    def on(self, name: str) -> bool:
        decision = self.switch(name)
        run = running()
        if decision.reason != "default" and run is not None:
            once = (run.run_id, name, decision.variant)
            if once not in self._noted:
                self._noted.append(once)
                note(FlagEvaluated(name, decision.variant, decision.reason, self._asker.principal))
        return decision.on

    def switch(self, name: str, asker: Asker | None = None) -> Decision:
        if name not in SWITCHES:
            raise InternalError(f"{name} is no flag")
        file = self._disk.now()
        asker = asker or self._now()
        if name not in file.switches:
            return decide(file.switch(name), asker)
        from copilot.adapters.flags.provider import context_of, decision_of

        told = _client(self._disk).get_boolean_details(name, True, context_of(asker))
        variant = told.variant or ("on" if told.value else "off")
        return decision_of(name, variant, str(told.reason), told.flag_metadata)

    def trials(self, asker: Asker) -> Sequence[tuple[Experiment, Decision]]:
        file = self._disk.now()
        job = "extract" if asker.kind == "extract" else "ask"
        running_ones = [
            one for one in file.experiments.values() if one.state == "running" and one.job == job
        ]
        if not running_ones or not self.on("experiments"):
            return ()
        found = ((one, self.variant(one, asker)) for one in running_ones)
        # The file may have been written since: a variant that isn't this experiment's is none.
        return tuple(
            (one, decision)
            for one, decision in found
            if takes_part(decision) and decision.variant in {each.name for each in one.variants}
        )

    def variant(self, experiment: Experiment, asker: Asker) -> Decision:
        """The variant of an experiment for ``asker``, whether they take part in it or not."""
        if not self.switch("experiments", asker).on:
            return Decision(experiment.name, CONTROL, "disabled", "the switch experiments is off")
        from copilot.adapters.flags.provider import context_of, decision_of

        name = experiment.name
        told = _client(self._disk).get_string_details(name, CONTROL, context_of(asker))
        return decision_of(name, str(told.value), str(told.reason), told.flag_metadata)

    def file(self) -> FlagFile:
        return self._disk.now()

    def _now(self) -> Asker:
        run = running()
        if run is None:
            return self._asker
        return replace(self._asker, kind=run.kind, conversation=run.conversation)


@cache
def _client(disk: FlagsOnDisk) -> OpenFeatureClient:
    """Bound to the provider of this file, under the file's name."""
    from openfeature import api

    from copilot.adapters.flags.provider import FileProvider

    with _registering:
        api.set_provider_and_wait(FileProvider(disk), str(disk.file))
    return api.get_client(str(disk.file))
