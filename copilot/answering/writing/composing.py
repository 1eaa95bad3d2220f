"""Puts an answer together from the units that passed: numbers, quotes, text.

Invariant: citations are numbered from 1 in the order they are first shown, one number for one
span of one passage, and ``text`` is what was streamed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.answering.rendering import cite
from copilot.answering.writing.cutting import Unit
from copilot.answering.writing.judging import Judged
from copilot.messages import Citation, Passage, Sentence

_ITEM_MARK = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])\s+")


class Composition:
    """The answer so far."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._text: list[str] = []
        self._said: set[str] = set()
        self._last: Unit | None = None
        self.sentences: list[Sentence] = []
        self.citations: list[Citation] = []

    @property
    def text(self) -> str:
        return "".join(self._text)

    def has(self, unit: Unit) -> bool:
        """Whether the same was said already."""
        return _key(unit) in self._said

    def add(self, judged: Judged, lead: Unit | None) -> tuple[str, tuple[Citation, ...]]:
        """Take the unit in, under its lead; returns the text to show and what it cites."""
        unit = judged.unit
        cited = tuple(self._cite(q.n, q.start, q.end) for q in judged.verdict.quotes)
        numbers = tuple(dict.fromkeys(c.n for c in cited))
        text = unit.text if lead is None else f"{lead.text}{unit.joint}{unit.text}"
        shown = self._joint(lead or unit) + _marked(text, unit, numbers)
        self._last = unit
        self._said.add(_key(unit))
        self._text.append(shown)
        verdict = judged.verdict
        self.sentences.append(Sentence(text, numbers, verdict.support, verdict.reason))
        return shown, cited

    def _joint(self, unit: Unit) -> str:
        """What stands before the unit: what stood there in the draft may have been left out."""
        before = self._last
        if before is None:
            return ""
        if before.kind == unit.kind == "item":
            return "\n"
        if unit.kind == "code" and unit.text[0].isspace():
            return "\n"  # inside a list item
        if before.kind == unit.kind or {before.kind, unit.kind} == {"sentence", "lead"}:
            return unit.joint or "\n\n"
        return "\n\n"

    def _cite(self, n: int, start: int, end: int) -> Citation:
        passage = self._passages[n - 1]
        key = (passage.id, start, end)
        if key not in self._numbers:
            self._numbers[key] = len(self.citations) + 1
            self.citations.append(cite(self._numbers[key], passage, start, end))
        return self.citations[self._numbers[key] - 1]


def _marked(text: str, unit: Unit, numbers: Sequence[int]) -> str:
    markers = "".join(f"[{n}]" for n in numbers)
    last = text.rsplit("\n", 1)[-1].strip()
    if unit.kind == "code" or last.startswith("|"):
        return f"{text}\n{markers}"
    return f"{text} {markers}"


def _key(unit: Unit) -> str:
    """What a unit says, the number of a list's item aside: "version 1" isn't "version 2"."""
    if unit.kind == "code":
        return unit.text
    return _ITEM_MARK.sub("", " ".join(unit.text.split())).rstrip(" .")
