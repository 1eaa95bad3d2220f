"""The conversations so far, to go on with one: searched as one types.

Invariant: what it returns is the name of a conversation that the core listed, or None.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls import Session
from copilot.tui.wording import shown_line

_TITLE = 64


class SessionsScreen(ModalScreen[str | None]):
    """A list of conversations, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back"),
        Binding("down", "move(1)", "Next", show=False),
        Binding("up", "move(-1)", "Previous", show=False),
    ]

    def __init__(self, found: tuple[Session, ...]) -> None:
        super().__init__()
        self._found = found
        self._listed: list[Session] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Conversations", classes="heading")
            yield Input(placeholder="Search …", compact=True)
            yield OptionList(id="sessions", compact=True)
            yield Static("Enter goes on with it · Esc goes back", classes="hint")

    def on_mount(self) -> None:
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def on_input_submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._listed[at].name)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[event.option_index].name)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        listed = self.query_one(OptionList)
        (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def _list(self, wanted: str) -> None:
        words = wanted.casefold().split()
        self._listed = [
            one
            for one in self._found
            if all(word in f"{one.title} {one.name}".casefold() for word in words)
        ]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(one)) for one in self._listed])
        options.highlighted = 0 if self._listed else None


def _line(one: Session) -> Content:
    title = shown_line(one.title)
    title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    when = datetime.fromisoformat(one.touched_at).astimezone()
    return Content.assemble(title, (f"  {when:%d %b %H:%M}", "dim"))
