"""What there is to read about a step, part by part; the text of a passage opens below its part.

Invariant: a text that isn't kept is said to be gone; a very long one is cut, and says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.geometry import Size

from copilot.runs import RunPart
from copilot.tui.runs.rows import Rows
from copilot.tui.wording import shown, shown_line

GONE = "(not kept: texts are deleted when their time is over, or were never kept)"
_MOST = 20_000  # characters of one text
_MOST_OF_A_HEAD = 2_000
_NARROWEST = 16


@dataclass(frozen=True, slots=True)
class _Line:
    part: int
    text: str
    look: str


class Parts(Rows):
    """``show`` the parts of a step; ``open`` shows a text below one of them."""

    lights = False

    def __init__(self) -> None:
        super().__init__(id="run-parts")
        self._parts: Sequence[RunPart] = ()
        self._opened: dict[str, str] = {}
        self._lines: list[_Line] = []
        self._is_difference = False

    @property
    def count(self) -> int:
        return len(self._lines)

    @property
    def current(self) -> RunPart | None:
        return self._parts[self._lines[self.at].part] if self._lines else None

    def show(self, parts: Sequence[RunPart], *, difference: bool = False) -> None:
        """``difference``: a line that begins with + or - is of one side alone."""
        self._parts, self._is_difference = parts, difference
        self._opened = {}
        self._lay_out()
        self.told()

    def is_open(self, passage_id: str) -> bool:
        return passage_id in self._opened

    def open(self, passage_id: str, text: str) -> None:
        """Show the text of a passage below the part that is about it."""
        self._opened[passage_id] = text
        self._again()

    def close(self, passage_id: str) -> None:
        self._opened.pop(passage_id, None)
        self._again()

    def _again(self) -> None:
        part = self._lines[self.at].part if self._lines else 0
        self._lay_out()
        self.told(at=self._first(part))

    def on_resize(self) -> None:
        self._again()

    def _lay_out(self) -> None:
        width = max(_NARROWEST, self.scrollable_content_region.width - 2)
        self._lines = []
        for number, part in enumerate(self._parts):
            if number and (part.texts or self._parts[number - 1].texts):
                self._lines.append(_Line(number, "", ""))
            self._lines += [_Line(number, line, "") for line in _head(part, width)]
            look = "faint" if part.passage_id and not part.head.startswith("[") else ""
            for text in part.texts:
                for line in _wrapped(_text(text), width - 3):
                    shade = "faint" if text is None else self._shade(line) or look
                    self._lines.append(_Line(number, f"   {line}", shade))
            if part.passage_id in self._opened:
                opened = _wrapped(_text(self._opened[part.passage_id]), width - 5)
                self._lines += [_Line(number, f"   │ {line}", "") for line in opened]
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))

    def _shade(self, line: str) -> str:
        if not self._is_difference:
            return ""
        return {"+": "success", "-": "error"}.get(line[:1], "")

    def line(self, at: int, width: int) -> list[tuple[str, str]]:
        found = self._lines[at]
        marked = self.has_focus and at in self.owner(self.at)
        return [("▌" if marked else " ", "accent"), (found.text, found.look)]

    def owner(self, at: int) -> range:
        """The lines of the same part, but for the empty one above."""
        part = self._lines[at].part
        first = last = at
        while first > 0 and self._lines[first - 1].part == part:
            first -= 1
        while last + 1 < len(self._lines) and self._lines[last + 1].part == part:
            last += 1
        return range(first + (not self._lines[first].text), last + 1)

    def action_move(self, by: int) -> None:
        """From part to part, and line by line in one that is longer than the screen."""
        if not self._lines:
            return
        lines, top = self.owner(self.at), self.scroll_offset.y
        bottom = top + max(1, self.size.height)
        if lines.stop > bottom if by > 0 else lines.start < top:
            self.scroll_to(y=top + by, animate=False)
            return
        part = self._lines[self.at].part + by
        if 0 <= part < len(self._parts):
            self.go(self.owner(self._first(part)).start)

    def _first(self, part: int) -> int:
        return bisect_left(self._lines, part, key=lambda line: line.part)


def _head(part: RunPart, width: int) -> list[str]:
    """Of a place that is too long its end, which says most."""
    head = shown_line(part.head[:_MOST_OF_A_HEAD])
    number, _, place = head.partition(" ")
    room = width - len(number) - 2
    if not part.passage_id or cell_len(head) <= width:
        return _wrapped(head, width)
    end = set_cell_size(place[::-1], room)[::-1]
    return [f"{number} …{end[end.find('/') :] if '/' in end else end}"]


def _wrapped(text: str, width: int) -> list[str]:
    return [line.plain.rstrip() for line in Content(text).wrap(max(_NARROWEST, width))]


def _text(text: str | None) -> str:
    if text is None:
        return GONE
    cut = len(text) - _MOST
    return shown(text) if cut <= 0 else f"{shown(text[:_MOST])}\n… and {cut:,} characters more"
