"""The fields of a record, drawn line by line, and the place where one of them is edited.

Invariant: a field that isn't on the screen costs a number; while one is edited it is as high as
its editor, which lies above it wherever it is scrolled to.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import set_cell_size
from textual.containers import Vertical
from textual.events import Click, MouseDown, Resize
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from copilot.tui.field_line import NAME, FieldLine
from copilot.tui.items import Items, Pieces
from copilot.tui.selecting import dragged

_LEFT = NAME + 1


class Editor(Vertical):
    """What a value is edited with, and below it what is wrong with what is typed."""

    class Grown(Message):
        """It has another height."""

    def __init__(self, field: Widget, problem: str) -> None:
        self.problem = Static(f"✗ {problem}", classes="live-problem", markup=False)
        self.problem.display = bool(problem)
        super().__init__(field, self.problem, classes="editor")
        self.field = field

    def on_resize(self, event: Resize) -> None:
        self.post_message(self.Grown())


class FieldList(Items, inherit_bindings=False):
    """``fields`` are its items; it has the keys while none of them is edited."""

    class Clicked(Message):
        """Somebody clicked on a field."""

        def __init__(self, field: FieldLine) -> None:
            super().__init__()
            self.field = field

    class Moved(Message):
        """Where the current field is on the screen is another place now."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Sequence[FieldLine] = ()
        self._room = 0  # for the editor of the current field; none: it shows its value
        self._pressed: FieldLine | None = None

    @property
    def count(self) -> int:
        return len(self.fields)

    @property
    def current(self) -> FieldLine | None:
        return None if self.at is None else self.fields[self.at]

    def show(self, fields: Sequence[FieldLine], at: int) -> None:
        """Other fields, or the same with other values."""
        self.fields = fields
        self.renew(at, tell=False)

    def point(self, at: int) -> None:
        """Make this field the current one."""
        self.at = at
        self._reveal()
        self.refresh()

    def make_room(self, rows: int) -> None:
        """So many rows for the editor of the current field; 0: its value again."""
        if rows != self._room:
            self._room = rows
            self.renew(self.at, tell=False)

    @property
    def spot(self) -> tuple[Offset, int]:
        """Where the editor of the current field begins, from the list's corner; and its width."""
        top = self.top_of(self.at or 0) - self.scroll_offset.y
        return Offset(_LEFT, top), max(1, self.width - _LEFT)

    def a_page_off(self, by: int) -> int:
        """The field a page further, or back."""
        return self._at_line(self._tops[self.at or 0] + by * max(1, self.size.height - 1))

    def top_of(self, at: int) -> int:
        """The line at which a field begins."""
        return self._tops[at]

    # --- drawing --------------------------------------------------------------------------

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        current = at == self.at
        look = "strong" if current else "faint"
        rows = self.fields[at].rows(width)
        if current and self._room:
            names = [name for name, _ in rows if name] or [""]
            return [self._cell(name, look) for name in names] + [()] * (self._room - len(names))
        return [(*self._cell(name, look), *pieces) for name, pieces in rows]

    def _cell(self, name: str, look: str) -> Pieces:
        return ((f" {set_cell_size(name, NAME)}", look),)

    def placed(self) -> None:
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    # --- the mouse ------------------------------------------------------------------------

    def on_mouse_down(self, event: MouseDown) -> None:
        """What is pressed is what is meant: an editor that closes then lets the rest move."""
        line = event.y + self.scroll_offset.y
        self._pressed = self.fields[self._at_line(line)] if line < self.lines else None

    def on_click(self, event: Click) -> None:
        event.stop()
        event.prevent_default()  # a list of another kind would open what is clicked twice
        if self._pressed is not None and not dragged(self):
            self.post_message(self.Clicked(self._pressed))
