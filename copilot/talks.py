"""The values of conversations that are kept: their turns, their names, what is attached to them.

Invariant: as that of ``messages``: frozen, and through JSON unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from copilot.messages import Turn


@dataclass(frozen=True, slots=True)
class KeptTurns:
    """Turns that were kept together: a question and its answer.

    ``by`` took part, ``run_id`` answered; both are empty where they aren't known. ``instead_of``:
    the run whose question was asked anew, so that the talk goes on from before it.
    """

    turns: tuple[Turn, ...]
    at: datetime | None = None
    by: str = ""
    run_id: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One of a list. ``title``: what a person called it (``named``), else how it began."""

    name: str
    title: str
    touched_at: datetime
    pinned: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a conversation's questions are asked about: a file, or a text that was pasted.

    ``path`` is where it lies, a pasted text beside its conversation; ``by`` attached it. It is
    ``searched`` until somebody takes it away.
    """

    id: str
    name: str
    path: str
    by: str
    pasted: bool = False
    searched: bool = True
