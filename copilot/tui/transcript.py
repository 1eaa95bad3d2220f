"""The exchanges of a conversation, one below the other; the current one takes the keys.

Invariant: one widget, whatever the length: what isn't on the screen costs a few numbers, and the
end of a long answer costs no more than its beginning. It stays at its end unless somebody scrolled.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from functools import cached_property
from itertools import accumulate
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

from copilot.tui import keymap
from copilot.tui.exchange import Exchange
from copilot.tui.prose import MARGIN, Look, Prose
from copilot.tui.selecting import dragged, selected
from copilot.tui.themes import for_rich
from copilot.tui.verdicts import GOOD
from copilot.tui.wording import shown, shown_line

_KEPT = 40  # exchanges whose lines are kept
_SLICE_S = 0.008  # of drawing at once
WISHES = (  # key, its binding, word, what is wished
    ("+", "chat.good", "good", "good"),
    ("-", "chat.bad", "bad", "bad"),
    ("c", "chat.comment", "comment", "comment"),
    ("y", "chat.copy", "copy", "copy"),
    ("e", "chat.edit", "edit", "edit"),
    ("r", "chat.again", "again", "again"),
    ("m", "answer.model", "model", "model"),
    ("^O", "chat.why", "why", "why"),
)
_MEANWHILE = (("Esc", "chat.stop", "stop", "stop"),)


class Transcript(ScrollView, can_focus=True):
    """A list of exchanges."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous", show=False, id="chat.previous"),
        Binding("down,j", "move(1)", "Next", show=False, id="chat.next"),
        Binding("y", "wish('copy')", "Copy", id="chat.copy"),
        Binding("o", "wish('open')", "Open source", id="chat.open"),
        Binding("v", "wish('view')", "Read source here", id="chat.view"),
        Binding("plus", "wish('good')", "Good", key_display="+", id="chat.good"),
        Binding("minus", "wish('bad')", "Bad", key_display="-", id="chat.bad"),
        Binding("c", "wish('comment')", "Comment", id="chat.comment"),
        Binding("e", "wish('edit')", "Edit question", id="chat.edit"),
        Binding("m", "wish('model')", "Ask another model", id="answer.model"),
        Binding("r", "wish('again')", "Ask again", id="chat.again"),
        *(
            Binding(str(n), f"cite({n})", f"Source {n}", show=False, id=f"chat.source{n}")
            for n in range(1, 10)
        ),
    ]

    class Cited(Message):
        """Somebody chose citation ``number`` of an exchange; 0: its first."""

        def __init__(self, exchange: Exchange, number: int) -> None:
            super().__init__()
            self.exchange = exchange
            self.number = number

    class Wished(Message):
        """Somebody wants something of an exchange: of ``WISHES``, or open, view or stop."""

        def __init__(self, exchange: Exchange, what: str) -> None:
            super().__init__()
            self.exchange = exchange
            self.what = what

    class Addressed(Message):
        """Somebody chose an address that stands in an answer."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    def __init__(self) -> None:
        super().__init__(id="transcript")
        self.exchanges: list[Exchange] = []
        self.current: int | None = None
        self._prose: list[Prose] = []
        self._heights: list[int] = []
        self._unmeasured: set[int] = set()
        self._measuring = False
        self._tops: list[int] = [0]
        self._drawn: OrderedDict[int, list[Strip]] = OrderedDict()

    @property
    def chosen(self) -> Exchange | None:
        """The exchange that keys are about: the current one, else the last."""
        if not self.exchanges:
            return None
        return self.exchanges[-1 if self.current is None else self.current]

    def add(self, *exchanges: Exchange) -> None:
        """Put exchanges at the end, and go there."""
        for exchange in exchanges:
            self._unmeasured.add(len(self.exchanges))
            self.exchanges.append(exchange)
            self._prose.append(Prose(exchange.text, exchange.cited, exchange.marks))
            self._heights.append(self._estimate(exchange))
        self.current = None
        self._settle(at_end=True)

    def changed(self, *exchanges: Exchange) -> None:
        """Show what exchanges have become."""
        at_end = self.is_vertical_scroll_end
        places = {id(one): at for at, one in enumerate(self.exchanges)}
        for exchange in exchanges:
            at = places.get(id(exchange), -1)
            if at >= 0:
                self._prose[at].set(exchange.text, exchange.cited, exchange.marks)
                self._drawn.pop(at, None)
                self._unmeasured.add(at)
        self._settle(at_end=at_end)

    def empty(self) -> None:
        """Forget all exchanges."""
        self.exchanges, self._prose, self._heights = [], [], []
        self._unmeasured.clear()
        self.current, self._tops = None, [0]
        self._drawn.clear()
        self.virtual_size = Size(0, 0)
        self.refresh()

    # --- drawing --------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        at = bisect_right(self._tops, line) - 1
        lines = self._lines(at) if at < len(self.exchanges) else []
        self._go_on_measuring()
        within = line - self._tops[at]
        strip = lines[within] if within < len(lines) else self._look.line()
        if within >= len(lines) and at < len(self.exchanges):
            doings = self._doings(self.exchanges[at])
            strip = doings[within - len(lines)] if within - len(lines) < len(doings) else strip
        if self.has_focus and at < len(self.exchanges) and self.chosen is self.exchanges[at]:
            strip = Strip([self._mark, *list(strip)[1:]], strip.cell_length)
        return selected(self, strip, line).apply_offsets(0, line)

    def on_resize(self, event: Resize) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._redraw()

    # Heights are guessed until somebody looks: those on the screen are worked out before they are
    # drawn, the others one by one while nothing else is to do.

    def _redraw(self) -> None:
        self._drawn.clear()
        for name in ("_look", "_mark"):
            self.__dict__.pop(name, None)
        self._unmeasured = set(range(len(self.exchanges)))
        self._settle(at_end=self.is_vertical_scroll_end)

    def _settle(self, *, at_end: bool) -> None:
        """Work out what is on the screen; stay at the end, or at the exchange that was on top."""
        top = self._at(self.scroll_offset.y)
        within = self.scroll_offset.y - self._tops[top] if self.exchanges else 0
        self._place()
        tried: set[int] = set()
        while guessed := (self._unmeasured - tried) & {*self._on_screen(top, at_end)}:
            for at in guessed:
                self._measure(at)
            tried |= guessed
            self._place()
        if at_end:
            self.scroll_end(animate=False, immediate=True, force=True)
        elif self.exchanges:
            self.scroll_to(y=self._tops[top] + within, animate=False, immediate=True, force=True)
        self.refresh()
        self._go_on_measuring()

    def _on_screen(self, top: int, at_end: bool) -> range:
        """Which exchanges stand there, by what is known of their heights."""
        if not self.exchanges:
            return range(0)
        first = self._at(self._tops[-1] - self.size.height) if at_end else top
        return range(first, self._at(self._tops[first] + self.size.height) + 1)

    def _go_on_measuring(self) -> None:
        if self._unmeasured and not self._measuring:
            self._measuring = True
            self._measure_rest()

    @work(group="measure", exit_on_error=False)
    async def _measure_rest(self) -> None:
        try:
            while self._unmeasured:
                await asyncio.sleep(0)  # a key that was pressed goes first
                at_end = self.is_vertical_scroll_end
                if self._unmeasured & {*self._on_screen(self._at(self.scroll_offset.y), at_end)}:
                    self._settle(at_end=at_end)
                elif self._unmeasured:
                    self._measure(max(self._unmeasured))
        finally:
            self._measuring = False
        self._settle(at_end=self.is_vertical_scroll_end)

    def _at(self, line: int) -> int:
        """The exchange that stands at a line."""
        return max(0, min(len(self.exchanges) - 1, bisect_right(self._tops, line) - 1))

    def _estimate(self, exchange: Exchange) -> int:
        width = max(20, self._width)
        texts = [*exchange.question.splitlines(), *exchange.text.splitlines()]
        return 5 + sum(1 + len(line) // width for line in texts)

    def _measure(self, at: int) -> None:
        self._drawn.pop(at, None)
        self._heights[at] = len(self._lines(at)) + 2

    def _place(self) -> None:
        self._tops = [0, *accumulate(self._heights)]
        self.virtual_size = Size(self._width, self._tops[-1])

    def _lines(self, at: int) -> list[Strip]:
        if at not in self._drawn:
            if self._prose[at].draw(self._look, within_s=_SLICE_S):
                self._unmeasured.discard(at)
            else:
                self._unmeasured.add(at)
            self._drawn[at] = self._draw(self.exchanges[at], self._prose[at])
            if len(self._drawn) > _KEPT:
                oldest, _ = self._drawn.popitem(last=False)
                self._prose[oldest].forget()
                self.exchanges[oldest].slim()
        self._drawn.move_to_end(at)
        return self._drawn[at]

    def _draw(self, exchange: Exchange, prose: Prose) -> list[Strip]:
        look = self._look
        lines = look.words(shown(exchange.question), Style(bold=True))
        if answer := prose.lines_so_far(look):
            lines += [look.line(), *answer]
        faint = Style(color=look.faint)
        below = (*exchange.passed_over, *exchange.told)
        lines += [look.line()] * bool(below)
        for told in below:
            lines += look.words(shown_line(told), faint)
        verdicts = exchange.verdicts
        lines += [look.line()] * bool(verdicts)
        for told in map(shown_line, verdicts):
            stands_above = told.startswith(GOOD)
            cut = [look.words_on_a_line(told, faint)] if stands_above else None
            lines += cut or look.words(told, faint)
        return lines

    def _doings(self, exchange: Exchange) -> list[Strip]:
        """What can be done with the answer that keys are about, to be clicked: a line, or two.

        One that is on its way can be stopped.
        """
        if exchange.ended and (exchange is not self.chosen or not exchange.text):
            return []
        faint = Style(color=self._look.faint)
        rows: list[list[Segment]] = [[]]
        for own, name, word, wish in WISHES if exchange.ended else _MEANWHILE:
            [other, *_] = keymap.worn(self, name, "")
            key = keymap.shown(other) if other else own
            click = faint + Style(meta={"@click": f"wish({wish!r})"})
            taken = sum(len(segment.text) for segment in rows[-1])
            if taken + len(key) + 1 + len(word) > self._look.width:
                rows.append([])
            rows[-1] += [
                Segment(key, click + Style(bold=True)),
                Segment(f" {word}", click),
                Segment("  ", faint),
            ]
        return [self._look.line(row[:-1]) for row in rows]

    @property
    def _width(self) -> int:
        """Without the scrollbar, whose place is kept whether it is there or not."""
        return self.scrollable_content_region.width

    @cached_property
    def _look(self) -> Look:
        theme = self.app.current_theme
        return Look(
            width=max(20, self._width - MARGIN),
            base=self.rich_style,
            accent=for_rich(theme.accent or theme.primary),
            faint="#8a8a8a" if theme.dark else "#6a6a6a",
            code="monokai" if theme.dark else "default",
        )

    @cached_property
    def _mark(self) -> Segment:
        return Segment("▌ ", self._look.base + Style(color=self._look.accent))

    # --- selecting text -------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        texts: list[str] = []
        for at in range(len(self.exchanges)):
            while at in self._unmeasured:
                self._measure(at)
            texts += [strip.text.rstrip() for strip in self._lines(at)]
            texts.append("")
        return selection.extract("\n".join(texts)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # --- keys and the mouse ---------------------------------------------------------------

    def action_move(self, by: int) -> None:
        if not self.exchanges:
            return
        last = len(self.exchanges) - 1
        self._choose(max(0, min(last, (last if self.current is None else self.current) + by)))

    def action_wish(self, what: str) -> None:
        if self.chosen is not None:
            self.post_message(self.Wished(self.chosen, what))

    def action_cite(self, number: int) -> None:
        if self.chosen is not None:
            self.post_message(self.Cited(self.chosen, number))

    def action_address(self, address: str) -> None:
        self.post_message(self.Addressed(address))

    def on_focus(self) -> None:
        if self.exchanges:
            self._choose(len(self.exchanges) - 1 if self.current is None else self.current)

    def on_click(self, event: Click) -> None:
        if event.chain > 1 or dragged(self):
            event.prevent_default()  # which selects all, or goes where the words under it lead
        if dragged(self):
            return
        at = bisect_right(self._tops, event.y + self.scroll_offset.y) - 1
        if 0 <= at < len(self.exchanges):
            self._choose(at, scrolls=False)

    def _choose(self, at: int, *, scrolls: bool = True) -> None:
        moved = at != self.current
        self.current = at
        self.refresh()
        if scrolls and moved and not self._shows(at):
            self.scroll_to(y=self._tops[at], animate=False)
        self.post_message(self.Cited(self.exchanges[at], 0))

    def _shows(self, at: int) -> bool:
        top, bottom = self._tops[at], self._tops[at + 1]
        first, height = self.scroll_offset.y, self.size.height
        return first <= top < first + height or first <= bottom - 2 < first + height
