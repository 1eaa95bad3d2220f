"""Conversations that are kept: their turns, names, what is attached to them; the port to them.

Invariant: the values are as those of ``messages``: frozen, and through JSON unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
class Summary:
    """What a model wrote of a conversation's first ``turns``; ``of`` is their ``fingerprint``.

    It holds for a conversation that begins with these turns and for no other.
    """

    text: str
    turns: int
    of: str

    def holds(self, told: Sequence[Turn]) -> bool:
        """Whether it is one of how ``told`` begins."""
        return 0 < self.turns <= len(told) and self.of == fingerprint(told[: self.turns])


def fingerprint(turns: Sequence[Turn]) -> str:
    """A digest that tells these turns from all others."""
    said = json.dumps([[turn.role, turn.text] for turn in turns])
    return hashlib.sha256(said.encode()).hexdigest()


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


class ConversationStore(Protocol):
    """Conversations that are continued by name, over processes."""

    def load(self, name: str) -> list[Turn]:
        """The turns, oldest first; empty when there is no such conversation."""
        ...

    def kept(self, name: str) -> list[KeptTurns]:
        """The turns as they were kept, oldest first, with what is known of each."""
        ...

    def append(
        self,
        name: str,
        turns: Sequence[Turn],
        *,
        by: str = "",
        run_id: str = "",
        instead_of: str = "",
    ) -> None:
        """Add the turns, which this principal took part in and this run answered."""
        ...

    def summary(self, name: str) -> Summary | None:
        """The one that is kept; ask it whether it ``holds``."""
        ...

    def summarise(self, name: str, summary: Summary, made_of: Sequence[KeptTurns]) -> bool:
        """Keep a summary, in the place of one that was kept before.

        False, and nothing is changed, where not all that it was made of stands there any more.
        It isn't touched by this. A summary goes as soon as any turn of its conversation does.
        """
        ...

    def listed(self) -> list[Conversation]:
        """All that hold turns, the one that was appended to last first; reads no more of each
        than its title."""
        ...

    def rename(self, name: str, title: str, *, by: str = "") -> bool:
        """Call it ``title``; an empty one is how it began. Whether there is such a one."""
        ...

    def pin(self, name: str, *, pinned: bool) -> bool:
        """Mark it, or unmark it. Whether there is such a one."""
        ...

    def people(self, name: str) -> frozenset[str]:
        """The principals that took part, as far as they were named; empty for no conversation."""
        ...

    def keep_only(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """Drop each ``append`` whose turns, by that principal, aren't wanted; returns how many.

        A title that a person gave is asked about as a question of theirs, and counts as one.
        """
        ...

    def would_drop(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """How many ``keep_only`` would drop."""
        ...

    def touched(self, name: str) -> datetime | None:
        """When it was appended to last; None when there is no such conversation."""
        ...

    def last(self) -> str | None:
        """The name of the conversation that was touched last."""
        ...

    def names(self) -> list[str]: ...
