"""Markdown as lines of a screen, block by block.

Invariant: a block that is complete is rendered once for each width and look; what is added costs
no more at the end of a long text than at its beginning; a long text is drawn in slices.
"""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme
from textual.strip import Strip

from copilot.tui.verdicts import Mark
from copilot.tui.wording import CITE, SAID, as_markdown

MARGIN = 2  # where a mark stands beside the current exchange
_BLOCK = re.compile(r"\n\n(?=\S)")
_GOES_ON = re.compile(r"[-*+] |\d+[.)] |\||>")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.M)


@dataclass(frozen=True)
class Look:
    """How lines look: ``width`` cells of text, behind a margin. ``code``: a Pygments style.

    ``base`` is the widget's own style; ``accent`` and ``faint`` are colours.
    """

    width: int
    base: Style
    accent: str
    faint: str
    code: str

    def line(self, segments: Iterable[Segment] = ()) -> Strip:
        """A whole line of the screen, margin included."""
        styled = [
            Segment(text, self.base + style if style else self.base)
            for text, style, _ in segments
            if text
        ]
        strip = Strip([Segment(" " * MARGIN, self.base), *styled])
        return strip.extend_cell_length(MARGIN + self.width, self.base)

    def words(self, text: str, style: Style) -> list[Strip]:
        """Plain words, wrapped."""
        console = _console(self)
        return [
            self.line([Segment(line.plain.rstrip(), style)])
            for line in Text(text).wrap(console, self.width)
        ]

    def words_on_a_line(self, text: str, style: Style) -> Strip:
        """Plain words, cut where the line ends."""
        if cell_len(text) > self.width:
            text = f"{set_cell_size(text, self.width - 1).rstrip()}…"
        return self.line([Segment(text, style)])

    def markdown(self, source: str) -> list[Strip]:
        """Markdown that has been made safe; empty lines at its end are left out."""
        from rich.markdown import Markdown  # the application imports it while nobody waits

        written = Markdown(source, code_theme=self.code, hyperlinks=True)
        found = [
            self.line(_linked(segment, self.faint) for segment in line)
            for line in _console(self).render_lines(written, pad=False)
        ]
        while found and not found[-1].text.strip():
            found.pop()
        return found


@lru_cache(maxsize=8)
def _console(look: Look) -> Console:
    styles = {
        "markdown.link": Style(color=look.accent, bold=True),
        "markdown.link_url": Style(color=look.accent),
        "markdown.code": Style(color=look.accent),
        "markdown.h1": Style(bold=True),
        "markdown.h2": Style(bold=True, underline=True),
        "markdown.item.bullet": Style(color=look.faint),
        "markdown.item.number": Style(color=look.faint),
        "markdown.block_quote": Style(color=look.faint),
    }
    return Console(
        width=look.width,
        theme=Theme(styles),
        color_system="truecolor",
        force_terminal=True,
        legacy_windows=False,
        _environ={},
    )


@dataclass
class _Block:
    source: str
    written: str = ""
    drawn_for: Look | None = None
    strips: list[Strip] = field(default_factory=list)
    width: int = 0

    def draw(self, look: Look) -> None:
        self.strips = look.markdown(self.written)
        self.drawn_for, self.width = look, look.width

    def standing_in(self, look: Look) -> list[Strip]:
        """What is shown until it is drawn: what it was, else about as many empty lines."""
        if self.strips and self.width == look.width:
            return self.strips
        rows = sum(1 + len(line) // look.width for line in self.written.splitlines())
        return [look.line()] * rows

    def write(self, cited: Collection[int] | None, marks: Sequence[Mark]) -> None:
        written = as_markdown(self.source, cited, marks)
        if written != self.written:
            self.written, self.drawn_for = written, None


class Prose:
    """A text in Markdown that may grow. ``cited``: its markers; None while they aren't known.
    ``marks``: behind which place of it stands which mark, in order.
    """

    def __init__(
        self, text: str = "", cited: Collection[int] | None = None, marks: Sequence[Mark] = ()
    ) -> None:
        self._text = ""
        self._cited: Collection[int] | None = None
        self._marks: Sequence[Mark] = ()
        self._blocks: list[_Block] = []
        self.set(text, cited, marks)

    def set(
        self, text: str, cited: Collection[int] | None = None, marks: Sequence[Mark] = ()
    ) -> None:
        """What it says now: mostly what it said before, and more."""
        kept = 0
        if text != self._text:
            if self._blocks and text.startswith(self._text):
                kept = len(self._text) - len(self._blocks.pop().source)
            else:
                self._blocks = []
            self._blocks += [_Block(source) for source in _blocks(text[kept:])]
        elif cited == self._cited and len(marks) == len(self._marks):
            kept = len(text)
        if cited != self._cited or [*marks[: len(self._marks)]] != self._marks:
            kept = 0
        self._text, self._cited, self._marks = text, cited, [*marks]
        self._write(kept)

    def _write(self, start: int) -> None:
        """Write the blocks from there on."""
        end = len(self._text)
        for block in reversed(self._blocks):
            begin = end - len(block.source)
            if begin < start:
                return
            first = bisect_right(self._marks, begin, key=_place)
            last = bisect_right(self._marks, end, key=_place)
            marks = [(at - begin, mark) for at, mark in self._marks[first:last]]
            block.write(self._cited, marks)
            end = begin

    def forget(self) -> None:
        """Keep the text alone; what was drawn is drawn anew when it is looked at again."""
        for block in self._blocks:
            block.drawn_for, block.strips = None, []

    @property
    def is_drawn(self) -> bool:
        """Whether lines are kept."""
        return any(block.strips for block in self._blocks)

    def draw(self, look: Look, *, within_s: float) -> bool:
        """Draw what isn't drawn yet, the end first, for about so long; whether all is drawn."""
        ends = time.perf_counter() + within_s
        for block in reversed(self._blocks):
            if block.drawn_for is not look:
                if time.perf_counter() > ends:
                    return False
                block.draw(look)
        return True

    def lines(self, look: Look) -> list[Strip]:
        """All lines, an empty one between blocks. The same ``look`` draws a block once."""
        self.draw(look, within_s=math.inf)
        return self.lines_so_far(look)

    def lines_so_far(self, look: Look) -> list[Strip]:
        """All lines; of a block that isn't drawn yet what stands in for it."""
        found: list[Strip] = []
        between = look.line()
        for block in self._blocks:
            lines = block.strips if block.drawn_for is look else block.standing_in(look)
            if found and lines:
                found.append(between)
            found += lines
        return found


def _place(mark: Mark) -> int:
    return mark[0]


def _blocks(text: str) -> Sequence[str]:
    """Where a block begins that nothing before it goes on into."""
    found, start, fenced = [], 0, 0
    last = 0
    for gap in _BLOCK.finditer(text):
        fenced += len(_FENCE.findall(text, last, gap.start()))
        last = gap.start()
        if fenced % 2 == 0 and _GOES_ON.match(text, gap.end()) is None:
            found.append(text[start : gap.end()])
            start = gap.end()
    return [*found, text[start:]] if text[start:] else found


def _linked(segment: Segment, faint: str) -> Segment:
    """A link as an action of ours: a citation's shows its source, a mark's what was checked, an
    address only itself.
    """
    style = segment.style
    if style is None or style.link is None:
        return segment
    target = style.link
    if target == SAID:
        return Segment(segment.text, Style(color=faint, meta={"@click": "wish('why')"}))
    number = target.removeprefix(CITE)
    is_citation = number != target and number.isdecimal()
    action = f"cite({number})" if is_citation else f"address({target!r})"
    return Segment(segment.text, style.update_link(None) + Style(meta={"@click": action}))
