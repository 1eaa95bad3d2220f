"""What a check finds, and what it is given to look at.

Invariant: a finding that isn't ``ok`` names its remedy; a ``problem`` is what keeps ``ask``
from answering as it is configured, and carries the exit code of its kind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from copilot.audit.glances import Glance
from copilot.config.load import Inspection
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.errors import CopilotError, ExitCode
from copilot.events import Warned
from copilot.flags import FlagFile
from copilot.gateway.budgeting import Standing
from copilot.messages import EmbedderIdentity
from copilot.ports import PassageIndex
from copilot.prompting.checking import Flaw
from copilot.proposals import ProposalState

Status = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``fix`` is a command, or words where none can help."""

    check: str
    status: Status
    detail: str
    fix: str = ""
    exit_code: ExitCode = ExitCode.DONE


def ok(check: str, detail: str) -> Finding:
    return Finding(check, "ok", detail)


def warning(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, "warning", detail, fix)


def problem(check: str, detail: str, fix: str, *, code: ExitCode) -> Finding:
    return Finding(check, "problem", detail, fix, code)


def of_error(check: str, error: CopilotError) -> Finding:
    """The problem that an error of ours describes."""
    return Finding(check, "problem", error.message, error.hint, error.exit_code)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Where keys can be kept.

    ``keyring_problem`` is empty when there is a usable OS keyring, ``backend``. ``failures`` are
    stores that couldn't be asked, with the reason.
    """

    backend: str = ""
    keyring_problem: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """A configured chat model: ``jobs`` that it may be given, and whether it is asked ``first``.

    ``key`` is the name of its key, empty if it takes none, ``key_in`` the store that has it and
    ``variable`` the environment's name for it. ``unpriced``: there is a budget in money, and nobody
    knows what it costs.
    """

    name: str
    model: str
    jobs: tuple[str, ...] = ()
    first: bool = True
    key: str = ""
    key_in: str = ""
    variable: str = ""
    api_base: str = ""
    rests_until: datetime | None = None
    unpriced: bool = False


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """``waiting``: spool files that no reader has merged yet. ``notices``: what the reader said."""

    runs: int
    waiting: int
    notices: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What a glance at the end of the audit trail says, and where its files are."""

    glance: Glance
    now: datetime
    trail: Path
    anchor: Path


@dataclass(frozen=True, slots=True)
class KeylessSink:
    """A configured sink whose key, by this name, is nowhere."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """The policy in force, by its place, and how many proposals stand where."""

    policy: str
    states: Mapping[ProposalState, int]
    damaged: int = 0
    keyless: tuple[KeylessSink, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """``active`` is empty where files count; ``unlike_files``: the parts that differ from them."""

    in_force: str
    active: str = ""
    unlike_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What stdout can do."""

    interactive: bool
    colour: bool
    links: bool
    encoding: str


@dataclass(frozen=True, slots=True)
class Probes:
    """The parts to examine. Each callable builds or asks its part when it is called.

    ``embedder`` is None when only a download or a call to its provider could tell.
    ``weights`` verifies the embedding weights and says what they are; ``ping`` asks the chat
    model of this name for a word. All of them raise a CopilotError.
    """

    paths: Paths
    configuration: Inspection
    settings: Settings
    terminal: TerminalFacts
    index: Callable[[], PassageIndex]
    embedder: Callable[[], EmbedderIdentity | None]
    weights: Callable[[], str]
    keys: Callable[[], KeyFacts]
    ledger: Callable[[], LedgerFacts]
    audit: Callable[[], AuditFacts]
    proposals: Callable[[], ProposalFacts]
    flags: Callable[[], FlagFile]
    budgets: Callable[[], Sequence[Standing]]
    prompts: Callable[[], Sequence[Flaw]]
    release: Callable[[], ReleaseFacts]
    models: Callable[[], tuple[ModelStanding, ...]]
    ping: Callable[[str], Awaitable[str]]
