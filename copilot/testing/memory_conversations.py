"""Conversations in memory.

Invariant: passes the contract suite of the real store, apart from outliving the process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from copilot.errors import UsageError
from copilot.messages import Turn


class MemoryConversations:
    """A ``ConversationStore``; the last key of its dict is the one that was touched last."""

    def __init__(self) -> None:
        self._turns: dict[str, list[tuple[list[Turn], str]]] = {}
        self._touched: dict[str, datetime] = {}

    def load(self, name: str) -> list[Turn]:
        return [turn for turns, _ in self._turns.get(_checked(name), ()) for turn in turns]

    def append(self, name: str, turns: Sequence[Turn], *, by: str = "") -> None:
        name = _checked(name)
        if turns:
            self._turns[name] = [*self._turns.pop(name, []), ([*turns], by)]
            self._touched[name] = datetime.now(UTC)

    def people(self, name: str) -> frozenset[str]:
        return frozenset(by for _, by in self._turns.get(_checked(name), ()) if by)

    def keep_only(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        before = self._turns.get(_checked(name), [])
        kept = [(turns, by) for turns, by in before if wanted(turns, by)]
        if kept:
            self._turns[name] = kept
        else:
            self._turns.pop(name, None)
        return len(before) - len(kept)

    def would_drop(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        return sum(not wanted(turns, by) for turns, by in self._turns.get(_checked(name), []))

    def touched(self, name: str) -> datetime | None:
        return self._touched[name] if _checked(name) in self._turns else None

    def last(self) -> str | None:
        return next(reversed(self._turns), None)

    def names(self) -> list[str]:
        return sorted(self._turns)


def _checked(name: str) -> str:
    spelled = unicodedata.normalize("NFC", name)
    if len(spelled.encode("utf-8", "replace")) > 200 or not re.fullmatch(r"[^\W_][\w.-]*", spelled):
        raise UsageError(f"{name!r} can't be the name of a conversation")
    return spelled
