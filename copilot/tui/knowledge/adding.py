"""Asks for a folder or file to add, and who may read it; the core completes what is typed.

Invariant: Esc adds nothing; what is returned is what was typed or pasted, untouched.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls.knowledge import AddSource, CompletePath, PathsCompleted
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.knowledge.words import labels_of
from copilot.tui.wording import shown_line

_OFFERED = 8


class AddScreen(ModalScreen[AddSource | None]):
    """``path`` is what stands there at first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="adding.back"),
        Binding("tab", "complete", "Complete the path", priority=True, id="adding.complete"),
        Binding("down", "move(1)", "Next", show=False, priority=True, id="adding.next"),
        Binding("up", "move(-1)", "Previous", show=False, priority=True, id="adding.previous"),
    ]

    def __init__(self, core: Core, path: str = "") -> None:
        super().__init__()
        self._core = core
        self._first = path
        self._offered: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="adding"):
            yield Static("Add a folder or a file", classes="heading")
            yield Input(self._first, placeholder="Its path: ~/notes …", compact=True, id="path")
            yield OptionList(id="offered", compact=True)
            yield Input(
                placeholder="Who may read it: groups, with commas between; everybody if empty",
                compact=True,
                id="labels",
            )
            yield Doings(
                ("Tab", "completes", "screen.complete"),
                ("Enter", "adds and reads it", "screen.add"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self.query_one("#path", Input).focus()

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._complete(event.value)

    @work(group="completing", exclusive=True, exit_on_error=False)
    async def _complete(self, typed: str) -> None:
        try:
            told = await self._core.call(CompletePath(typed), PathsCompleted)
        except CopilotError:
            return  # a path can be typed whole
        self._offered = told.found[:_OFFERED]
        listed = self.query_one("#offered", OptionList)
        listed.clear_options()
        listed.add_options([Option(Content(shown_line(one))) for one in self._offered])
        listed.display = bool(self._offered)
        listed.highlighted = 0 if self._offered else None

    def action_move(self, by: int) -> None:
        listed = self.query_one("#offered", OptionList)
        (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def action_complete(self) -> None:
        """Take what is offered; from a path that is whole, go to the labels, and back."""
        path = self.query_one("#path", Input)
        at = self.query_one("#offered", OptionList).highlighted
        if not path.has_focus:
            path.focus()
        elif at is not None and at < len(self._offered) and self._offered[at] != path.value:
            self._take(self._offered[at])
        else:
            self.query_one("#labels", Input).focus()

    @on(OptionList.OptionSelected, "#offered")
    def _offer_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._offered[event.option_index])

    def _take(self, offered: str) -> None:
        path = self.query_one("#path", Input)
        path.value = offered
        path.cursor_position = len(offered)
        path.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_add()

    def action_add(self) -> None:
        typed = self.query_one("#path", Input).value
        labels = labels_of(self.query_one("#labels", Input).value)
        if typed.strip():
            self.dismiss(AddSource(typed, labels or None))

    def action_leave(self) -> None:
        self.dismiss(None)
