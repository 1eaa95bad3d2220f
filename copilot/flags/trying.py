"""What a run is made with for the experiments that it takes part in, whatever its kind.

Invariant: an experiment counts only where its variant can be made; what is told of it is recorded
by whoever makes the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from copilot.events import Warned
from copilot.flags.values import Asker, Experiment, Flags
from copilot.records import FlagEvaluated


@dataclass(frozen=True, slots=True)
class Overridden:
    """The settings and prompts of all its variants, and what is to be recorded of them."""

    overrides: Mapping[str, object] = field(default_factory=dict)
    told: tuple[FlagEvaluated, ...] = ()

    def failed(self, why: str, hint: str) -> Warned:
        """What is said where a run can't be made so."""
        names = ", ".join(one.flag for one in self.told)
        return Warned(f"not made as {names} wants it: {why}", hint)


def overridden(
    flags: Flags, asker: Asker, *, may: Callable[[Experiment], bool] = lambda _: True
) -> Overridden:
    """What ``asker`` gets now. ``may``: whether an experiment's variants can be made here."""
    overrides: dict[str, object] = {}
    told = []
    for experiment, decision in flags.trials(asker):
        if may(experiment):
            overrides |= experiment.variant(decision.variant).overrides
            told.append(FlagEvaluated(experiment.name, decision.variant, "split", asker.principal))
    return Overridden(overrides, tuple(told))
