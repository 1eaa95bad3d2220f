"""Conversations as rows, one line each, however many there are.

Invariant: what isn't on the screen costs nothing: a line is drawn when it is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from copilot.calls import Session
from copilot.tui.wording import shown_line

_WHEN = 8  # cells


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation; ``snippet``: where its texts hold what is looked for."""

    session: Session
    snippet: str = ""


class SessionList(ScrollView, can_focus=True):
    """Rows, one of which is the current one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--at", "rows--faint", "rows--mark"}
    DEFAULT_CSS = """
    SessionList {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1;
        background: transparent; color: $foreground;
        & > .rows--at { background: $accent 20%; text-style: bold; }
        & > .rows--faint { color: $text-muted; text-style: none; }
        & > .rows--mark { color: $accent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous", show=False, id="sessions.previous"),
        Binding("down,j", "move(1)", "Next", show=False, id="sessions.next"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="sessions.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="sessions.page_down"),
        Binding("home,g", "end(False)", "First", show=False, id="sessions.first"),
        Binding("end,G", "end(True)", "Last", show=False, id="sessions.last"),
        Binding("enter", "choose", "Go on with it", id="sessions.choose"),
    ]

    class Chosen(Message):
        """Somebody wants to go on with this one."""

        def __init__(self, session: Session) -> None:
            super().__init__()
            self.session = session

    def __init__(self, now: datetime) -> None:
        super().__init__(id="sessions")
        self._now = now
        self._rows: Sequence[Row] = ()
        self._at = 0

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def current(self) -> Session | None:
        """The row that keys are about."""
        return self._rows[self._at].session if self._rows else None

    def show(self, rows: Sequence[Row], *, stay: bool = True) -> None:
        """Other rows; the current conversation stays the current one, if it is among them."""
        name = self.current.name if stay and self.current is not None else ""
        self._rows = rows
        found = (at for at, row in enumerate(rows) if row.session.name == name)
        self._go(next(found, 0) if name else 0)

    def on_resize(self) -> None:
        self._go(self._at)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if at >= len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[at]
        lit = at == self._at
        if lit:
            base += self.get_component_rich_style("rows--at", partial=True)
        faint = self.get_component_rich_style("rows--faint", partial=True)
        mark = self.get_component_rich_style("rows--mark", partial=True)
        room = max(10, width - _WHEN - 5)
        title = _fit(shown_line(row.session.title) or row.session.name, room)
        left = room - cell_len(title)
        snippet = f"  {shown_line(row.snippet)}" if row.snippet else ""
        segments = [
            Segment("▌" if lit else " ", base + mark),
            Segment("★ " if row.session.pinned else "  ", base + mark),
            Segment(title, base),
            Segment(set_cell_size(_fit(snippet, left), left), base + faint),
            Segment(f"  {_when(row.session.touched_at, self._now):>{_WHEN}}", base + faint),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def action_move(self, by: int) -> None:
        self._go(self._at + by)

    def action_page(self, by: int) -> None:
        self._go(self._at + by * max(1, self.size.height - 1))

    def action_end(self, last: bool) -> None:
        self._go(len(self._rows) if last else 0)

    def action_choose(self) -> None:
        if self.current is not None:
            self.post_message(self.Chosen(self.current))

    def on_click(self, event: Click) -> None:
        at = event.y + self.scroll_offset.y
        if at < len(self._rows):
            again = at == self._at and self.has_focus
            self._go(at)
            if event.chain > 1 or again:
                self.action_choose()

    def _go(self, at: int) -> None:
        self._at = max(0, min(len(self._rows) - 1, at))
        self.virtual_size = Size(1, len(self._rows))
        self.scroll_to_region(Region(0, self._at, 1, 1), animate=False, force=True)
        self.refresh()


def _fit(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…" if width > 1 else ""


def _when(touched_at: str, now: datetime) -> str:
    when, today = datetime.fromisoformat(touched_at).astimezone(), now.astimezone()
    if when.date() == today.date():
        return f"{when:%H:%M}"
    if when.year == today.year:
        return f"{when.day} {when:%b}"
    return f"{when:%b %Y}"
