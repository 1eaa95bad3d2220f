"""Calls of who writes a question: documents to pick, earlier questions, what is attached."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.calls.asking import Done
from copilot.talks import Attachment

LONGEST_TEXT = 2_000_000  # characters that can be attached


@dataclass(frozen=True, slots=True)
class FindDocuments:
    """Asks for the indexed documents whose names hold what was typed, the best first."""

    typed: str
    limit: int = 8


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """``place``: its path from the folder that was added on."""

    path: str
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """``total``: how many there are of them."""

    found: tuple[NamedDocument, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FindQuestions:
    """Asks for earlier questions of all conversations that hold all of these words, the latest
    first.
    """

    words: str
    limit: int = 100


@dataclass(frozen=True, slots=True)
class EarlierQuestion:
    """``asked_at`` is ISO 8601, or empty where it isn't known."""

    text: str
    asked_at: str


@dataclass(frozen=True, slots=True)
class FoundQuestions:
    found: tuple[EarlierQuestion, ...]


@dataclass(frozen=True, slots=True)
class FindFiles:
    """Asks which files a text means: paths, as a terminal pastes them when files are dropped."""

    typed: str


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Their paths in full; empty for a text that means none."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """Attaches a pasted ``text`` under this ``name``, or without one the file at ``path``."""

    conversation: str
    name: str = ""
    text: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class ListAttached:
    """Asks what questions of this conversation are asked about."""

    conversation: str


@dataclass(frozen=True, slots=True)
class AttachedThere:
    found: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class TakeAway:
    """Later questions aren't asked about it any more; its text stays with its conversation."""

    conversation: str
    id: str


Call = FindDocuments | FindQuestions | FindFiles | Attach | ListAttached | TakeAway
Reply = FoundDocuments | FoundQuestions | FoundFiles | Attached | AttachedThere | Done
