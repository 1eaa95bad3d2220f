"""A list to choose from whose items are drawn line by line, however many there are.

Invariant: an item that isn't on the screen costs a number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from copilot.tui.selecting import dragged, selected

Pieces = Sequence[tuple[str, str]]  # words, and the name of their look; empty: plain


class Items(ScrollView, can_focus=True):
    """``lines_of`` draws an item. ``at`` is the one chosen; None in an empty list."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "items--accent",
        "items--faint",
        "items--strong",
        "items--warning",
        "items--error",
        "items--cursor",
        "items--blurred",
    }
    DEFAULT_CSS = """
    Items {
        background: $background; color: $foreground; scrollbar-size-vertical: 1;
        & .items--accent { color: $accent; }
        & .items--faint { color: $text-muted; }
        & .items--strong { text-style: bold; }
        & .items--warning { color: $warning; text-style: bold; }
        & .items--error { color: $error; }
        & .items--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $cursor-text-style;
        }
        & .items--blurred {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous", show=False, id="items.previous"),
        Binding("down,j", "move(1)", "Next", show=False, id="items.next"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="items.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="items.page_down"),
        Binding("home,g", "end(-1)", "First", show=False, id="items.first"),
        Binding("end,G", "end(1)", "Last", show=False, id="items.last"),
        Binding("enter", "open", "Open", id="items.open"),
    ]

    class Chosen(Message):
        """Another item is the chosen one."""

        def __init__(self, items: Items) -> None:
            super().__init__()
            self.items = items

        @property
        def control(self) -> Items:
            return self.items

    class Opened(Chosen):
        """Somebody wants to go into the chosen item."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.at: int | None = None
        self._tops: Sequence[int] = [0]
        self._laid = 16  # the width that all was laid out for

    # --- what subclasses say --------------------------------------------------------------

    @property
    def count(self) -> int:
        raise NotImplementedError

    def tops_of(self, width: int) -> Sequence[int]:
        """The line at which each item begins, and the line behind the last."""
        heights = (len(self.lines_of(at, width)) for at in range(self.count))
        return [0, *accumulate(heights)]

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        """The lines of an item."""
        raise NotImplementedError

    def placed(self) -> None:
        """The items have their places."""

    # --- what is shown --------------------------------------------------------------------

    def renew(self, at: int | None, *, tell: bool = True) -> None:
        """The items are others now; this one is chosen."""
        self.at = None if not self.count else max(0, min(self.count - 1, at or 0))
        self._place()
        self._reveal()
        if tell:
            self.post_message(self.Chosen(self))

    @property
    def lines(self) -> int:
        """How many lines all items take."""
        return self._tops[-1]

    @property
    def width(self) -> int:
        return max(16, self.scrollable_content_region.width or self.size.width)

    def on_resize(self, event: Resize) -> None:
        if self.width != self._laid:
            self._place()
        self._reveal()

    def _place(self) -> None:
        width = self._laid = self.width
        self._tops = self.tops_of(width)
        self.virtual_size = Size(width, self._tops[-1])
        self.placed()
        self.refresh()

    def _reveal(self) -> None:
        if self.at is None or not self.size.height:
            return
        top, bottom = self._tops[self.at], self._tops[self.at + 1]
        first, height = self.scroll_offset.y, self.size.height
        if top < first:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif bottom > first + height:
            self.scroll_to(y=min(top, bottom - height), animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        line = y + self.scroll_offset.y
        at = bisect_right(self._tops, line) - 1
        if at >= self.count:
            return Strip.blank(width, base)
        chosen = at == self.at
        if chosen:
            name = "items--cursor" if self.has_focus else "items--blurred"
            base += self.get_component_rich_style(name)
        pieces = self.lines_of(at, self._laid)[line - self._tops[at]]
        segments = [
            Segment(words, base + self._look(look, coloured=not chosen)) for words, look in pieces
        ]
        strip = Strip(segments).adjust_cell_length(width, base)
        return selected(self, strip, line).apply_offsets(0, line)

    # --- selecting text -------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        texts = [
            self._text(line) if selection.get_span(line) is not None else ""
            for line in range(self.lines)  # what isn't selected isn't made, but counted
        ]
        return selection.extract("\n".join(texts)), "\n"

    def _text(self, line: int) -> str:
        at = self._at_line(line)
        pieces = self.lines_of(at, self._laid)[line - self._tops[at]]
        return "".join(words for words, _ in pieces).rstrip()

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # --- looks ----------------------------------------------------------------------------

    def _look(self, name: str, *, coloured: bool) -> Style:
        """The cursor's ground may be any: there words have the colour that is meant for it."""
        if not name:
            return Style.null()
        found = self.get_component_rich_style(f"items--{name}")
        return Style(color=found.color if coloured else None, bold=found.bold)

    # --- keys and the mouse ---------------------------------------------------------------

    def action_move(self, by: int) -> None:
        self.choose((self.at or 0) + by)

    def action_page(self, by: int) -> None:
        self.choose(self._at_line((self._tops[self.at or 0]) + by * max(1, self.size.height - 1)))

    def action_end(self, by: int) -> None:
        self.choose(self.count - 1 if by > 0 else 0)

    def action_open(self) -> None:
        if self.at is not None:
            self.post_message(self.Opened(self))

    def choose(self, at: int) -> None:
        """Make this item the chosen one; the nearest there is."""
        at = max(0, min(self.count - 1, at))
        if self.count and at != self.at:
            self.at = at
            self._reveal()
            self.refresh()
            self.post_message(self.Chosen(self))

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        if dragged(self):
            return
        line = event.y + self.scroll_offset.y
        if line >= self._tops[-1]:
            return
        at = self._at_line(line)
        if at == self.at:
            self.action_open()
        self.choose(at)

    def _at_line(self, line: int) -> int:
        return max(0, min(self.count - 1, bisect_right(self._tops, line) - 1))


def fitted(text: str, width: int) -> str:
    """Exactly so many cells: the rest of a longer text is left out, which a … says."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(f"{set_cell_size(text, width - 1).rstrip()}…", width)
