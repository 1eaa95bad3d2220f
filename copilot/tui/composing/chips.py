"""What questions are asked about, as chips above the composer.

Invariant: a chip stands there for every question until it is taken away.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import HorizontalScroll
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from copilot.tui.composing.about import Chip


class ChipLabel(Static, can_focus=True):
    """One chip: a click on its cross or Delete takes it away, Enter puts a pasted text back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace,x", "remove", "Take away", id="chip.remove"),
        Binding("enter", "expand", "Put the text back", id="chip.expand"),
        Binding("right", "app.focus_next", "Next", show=False, id="chip.next"),
        Binding("left", "app.focus_previous", "Previous", show=False, id="chip.previous"),
        Binding("escape", "back", "Back to the question", id="chip.back"),
    ]

    class Removed(Message):
        def __init__(self, chip: Chip) -> None:
            super().__init__()
            self.chip = chip

    class Expanded(Message):
        def __init__(self, chip: Chip) -> None:
            super().__init__()
            self.chip = chip

    class Left(Message):
        """Somebody goes back to the question."""

    def __init__(self, chip: Chip) -> None:
        super().__init__(Content(f" {chip.label} ✕ "), markup=False, classes=f"chip -{chip.kind}")
        self.chip = chip

    def on_click(self, event: Click) -> None:
        event.stop()
        if event.x >= self.size.width - 3:
            self.action_remove()
        else:
            self.action_expand()

    def action_remove(self) -> None:
        self.post_message(self.Removed(self.chip))

    def action_expand(self) -> None:
        self.post_message(self.Expanded(self.chip))

    def action_back(self) -> None:
        self.post_message(self.Left())


class Tray(HorizontalScroll, can_focus=False):
    """The chips, in the order in which they came; nothing stands there without one."""

    def __init__(self) -> None:
        super().__init__(id="tray")
        self.display = False

    async def show(self, chips: list[Chip]) -> None:
        """These and no others."""
        await self.remove_children()
        await self.mount(*(ChipLabel(chip) for chip in chips))
        self.display = bool(chips)
