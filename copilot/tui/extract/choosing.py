"""Chooses a schema: one that ships, or whatever ``copilot extract`` takes for one.

Invariant: nothing is chosen but what somebody chose; what is typed and is no name of a list is
asked for as it was typed, and the core says what it thinks of it.
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

from copilot.calls.extracting import SchemaCard
from copilot.tui.doings import Doings
from copilot.tui.wording import shown_line

_FIELDS_SHOWN = 160
_PLACEHOLDER = "Find one, or your own: ./parcel.json, module:Class, name, due?"
_MARKS = (",", ":", "?", "|", "/", ".", "~")


class SchemaScreen(ModalScreen[str | None]):
    """Returns what the schema is asked for by; None when nobody chose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="schema.back"),
        Binding("down", "move(1)", "Next", show=False, id="schema.next"),
        Binding("up", "move(-1)", "Previous", show=False, id="schema.previous"),
    ]

    def __init__(self, cards: Sequence[SchemaCard], current: str = "") -> None:
        super().__init__()
        self._cards = cards
        self._current = current
        self._found: list[SchemaCard] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("What is to be read out of it?", classes="heading", markup=False)
            yield Input(placeholder=_PLACEHOLDER, compact=True, id="schema-asked")
            yield OptionList(id="schemas", compact=True, markup=False)
            yield Static(id="schema-about", markup=False)
            yield Doings(
                ("Enter", "choose", "screen.choose"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._list("")
        names = [one.asked for one in self._found]
        if self._current in names:
            self.query_one("#schemas", OptionList).highlighted = names.index(self._current)
        elif self._current:
            self.query_one("#schema-asked", Input).value = self._current

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value.strip())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Take the highlighted one, or what was typed where that is one's own."""
        at = self.query_one("#schemas", OptionList).highlighted
        typed = self.query_one(Input).value.strip()
        if at is not None and self._found:
            self.dismiss(self._found[at].asked)
        elif typed:
            self.dismiss(typed)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        card = self._found[event.option_index]
        names = ", ".join(shown_line(one.name) for one in card.fields)
        about = f"{shown_line(card.description)}\n{names}"
        self.query_one("#schema-about", Static).update(Content(about))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index].asked)

    def action_move(self, by: int) -> None:
        listed = self.query_one("#schemas", OptionList)
        if self._found:
            at = listed.highlighted or 0
            listed.highlighted = max(0, min(len(self._found) - 1, at + by))

    def action_leave(self) -> None:
        self.dismiss(None)

    def _list(self, typed: str) -> None:
        """Those whose name holds what was typed; none where it is a schema in itself."""
        own = any(mark in typed for mark in _MARKS)
        wanted = typed.lower().replace(" ", "_")
        self._found = [] if own else [one for one in self._cards if wanted in one.name]
        listed = self.query_one("#schemas", OptionList)
        listed.clear_options()
        listed.add_options(Option(Content(shown_line(one.name))) for one in self._found)
        listed.display = bool(self._found)
        about = self.query_one("#schema-about", Static)
        if self._found:
            listed.highlighted = 0
        elif typed:
            about.update(Content(f"Enter asks for {shown_line(typed)[:_FIELDS_SHOWN]}"))
        else:
            about.update("")
