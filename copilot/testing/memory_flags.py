"""Flags in memory: honours ``flags.Flags`` as those of a file do.

Invariant: what was said last holds at the next call; it is read, decided and recorded by the rules
of ``copilot.flags``, without a disk and without OpenFeature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from copilot.errors import InternalError
from copilot.flags import Asker, Decision, Experiment, FlagFile
from copilot.flags.deciding import assign, decide, takes_part
from copilot.flags.reading import read
from copilot.flags.values import CONTROL, SWITCHES
from copilot.noting import note, running
from copilot.records import FlagEvaluated


class MemoryFlags:
    """``asker`` is who asks; ``text`` is what a file of flags would say."""

    def __init__(self, asker: Asker, text: str = "") -> None:
        self._asker = asker
        self._noted: set[tuple[str, str, str]] = set()
        self._file = FlagFile()
        self.say(text)

    def say(self, text: str) -> None:
        """From now on. Text that is no TOML leaves in force what was said before."""
        found = read(text.encode(), Path("flags.toml"))
        if not found.readable:
            found = replace(found, switches=self._file.switches, experiments=self._file.experiments)
        self._file = found

    def on(self, name: str) -> bool:
        decision, run = self.switch(name), running()
        if decision.reason != "default" and run is not None:
            once = (run.run_id, name, decision.variant)
            if once not in self._noted:
                self._noted.add(once)
                note(FlagEvaluated(name, decision.variant, decision.reason, self._asker.principal))
        return decision.on

    def switch(self, name: str, asker: Asker | None = None) -> Decision:
        if name not in SWITCHES:
            raise InternalError(f"{name} is no flag")
        if asker is None:
            run = running()
            asker = self._asker
            if run is not None:
                asker = replace(asker, kind=run.kind, conversation=run.conversation)
        return decide(self._file.switch(name), asker)

    def trials(self, asker: Asker) -> Sequence[tuple[Experiment, Decision]]:
        job = "extract" if asker.kind == "extract" else "ask"
        ours = [one for one in self._file.experiments.values() if one.job == job]
        running_ones = [one for one in ours if one.state == "running"]
        if not running_ones or not self.on("experiments"):
            return ()
        found = ((one, self.variant(one, asker)) for one in running_ones)
        return tuple((one, decision) for one, decision in found if takes_part(decision))

    def variant(self, experiment: Experiment, asker: Asker) -> Decision:
        """The variant of an experiment for ``asker``, whether they take part in it or not."""
        if not self.switch("experiments", asker).on:
            return Decision(experiment.name, CONTROL, "disabled", "the switch experiments is off")
        return assign(experiment, asker)

    def file(self) -> FlagFile:
        return self._file
