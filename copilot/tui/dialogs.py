"""Small questions in front of a screen: a line of text, yes or no.

Invariant: Esc changes nothing; what was typed is what is returned.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from copilot.tui.doings import Doings


class LineScreen(ModalScreen[str | None]):
    """Asks for a line of text. ``why`` says what it is for, ``does`` what Enter does; all of it
    must be safe to show.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="line.back"),
    ]

    def __init__(
        self,
        heading: str,
        *,
        value: str = "",
        placeholder: str = "",
        why: str = "",
        does: str = "done",
    ) -> None:
        super().__init__()
        self._heading = heading
        self._value = value
        self._placeholder = placeholder
        self._why = why
        self._does = does

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._heading), classes="heading")
            yield Input(self._value, placeholder=self._placeholder, compact=True, id="line")
            if self._why:
                yield Static(Content(self._why), classes="hint")
            yield Doings(
                ("Enter", self._does, "screen.send"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)

    def action_send(self) -> None:
        self.dismiss(self.query_one(Input).value)

    def action_leave(self) -> None:
        self.dismiss(None)


class SureScreen(ModalScreen[bool]):
    """Asks whether to go on with what can't be taken back. All texts must be safe to show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", id="sure.yes"),
        Binding("n,escape", "no", "No", id="sure.no"),
    ]

    def __init__(self, question: str, *, means: str, yes: str, no: str = "keep") -> None:
        super().__init__()
        self._question = question
        self._means = means
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="heading")
            yield Static(Content(self._means))
            yield Doings(
                ("y", self._yes, "screen.yes"), ("Esc", self._no, "screen.no"), classes="hint"
            )

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)
