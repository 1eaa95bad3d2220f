"""Calls about conversations: list, search, load, name, pin, delete, export, recall answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.calls.asking import Done
from copilot.messages import Answer, Sentence


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Asks for the conversations from ``start`` on, at most ``limit``: pinned ones first, then
    the latest.
    """

    start: int = 0
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation. ``title``: what a person called it (``named``), else its first question;
    ``touched_at`` is ISO 8601.
    """

    name: str
    title: str
    touched_at: str
    pinned: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Sessions:
    """``total``: how many there are."""

    found: tuple[Session, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SearchSessions:
    """Asks which conversations hold all of these words, in their title and texts together."""

    words: str
    limit: int = 200


@dataclass(frozen=True, slots=True)
class SessionHit:
    """``snippet``: a line of its texts around the first word that was found there."""

    session: Session
    snippet: str


@dataclass(frozen=True, slots=True)
class SessionHits:
    found: tuple[SessionHit, ...]


@dataclass(frozen=True, slots=True)
class LoadSession:
    """Asks for the exchanges of one from ``start`` on, at most ``limit``."""

    name: str
    start: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Said:
    """A question and its answer. ``run_id`` is empty where it isn't known; ``instead_of``: the run
    whose question was asked anew by this one. ``at`` is ISO 8601, or empty.
    """

    question: str
    answer: str
    run_id: str = ""
    instead_of: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """``total``: how many exchanges the conversation has."""

    session: Session
    said: tuple[Said, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RenameSession:
    """An empty ``title`` is its first question again."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class PinSession:
    name: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class DeleteSession:
    """Deletes its texts for good; what the ledger holds of its runs stays as long as runs do."""

    name: str


@dataclass(frozen=True, slots=True)
class ExportSession:
    """Writes one to ``path``. ``replace``: over a file that is there, too."""

    name: str
    path: str
    form: Literal["markdown", "json"] = "markdown"
    replace: bool = False


@dataclass(frozen=True, slots=True)
class SessionExported:
    """``path`` in full. Not ``written``: a file is there already, and was left alone."""

    path: str
    written: bool


@dataclass(frozen=True, slots=True)
class RecallAnswers:
    """Asks what the ledger knows of the answers of these runs."""

    run_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """``left_out``: sentences that were not shown; ``rating``: by the person who asks."""

    run_id: str
    answer: Answer
    left_out: tuple[Sentence, ...] = ()
    rating: str = ""
    latency_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class AnswersRecalled:
    """Those that it knows."""

    found: tuple[EarlierAnswer, ...]


Call = (
    ListSessions
    | SearchSessions
    | LoadSession
    | RenameSession
    | PinSession
    | DeleteSession
    | ExportSession
    | RecallAnswers
)
Reply = Sessions | SessionHits | Loaded | SessionExported | AnswersRecalled | Done
