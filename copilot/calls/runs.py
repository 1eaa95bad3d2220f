"""Calls about runs: list them, explain one, make it again, write it out."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.messages import Locator
from copilot.reruns import Replayed
from copilot.runs import ExplainedRun, RunSummary


@dataclass(frozen=True, slots=True)
class ListRuns:
    """Asks for the runs of a choice, the newest first, from below ``after`` on.

    ``choice``: words of the question or the beginning of an id, and ``status=failed since=7d``.
    """

    choice: str = ""
    limit: int = 200
    after: RunSummary | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """``more``: there are runs below these. ``notices`` are what the ledger had to say."""

    found: tuple[RunSummary, ...]
    more: bool
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainRun:
    """``run``: an id, the beginning of one, or ``last``."""

    run: str


@dataclass(frozen=True, slots=True)
class RunExplained:
    told: ExplainedRun


@dataclass(frozen=True, slots=True)
class ShowPassage:
    """Asks for a passage as this run saw it."""

    run_id: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class PassageShown:
    path: str
    title: str
    heading_path: tuple[str, ...]
    locator: Locator
    text: str


@dataclass(frozen=True, slots=True)
class ReplayRun:
    """Makes a run again; its events come first. ``today``: against the index of now."""

    run_id: str
    today: bool = False


@dataclass(frozen=True, slots=True)
class RunReplayed:
    told: Replayed


@dataclass(frozen=True, slots=True)
class ExportRun:
    """Writes a run to ``path`` as JSON, redacted. ``replace``: over a file that is there, too."""

    run_id: str
    path: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class RunExported:
    """``path`` in full. Not ``written``: a file is there already, and was left alone."""

    path: str
    written: bool


Call = ListRuns | ExplainRun | ShowPassage | ReplayRun | ExportRun
Reply = Runs | RunExplained | PassageShown | RunReplayed | RunExported
