"""What somebody has to say of an answer: whether it was good, why, what it should have been.

Invariant: nothing is sent unless the person says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, RadioButton, RadioSet, Static

from copilot.tui.doings import Doings
from copilot.tui.writing import TextField


@dataclass(frozen=True, slots=True)
class Opinion:
    """``rating`` is ``good`` or ``bad``; an empty ``correction`` says nothing."""

    rating: str
    comment: str
    correction: str


class CommentScreen(ModalScreen[Opinion | None]):
    """A rating with words to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="comment.back"),
        Binding("ctrl+s", "send", "Send", priority=True, id="comment.send"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("What do you think of this answer?", classes="heading")
            with RadioSet(compact=True):
                yield RadioButton("good", value=True)
                yield RadioButton("bad")
            yield Input(placeholder="Why?", id="comment")
            yield TextField(placeholder="What it should have been", id="correction", compact=True)
            yield Doings(
                ("Ctrl+S", "send", "screen.send"), ("Esc", "back", "screen.leave"), classes="hint"
            )

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_send(self) -> None:
        self.dismiss(
            Opinion(
                rating="bad" if self.query_one(RadioSet).pressed_index == 1 else "good",
                comment=self.query_one("#comment", Input).value.strip(),
                correction=self.query_one("#correction", TextField).text.strip(),
            )
        )
