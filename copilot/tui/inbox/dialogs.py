"""What the inbox asks before it does something.

Invariant: nothing is done unless the person says so; Esc is always a no.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from copilot.tui.wording import shown_line


class WordsScreen(ModalScreen[str | None]):
    """Asks for a line: the reason of a rejection, the word for one more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="words.leave"),
    ]

    def __init__(self, heading: str, about: str, *, asks: str, does: str, value: str = "") -> None:
        super().__init__()
        self._heading, self._about = heading, about
        self._asks, self._does, self._value = asks, does, value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._heading, classes="heading", markup=False)
            yield Static(Content(shown_line(self._about)), classes="about")
            yield Input(self._value, placeholder=self._asks, id="words", compact=True)
            yield Static(
                Content.from_markup(
                    "[@click=screen.send][bold $accent]Enter[/] [$text-muted]$does[/][/]   "
                    "[@click=screen.leave][bold $accent]Esc[/] [$text-muted]goes back[/][/]",
                    does=self._does,
                ),
                classes="hint",
            )

    def on_input_submitted(self) -> None:
        self.action_send()

    def action_send(self) -> None:
        self.dismiss(self.query_one(Input).value.strip())

    def action_leave(self) -> None:
        self.dismiss(None)


class SureScreen(ModalScreen[bool]):
    """Asks once more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "say(True)", "Yes", id="sure.yes"),
        Binding("n,escape", "say(False)", "No", id="sure.no"),
    ]

    def __init__(self, heading: str, about: str, *, does: str) -> None:
        super().__init__()
        self._heading, self._about, self._does = heading, about, does

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._heading, classes="heading", markup=False)
            yield Static(Content(shown_line(self._about)), classes="about")
            yield Static(
                Content.from_markup(
                    "[@click=screen.say(True)][bold $accent]y[/] [$text-muted]$does[/][/]   "
                    "[@click=screen.say(False)][bold $accent]n[/] [$text-muted]goes back[/][/]",
                    does=self._does,
                ),
                classes="hint",
            )

    def action_say(self, said: bool) -> None:
        self.dismiss(said)
