"""Small questions of the settings: a key that nobody sees, a key to press, a choice.

Invariant: what is typed as a provider's key is shown as dots, and kept nowhere once it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.tui.doings import Doings
from copilot.tui.keymap import shown


@dataclass(frozen=True, slots=True)
class NewKey:
    """A provider's key under its name."""

    name: str
    value: str = field(repr=False)


class _NameInput(Input):
    """Hands on what is typed after Enter: what follows a name is the key, and nobody may see it,
    however soon it comes.
    """

    _left = False

    async def _on_key(self, event: Key) -> None:
        key = self.screen.query(Input).last()
        if event.key == "enter" and self.value.strip() and not key.value:
            self._left = True
            key.focus()
        elif self._left and event.is_printable and event.character:
            key.insert_text_at_cursor(event.character)
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    def on_focus(self) -> None:
        self._left = False


class KeyScreen(ModalScreen[NewKey | None]):
    """Asks for the name of a key, unless it is given, and for the key, which isn't shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="newkey.back"),
    ]

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._key_name = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Store a key", classes="heading")
            yield _NameInput(
                self._key_name,
                placeholder="Name of the provider or sink, such as openai",
                compact=True,
                id="key-name",
            )
            yield Input(placeholder="The key, which isn't shown", password=True, compact=True)
            yield Doings(
                ("Enter", "store", "screen.send"), ("Esc", "back", "screen.leave"), classes="hint"
            )

    def on_mount(self) -> None:
        last = self.query(Input).last() if self._key_name else self.query(Input).first()
        last.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        name, key = (one.value.strip() for one in self.query(Input))
        if name and key:
            self.query(Input).last().clear()
            self.dismiss(NewKey(name, key))
        else:
            (self.query(Input).last() if name else self.query(Input).first()).focus()

    def action_leave(self) -> None:
        self.query(Input).last().clear()
        self.dismiss(None)


class PressScreen(ModalScreen[str | None]):
    """Waits for a key to be pressed. ``wrong`` says what would be wrong with one; a key that was
    objected to is taken when it is pressed again.
    """

    takes_every_key = True

    def __init__(self, what: str, wrong: Callable[[str], str]) -> None:
        super().__init__()
        self._what = what
        self._wrong = wrong
        self._objected = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(f"Press the new key for: {self._what}"), classes="heading")
            yield Static("Esc leaves it as it is.", id="pressed")
            yield Doings(("", "leave it as it is", "screen.leave"), classes="hint")

    def on_key(self, event: Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
            return
        wrong = self._wrong(event.key)
        if wrong and event.key != self._objected:
            self._objected = event.key
            text = f"{wrong}\nPress {shown(event.key)} again to take it all the same, or another."
            self.query_one("#pressed", Static).update(Content(text))
            return
        self.dismiss(event.key)

    def action_leave(self) -> None:
        self.dismiss(None)


class ChoiceScreen(ModalScreen[str | None]):
    """One of several words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="choice.back"),
    ]

    def __init__(self, heading: str, choices: Sequence[str], current: str) -> None:
        super().__init__()
        self._heading = heading
        self._choices = choices
        self._current = current

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._heading), classes="heading")
            yield OptionList(
                *(Option(f"{'✓' if one == self._current else ' '} {one}") for one in self._choices),
                compact=True,
                id="choices",
                markup=False,
            )
            yield Doings(("Enter", "take it", ""), ("Esc", "back", "screen.leave"), classes="hint")

    def on_mount(self) -> None:
        listed = self.query_one(OptionList)
        if self._current in self._choices:
            listed.highlighted = self._choices.index(self._current)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index])

    def action_leave(self) -> None:
        self.dismiss(None)
