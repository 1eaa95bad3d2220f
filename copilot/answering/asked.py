"""What was asked before, in all conversations.

Invariant: a conversation is read again only when it has changed; a question that was asked more
than once is found once, where it was asked last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from copilot.talks import ConversationStore


@dataclass(frozen=True, slots=True)
class Asked:
    """``at`` is None where it wasn't noted."""

    text: str
    at: datetime | None


@dataclass
class AskedBefore:
    """Safe between threads."""

    store: ConversationStore
    _known: dict[str, tuple[datetime, tuple[Asked, ...]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, words: str, *, limit: int) -> list[Asked]:
        """Those that hold all of these words, in any order, the latest first. StorageError."""
        wanted = words.casefold().split()
        found: dict[str, Asked] = {}
        with self._lock:
            for asked in self._all():
                if len(found) == limit:
                    break
                text = asked.text.casefold()
                if asked.text not in found and all(word in text for word in wanted):
                    found[asked.text] = asked
        return list(found.values())

    def _all(self) -> Iterator[Asked]:
        before, self._known = self._known, {}
        for one in self.store.listed():
            known = before.get(one.name)
            if known is None or known[0] != one.touched_at:
                known = (one.touched_at, self._questions(one.name))
            self._known[one.name] = known
        for _, questions in self._known.values():
            yield from questions

    def _questions(self, name: str) -> tuple[Asked, ...]:
        return tuple(
            Asked(turn.text, kept.at)
            for kept in reversed(self.store.kept(name))
            for turn in kept.turns
            if turn.role == "user"
        )
