"""A text to read, with stretches of it lit: the words that state a record's fields.

Invariant: offsets count in the text as it was given, whatever of it can't be shown; one widget,
whatever the length: a row costs a number until it is looked at, and a long text is laid out in
slices between which keys are heard. What is lit is underlined too, what is chosen reversed.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from copilot.tui.selecting import dragged, selected
from copilot.tui.text_cells import at_cell, cells_between, face, row_breaks
from copilot.tui.wording import shown

_SLICE_S = 0.008
_NARROWEST = 8
_MOVES = {
    "up,k": "up",
    "down,j": "down",
    "left": "left",
    "right": "right",
    "home": "line_start",
    "end": "line_end",
    "pageup": "page_up",
    "pagedown": "page_down",
    "ctrl+home": "start",
    "ctrl+end": "end",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, ``end`` exclusive; ``key`` names what it states."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class _Lit:
    """A stretch with the same spans all over."""

    start: int
    end: int
    keys: tuple[str, ...]


class LitText(ScrollView, can_focus=True):
    """``show`` a text, ``light`` the spans of a key; ``Pointed`` tells what the cursor is on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lit-text--lit",
        "lit-text--chosen",
        "lit-text--cursor",
    }
    DEFAULT_CSS = """
    LitText {
        background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        & .lit-text--lit { text-style: underline; color: $accent; }
        & .lit-text--chosen {
            text-style: $lit-text-style; background: $block-cursor-background;
            color: $block-cursor-foreground;
        }
        & .lit-text--cursor { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                keys,
                f"move('{where}')",
                where.replace("_", " ").capitalize(),
                show=False,
                id=f"text.{where}",
            )
            for keys, where in _MOVES.items()
        ),
        Binding("n", "next(1)", "Next lit words", id="text.next_words"),
        Binding("N", "next(-1)", "Lit words before", id="text.words_before", show=False),
        Binding("enter", "choose", "Go to its field", id="text.choose"),
    ]

    class Pointed(Message):
        """The cursor has come upon lit words; ``keys`` are what they state.

        ``chosen``: by Enter or a click, and not in passing.
        """

        def __init__(self, text: LitText, keys: tuple[str, ...], *, chosen: bool) -> None:
            super().__init__()
            self.text = text
            self.keys = keys
            self.chosen = chosen

        @property
        def control(self) -> LitText:
            return self.text

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.text = ""
        self.cursor = 0
        self._lit: list[_Lit] = []
        self._spans: tuple[Span, ...] = ()
        self._chosen = ""
        self._rows: list[int] = [0]  # where each begins
        self._laying: Iterator[None] | None = None
        self._laid_width = 0
        self._wanted: int | None = None  # an offset to scroll to, once it is laid out
        self._on_top = False  # it is to be the first that is seen

    # --- what is shown --------------------------------------------------------------------

    def show(self, text: str, spans: Iterable[Span] = ()) -> None:
        """Another text, from its beginning."""
        self.text = text
        self.cursor, self._chosen, self._wanted = 0, "", None
        self._set_spans(spans)
        self._lay_out()
        self.scroll_to(0, 0, animate=False, immediate=True)

    def set_spans(self, spans: Iterable[Span]) -> None:
        """Light other words of the same text."""
        self._set_spans(spans)
        self.refresh()

    def light(self, key: str, *, scroll: bool = True) -> None:
        """Choose the spans of a key, and bring the first of them to where it can be seen."""
        self._chosen = key
        self.refresh()
        span = next((one for one in self._spans if one.key == key), None)
        if span is not None and scroll:
            self.scroll_to_offset(span.start)

    @property
    def chosen(self) -> str:
        """The key whose spans are chosen; empty for none."""
        return self._chosen

    def scroll_to_offset(self, offset: int) -> None:
        """Bring a place of the text to where it can be seen, with some of what is around it."""
        self._wanted, self._on_top = offset, False
        self._scroll_to_wanted()

    def _set_spans(self, spans: Iterable[Span]) -> None:
        most = len(self.text)
        kept = [one for one in spans if 0 <= one.start < one.end <= most]
        self._spans = tuple(sorted(kept, key=lambda one: (one.start, one.end)))
        self._lit = _flat(self._spans)

    # --- layout ---------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        if self._width != self._laid_width:
            if self._wanted is None:  # what stands on top stays there
                top = self._offset_of_row(self.scroll_offset.y)
                self._wanted, self._on_top = top, True
            self._lay_out()
        self._scroll_to_wanted()

    @property
    def _width(self) -> int:
        return max(_NARROWEST, self.scrollable_content_region.width or self.size.width or 80)

    def _lay_out(self) -> None:
        self._laid_width = self._width
        self._rows = [0]
        self._laying = self._layer(self._laid_width)
        if not self._lay_slice() and self.is_mounted:
            self._lay_rest()

    def _layer(self, width: int) -> Iterator[None]:
        """Put down where the rows begin, one a step."""
        text, rows, at = self.text, self._rows, 0
        while True:
            end = text.find("\n", at)
            for row in row_breaks(text, at, len(text) if end < 0 else end, width):
                rows.append(row)
                yield
            if end < 0:
                return
            at = end + 1
            rows.append(at)
            yield

    def _lay_slice(self) -> bool:
        """Lay out for a moment; whether all is done."""
        ends = time.perf_counter() + _SLICE_S
        while self._laying is not None and time.perf_counter() < ends:
            for _ in range(64):
                if next(self._laying, self) is self:
                    self._laying = None
                    break
        self.virtual_size = Size(self._laid_width, len(self._rows))
        self._scroll_to_wanted()
        self.refresh()
        return self._laying is None

    @work(group="layout", exclusive=True, exit_on_error=False)
    async def _lay_rest(self) -> None:
        done = False
        while not done:
            await asyncio.sleep(0)  # a key that was pressed goes first
            done = self._lay_slice()

    def _scroll_to_wanted(self) -> None:
        offset = self._wanted
        if offset is None or (self._laying is not None and offset >= self._rows[-1]):
            return
        if not self.size.height:  # it has no place on the screen yet
            return
        self._wanted = None
        row, height = self._row_of(offset), self.size.height
        first = self.scroll_offset.y
        margin = min(2, height // 4)
        if self._on_top or not first + margin <= row < first + height - margin:
            # forced: the scrollbar comes with the next layout
            top = row if self._on_top else max(0, row - height // 3)
            self.scroll_to(0, top, animate=False, immediate=True, force=True)

    def _row_of(self, offset: int) -> int:
        return max(0, bisect_right(self._rows, offset) - 1)

    def _offset_of_row(self, row: int) -> int:
        return self._rows[min(max(0, row), len(self._rows) - 1)]

    def _row_bounds(self, row: int) -> tuple[int, int]:
        start = self._rows[row]
        end = self._rows[row + 1] if row + 1 < len(self._rows) else len(self.text)
        if end > start and self.text[end - 1] == "\n":
            end -= 1
        return start, end

    # --- drawing --------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        row = y + self.scroll_offset.y
        if row >= len(self._rows):
            return Strip.blank(width, base)
        start, end = self._row_bounds(row)
        strip = Strip([Segment(face(text), style) for text, style in self._pieces(start, end)])
        return selected(self, strip.adjust_cell_length(width, base), row).apply_offsets(0, row)

    def _pieces(self, start: int, end: int) -> Iterator[tuple[str, Style]]:
        """The text between two offsets, taken apart where its look changes."""
        plain = self.rich_style
        at = start
        for lit in self._lit_between(start, end):
            if at < lit.start:
                yield from self._with_cursor(at, lit.start, plain)
            name = "chosen" if self._chosen in lit.keys else "lit"
            style = plain + self.get_component_rich_style(f"lit-text--{name}")
            yield from self._with_cursor(max(at, lit.start), min(lit.end, end), style)
            at = min(lit.end, end)
        if at < end:
            yield from self._with_cursor(at, end, plain)
        if end == self.cursor and self.has_focus and self._row_of(end) == self._row_of(start):
            yield " ", plain + self.get_component_rich_style("lit-text--cursor")

    def _with_cursor(self, start: int, end: int, style: Style) -> Iterator[tuple[str, Style]]:
        text, cursor = self.text, self.cursor
        if not (self.has_focus and start <= cursor < end):
            yield text[start:end], style
            return
        yield text[start:cursor], style
        here = style + self.get_component_rich_style("lit-text--cursor")
        yield face(text[cursor]) or " ", here
        yield text[cursor + 1 : end], style

    def _lit_between(self, start: int, end: int) -> Iterator[_Lit]:
        at = bisect_right(self._lit, start, key=lambda one: one.end)
        while at < len(self._lit) and self._lit[at].start < end:
            yield self._lit[at]
            at += 1

    # --- the cursor -----------------------------------------------------------------------

    def action_move(self, where: str) -> None:
        """Move the cursor: up, down, left, right, line_start, line_end, page_up …"""
        row = self._row_of(self.cursor)
        start, end = self._row_bounds(row)
        page = max(1, self.size.height - 2)
        match where:
            case "left":
                to = max(0, self.cursor - 1)
            case "right":
                to = min(len(self.text), self.cursor + 1)
            case "line_start":
                to = start
            case "line_end":
                to = end
            case "start":
                to = 0
            case "end":
                to = len(self.text)
            case _:
                by = {"up": -1, "down": 1, "page_up": -page, "page_down": page}[where]
                there = max(0, min(len(self._rows) - 1, row + by))
                to = self._offset_at(there, cells_between(self.text, start, self.cursor))
        self._go(to)

    def action_next(self, by: int) -> None:
        """Go to the next lit words, or to those before."""
        starts = sorted({one.start for one in self._spans})
        if not starts:
            return
        before = bisect_left(starts, self.cursor) - 1
        at = bisect_right(starts, self.cursor) if by > 0 else before
        self._go(starts[at % len(starts)])

    def action_choose(self) -> None:
        """Tell what the cursor is on, as chosen."""
        if keys := self.keys_at(self.cursor):
            self.post_message(self.Pointed(self, keys, chosen=True))

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        if dragged(self):
            return
        row = event.y + self.scroll_offset.y
        if row < len(self._rows):
            self._go(self._offset_at(row, event.x), chosen=True)

    def keys_at(self, offset: int) -> tuple[str, ...]:
        """What the words at an offset state."""
        return next((one.keys for one in self._lit_between(offset, offset + 1)), ())

    def _go(self, offset: int, *, chosen: bool = False) -> None:
        before = self.keys_at(self.cursor)
        self.cursor = offset
        self.refresh()
        row, height, first = self._row_of(offset), self.size.height, self.scroll_offset.y
        if not first <= row < first + height:
            top = row if row < first else row - height + 1
            self.scroll_to(0, top, animate=False, immediate=True)
        keys = self.keys_at(offset)
        if keys and (chosen or keys != before):
            self._chosen = self._chosen if self._chosen in keys else keys[0]
            self.post_message(self.Pointed(self, keys, chosen=chosen))

    def _offset_at(self, row: int, cells: int) -> int:
        start, end = self._row_bounds(row)
        return at_cell(self.text, start, end, cells)

    # --- selecting text -------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        start, end = selection.start, selection.end
        first = 0 if start is None else self._offset_at(self._row(start.y), start.x)
        last = len(self.text) if end is None else self._offset_at(self._row(end.y), end.x)
        return shown(self.text[min(first, last) : max(first, last)]), "\n"

    def _row(self, row: int) -> int:
        return max(0, min(len(self._rows) - 1, row))

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _flat(spans: Sequence[Span]) -> list[_Lit]:
    """Stretches that don't overlap, each with the keys of all spans (in order) that it lies in."""
    edges = sorted({edge for one in spans for edge in (one.start, one.end)})
    within: set[Span] = set()
    found: list[_Lit] = []
    at = 0
    for start, end in pairwise(edges):
        while at < len(spans) and spans[at].start <= start:
            within.add(spans[at])
            at += 1
        within = {one for one in within if one.end > start}
        if within:
            inner = sorted(within, key=lambda one: (one.end - one.start, one.key))
            found.append(_Lit(start, end, tuple(dict.fromkeys(one.key for one in inner))))
    return found
