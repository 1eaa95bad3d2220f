"""Which model is to answer a question again: the configured one, none, or one that is typed.

Invariant: what it returns is a name as it was typed, ``QUOTING``, or None for no choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.tui.doings import Doings
from copilot.tui.wording import shown_line

QUOTING = "quoting"


class ModelScreen(ModalScreen[str | None]):
    """``known``: the names to choose from besides quoting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="model.back"),
    ]

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__()
        self._names = [*dict.fromkeys(name for name in known if name), QUOTING]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Ask again, answered by", classes="heading")
            yield OptionList(
                *(Option(Content(_told(name))) for name in self._names), compact=True, id="models"
            )
            yield Input(placeholder="another, as litellm names it: openai/gpt-5-mini", compact=True)
            yield Doings(
                ("Enter", "ask", "screen.send"),
                ("Tab", "type a name", "screen.type"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._names[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        typed = self.query_one(Input).value.strip()
        at = self.query_one(OptionList).highlighted
        self.dismiss(typed or (self._names[at] if at is not None else None))

    def action_type(self) -> None:
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


def _told(name: str) -> str:
    return "quoting, without a model" if name == QUOTING else shown_line(name)
