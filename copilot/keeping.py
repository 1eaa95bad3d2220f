"""How long what was recorded is kept, and what became of it when it was deleted on purpose.

Invariant: frozen; times are aware, UTC. A person who was forgotten is named by a pseudonym made
of a digest, never by the name.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from copilot.events import Warned


def digest(text: str) -> str:
    """SHA-256 in hexadecimal of the text as UTF-8, as the ledger names texts."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def pseudonym(principal: str) -> str:
    """What stands for a person where their name must not stay: the same for the same name."""
    return f"person-{digest(principal)[:16]}"


def alike(one: str, other: str) -> bool:
    """Whether two names differ at most in the case of letters and in how accents are encoded."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What began before such a time is deleted; None: nothing of that class."""

    bodies: datetime | None = None
    runs: datetime | None = None
    conversations: datetime | None = None
    logs: datetime | None = None
    proposals: datetime | None = None

    @property
    def none(self) -> bool:
        told = (self.bodies, self.runs, self.conversations, self.logs, self.proposals)
        return not any(told)


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing of this principal may be deleted, for a reason that a person gave."""

    principal: str
    since: datetime
    reason: str = ""

    def covers(self, principal: str) -> bool:
        """Whether it protects a person of this name, however it is spelled."""
        return alike(self.principal, principal)


@dataclass(frozen=True, slots=True)
class Erased:
    """What the ledger lost; ``aside`` counts spool files that were set aside as no records.

    ``writing`` counts runs that hold something of a person and are still being written.
    ``left`` are the paths of what could not be removed, or is none of copilot's; ``resumed`` says
    that it had begun before and was cut short. ``others`` are names of the ledger that are
    spelled like the person's.
    """

    runs: int = 0
    records: int = 0
    bodies: int = 0
    aside: int = 0
    writing: int = 0
    resumed: bool = False
    left: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    notices: tuple[Warned, ...] = ()

    @property
    def anything(self) -> bool:
        return bool(self.records or self.bodies or self.aside)


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took part in which conversation, and what one person said there, by digest."""

    by_conversation: Mapping[str, frozenset[str]]
    said: frozenset[str] = frozenset()

    def holds(self, text: str) -> bool:
        """Whether the text is one of that person's."""
        return digest(text) in self.said


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """What there is. ``unfinished`` are deletions that were cut short, by their name."""

    place: str
    bytes: int
    runs: int
    first_run: datetime | None
    last_run: datetime | None
    bodies: int
    waiting: int
    set_aside: int
    unfinished: tuple[str, ...]
    holds: tuple[Hold, ...]
