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
from copilot.talks import Conversation, KeptTurns, Summary


class MemoryConversations:
    """A ``ConversationStore``; the last key of its dict is the one that was touched last."""

    def __init__(self) -> None:
        self._kept: dict[str, list[KeptTurns]] = {}
        self._touched: dict[str, datetime] = {}
        self._titles: dict[str, tuple[str, str]] = {}
        self._pinned: set[str] = set()
        self._summaries: dict[str, Summary] = {}

    def load(self, name: str) -> list[Turn]:
        return [turn for kept in self.kept(name) for turn in kept.turns]

    def kept(self, name: str) -> list[KeptTurns]:
        return [*self._kept.get(_checked(name), ())]

    def append(
        self,
        name: str,
        turns: Sequence[Turn],
        *,
        by: str = "",
        run_id: str = "",
        instead_of: str = "",
    ) -> None:
        name = _checked(name)
        if turns:
            now = datetime.now(UTC)
            kept = KeptTurns(tuple(turns), now, by, run_id, instead_of)
            self._kept[name] = [*self._kept.pop(name, []), kept]
            self._touched[name] = now

    def people(self, name: str) -> frozenset[str]:
        _, by = self._titles.get(_checked(name), ("", ""))
        return frozenset(one for one in (by, *(kept.by for kept in self.kept(name))) if one)

    def keep_only(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        name = _checked(name)
        dropped = self.would_drop(name, wanted)
        before = self.kept(name)
        kept = [one for one in before if wanted([*one.turns], one.by)]
        if kept != before:
            self._summaries.pop(name, None)
        if name in self._titles and (not kept or not self._title_stays(name, wanted)):
            del self._titles[name]
        if kept:
            self._kept[name] = kept
        else:
            self._kept.pop(name, None)
            self._pinned.discard(name)
        return dropped

    def would_drop(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        name = _checked(name)
        goes = [not wanted([*one.turns], one.by) for one in self.kept(name)]
        title = name in self._titles and (all(goes) or not self._title_stays(name, wanted))
        return sum(goes) + title

    def _title_stays(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> bool:
        title, by = self._titles[name]
        return wanted([Turn("user", title)], by)

    def summary(self, name: str) -> Summary | None:
        return self._summaries.get(_checked(name))

    def summarise(self, name: str, summary: Summary, made_of: Sequence[KeptTurns]) -> bool:
        kept = self.kept(name)
        if not kept or not all(one in kept for one in made_of):
            return False
        self._summaries[_checked(name)] = summary
        return True

    def listed(self) -> list[Conversation]:
        return [self._listed(name) for name in reversed(self._kept)]

    def _listed(self, name: str) -> Conversation:
        title, _ = self._titles.get(name, ("", ""))
        begun = " ".join(self._kept[name][0].turns[0].text[:200].split())
        pinned = name in self._pinned
        return Conversation(name, title or begun, self._touched[name], pinned, bool(title))

    def rename(self, name: str, title: str, *, by: str = "") -> bool:
        name = _checked(name)
        self._titles.pop(name, None)
        if title and name in self._kept:
            self._titles[name] = title, by
        return name in self._kept

    def pin(self, name: str, *, pinned: bool) -> bool:
        name = _checked(name)
        (self._pinned.add if pinned and name in self._kept else self._pinned.discard)(name)
        return name in self._kept

    def touched(self, name: str) -> datetime | None:
        return self._touched[name] if _checked(name) in self._kept else None

    def last(self) -> str | None:
        return next(reversed(self._kept), None)

    def names(self) -> list[str]:
        return sorted(self._kept)


def _checked(name: str) -> str:
    spelled = unicodedata.normalize("NFC", name)
    if len(spelled.encode("utf-8", "replace")) > 200 or not re.fullmatch(r"[^\W_][\w.-]*", spelled):
        raise UsageError(f"{name!r} can't be the name of a conversation")
    return spelled
