"""Where several lines are written: Textual's own text area, with two of its faults mended.

Invariant: the keys that go to an area go there while somebody writes, and what is undone never
ends the application.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

_OF_AREAS = ("f6", "f7")


def bindings_without(*keys: str) -> Sequence[BindingType]:
    """The text area's own keys but for these, and those of areas."""
    kept = []
    for binding in TextArea.BINDINGS:
        assert isinstance(binding, Binding)
        left = [key for key in binding.key.split(",") if key not in (*_OF_AREAS, *keys)]
        if left:
            kept.append(Binding(",".join(left), binding.action, binding.description, show=False))
    return kept


class TextField(TextArea, inherit_bindings=False):
    """A text area."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_without()]

    # Textual draws the cursor where it was before it knows how many lines there are.

    def undo(self) -> None:
        self._with_the_cursor_home(super().undo)

    def redo(self) -> None:
        self._with_the_cursor_home(super().redo)

    def _with_the_cursor_home(self, change: Callable[[], None]) -> None:
        text, selection = self.text, self.selection
        self.selection = Selection.cursor((0, 0))
        change()
        if self.text == text:
            self.selection = selection
