"""A list drawn line by line, one line of which is the current one.

Invariant: what isn't on the screen costs nothing, however long the list is.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from copilot.tui.selecting import dragged, selected


class Rows(ScrollView, can_focus=True):
    """``count`` lines, each made by ``line``; the subclass says when they are others."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--at",
        "rows--at-blurred",
        "rows--faint",
        "rows--accent",
        "rows--error",
        "rows--warning",
        "rows--success",
    }
    DEFAULT_CSS = """
    Rows {
        overflow-x: hidden; scrollbar-size-vertical: 1;
        background: transparent; color: $foreground;
        & > .rows--at {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .rows--at-blurred {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground; text-style: $block-cursor-blurred-text-style;
        }
        & > .rows--faint { color: $text-muted; }
        & > .rows--accent { color: $accent; }
        & > .rows--error { color: $error; }
        & > .rows--warning { color: $warning; }
        & > .rows--success { color: $success; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous", show=False, id="runs.previous"),
        Binding("down,j", "move(1)", "Next", show=False, id="runs.next"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="runs.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="runs.page_down"),
        Binding("home,g", "end(False)", "First", show=False, id="runs.first"),
        Binding("end,G", "end(True)", "Last", show=False, id="runs.last"),
        Binding("enter", "choose", "Open", show=False, id="runs.choose"),
    ]

    class Moved(Message):
        """Another line is the current one."""

        def __init__(self, rows: Rows) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Rows:
            return self.rows

    class Chosen(Moved):
        """Somebody wants what stands in the current line."""

    at = 0
    lights = True  # the current line has a ground of its own

    # --- for the subclass -----------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, at: int, width: int) -> list[tuple[str, str]]:
        """A line as pieces of text, each with the name of its look; empty: the usual one."""
        raise NotImplementedError

    def owner(self, at: int) -> range:
        """The lines that are lit together with this one."""
        return range(at, at + 1)

    def told(self, *, at: int = 0) -> None:
        """There are other lines by now."""
        self.virtual_size = Size(self.scrollable_content_region.width, self.count)
        self.go(at)

    def go(self, at: int) -> None:
        """Make this line the current one, and bring it into view."""
        before, self.at = self.at, max(0, min(self.count - 1, at))
        lines = self.owner(self.at) if self.count else range(1)
        region = Region(0, lines.start, 1, max(1, min(len(lines), self.size.height)))
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()
        if before != self.at:
            self.post_message(self.Moved(self))

    # --- drawing --------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if number >= self.count:
            return Strip.blank(width, base)
        segments = [
            Segment(text, base + self._look(name) if name else base)
            for text, name in self.line(number, width)
        ]
        strip = Strip(segments).adjust_cell_length(width, base)
        if self.lights and number in self.owner(self.at):
            lit = self._look("at" if self.has_focus else "at-blurred")
            strip = Strip(Segment.apply_style(strip, post_style=lit), width)
        return selected(self, strip, number).apply_offsets(0, number)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"rows--{name}", partial=True)

    def on_resize(self) -> None:
        self.told(at=self.at)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # --- selecting text -------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        width = self.scrollable_content_region.width
        texts = [
            "".join(text for text, _ in self.line(at, width)).rstrip()
            if selection.get_span(at) is not None
            else ""  # what isn't selected isn't made, but counted
            for at in range(self.count)
        ]
        return selection.extract("\n".join(texts)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # --- keys and the mouse ---------------------------------------------------------------

    def action_move(self, by: int) -> None:
        self.go(self.at + by)

    def action_page(self, by: int) -> None:
        self.go(self.at + by * max(1, self.size.height - 1))

    def action_end(self, last: bool) -> None:
        self.go(self.count - 1 if last else 0)

    def action_choose(self) -> None:
        if self.count:
            self.post_message(self.Chosen(self))

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        number = event.y + self.scroll_offset.y
        if number < self.count and not dragged(self):
            self.go(number)
            self.action_choose()
