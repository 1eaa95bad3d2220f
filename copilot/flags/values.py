"""What a file of flags says, who asks, and what is decided.

Invariant: frozen; a switch is on unless the file says otherwise, and an experiment gives everybody
its control unless it is running.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

# What can be switched off, and what happens then. Whatever asks for another name is a bug.
SWITCHES: Mapping[str, str] = {
    "models": "requests to chat models; without: quotes, and rules for records",
    "extraction-model": "the model that reads records; without: rules",
    "rewrite": "a model that puts follow-ups into whole questions; without: rules",
    "judge": "a model's opinion of sentences; without: the checks by rule alone",
    "summarise": "a model that sums up older turns; without: a summary that is there stays",
    "cache": "answers from the cache, exact and semantic ones",
    "semantic-cache": "answers from the cache to questions that are merely alike",
    "experiments": "all experiments; without: everybody gets control",
}
CONTROL = "control"
Job = Literal["ask", "extract"]
KINDS = ("ask", "search", "extract")
Unit = Literal["principal", "conversation"]
State = Literal["running", "halted", "done"]
Reason = Literal["static", "default", "targeting_match", "split", "disabled", "error"]
Guard = Literal["error_rate", "ungrounded", "bad_feedback", "latency_p95", "cost"]
# By how much a variant may be worse than control: of a share its points, else its ratio less one.
GUARDS: Mapping[Guard, float] = {
    "error_rate": 0.05,
    "ungrounded": 0.05,
    "bad_feedback": 0.10,
    "latency_p95": 1.0,
    "cost": 1.0,
}


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a flag is asked. ``kind`` and ``conversation`` are empty outside a run."""

    principal: str
    groups: tuple[str, ...] = ()
    kind: str = ""
    conversation: str = ""

    def unit(self, unit: Unit) -> str:
        """What sticks to its side; empty where there is none.

        Records are read in no conversation: the principal stands in for it.
        """
        of_principal = unit == "principal" or self.kind == "extract"
        return self.principal if of_principal else self.conversation


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom something is for: all of these that are given must hold; nothing given is everybody.

    ``share`` is that of the units.
    """

    principals: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What whom gets."""

    whom: Whom
    on: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """``on`` false is off for everybody, whatever the rules. Else the first rule that matches
    decides, and ``otherwise`` where none does. ``wrong``: the file says something else than can
    be read, so it is off. ``told``: the file says something of it.
    """

    name: str
    on: bool = True
    otherwise: bool = True
    unit: Unit = "principal"
    salt: str = ""
    rules: tuple[Rule, ...] = ()
    wrong: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """``weight`` is per cent; ``overrides`` are settings by dotted key, and labels of prompts."""

    name: str
    weight: float
    overrides: Mapping[str, object] = field(default_factory=dict)

    @property
    def prompts(self) -> Mapping[str, str]:
        """Labels or versions, by the prompt's id."""
        return {
            key.removeprefix("prompts."): str(value)
            for key, value in self.overrides.items()
            if key.startswith("prompts.")
        }


@dataclass(frozen=True, slots=True)
class Experiment:
    """``variants``: control first. ``guards``: how much worse than control is borne.

    ``least_runs`` a variant before anything is concluded; ``detect``: the smallest difference in
    the share of successes that is worth finding. ``reason``: of its state, as it was last set.
    """

    name: str
    variants: tuple[Variant, ...]
    unit: Unit = "principal"
    salt: str = ""
    state: State = "running"
    whom: Whom = Whom()
    guards: Mapping[Guard, float] = field(default_factory=lambda: dict(GUARDS))
    least_runs: int = 100
    detect: float = 0.05
    reason: str = ""

    def variant(self, name: str) -> Variant:
        return next(one for one in self.variants if one.name == name)

    @property
    def job(self) -> Job:
        """Which runs it is about: what its variants change tells, or else its kinds."""
        jobs = self.jobs
        return "extract" if jobs == {"extract"} or (not jobs and self._of_records) else "ask"

    @property
    def jobs(self) -> frozenset[Job]:
        """The jobs that its variants change something of; it may be of one only."""
        return frozenset(job for key in self.overridden if (job := job_of(key)))

    @property
    def _of_records(self) -> bool:
        return self.whom.kinds == ("extract",)

    @property
    def overridden(self) -> frozenset[str]:
        """The keys that any of its variants changes."""
        return frozenset(key for one in self.variants for key in one.overrides)


def job_of(key: str) -> Job | None:
    """Which runs alone a setting or prompt is for; None where it may be for either."""
    if key.startswith(("extraction.", "models.routes.extract.", "prompts.extraction/")):
        return "extract"
    of_both = key.startswith("models.") and key != "models.answer"
    return None if of_both and not key.startswith("models.routes.") else "ask"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in the file, where, in one line; and the remedy."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FlagFile:
    """What the file says. What is wrong in it stands in ``troubles``, and holds nothing on."""

    switches: Mapping[str, Switch] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    readable: bool = True

    def switch(self, name: str) -> Switch:
        return self.switches.get(name) or Switch(name)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is in force and why. ``rule`` counts from 1, 0 if none decided.

    ``bucket`` is where the unit falls, of 10,000, and ``buckets`` the ones that get this, from the
    first to below the second; None where no share was asked for.
    """

    flag: str
    variant: str
    reason: Reason
    why: str
    rule: int = 0
    unit: str = ""
    bucket: int | None = None
    buckets: tuple[int, int] | None = None

    @property
    def on(self) -> bool:
        return self.variant == "on"


class Flags(Protocol):
    """Flags as they stand now: what another process changed holds at the next call."""

    def on(self, name: str) -> bool:
        """Whether a switch is on for the run in progress, which records it."""
        ...

    def switch(self, name: str, asker: Asker | None = None) -> Decision:
        """The same with its reason, for ``asker`` or the run in progress; not recorded."""
        ...

    def trials(self, asker: Asker) -> Sequence[tuple[Experiment, Decision]]:
        """The experiments that a run of theirs takes part in, and the variant of each.

        Those of the job that ``asker.kind`` names; of asks, where it names none.
        """
        ...

    def variant(self, experiment: Experiment, asker: Asker) -> Decision:
        """The variant of an experiment for ``asker``, whether they take part in it or not."""
        ...

    def file(self) -> FlagFile:
        """What the file says now, with what is wrong in it."""
        ...
