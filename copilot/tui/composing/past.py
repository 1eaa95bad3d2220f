"""Earlier questions of all conversations, searched as one types.

Invariant: what it returns is a question that the core told, as it was asked, or None.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls.composing import EarlierQuestion, FindQuestions, FoundQuestions
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.wording import shown_line

_PAUSE_S = 0.04
_LONGEST = 400


class PastQuestions(ModalScreen[str | None]):
    """The latest first; Enter puts one into the composer."""

    CSS_PATH = "composing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="past.back"),
        Binding("down", "move(1)", "Next", show=False, id="past.next"),
        Binding("up", "move(-1)", "Previous", show=False, id="past.previous"),
    ]

    def __init__(self, core: Core, failed: Callable[[CopilotError], None]) -> None:
        super().__init__()
        self._core = core
        self._failed = failed
        self._found: tuple[EarlierQuestion, ...] = ()
        self._found_for = ""
        self._decided = False  # Enter was pressed before they were there

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Earlier questions", classes="heading")
            yield Input(placeholder="Search …", compact=True)
            yield OptionList(id="past", compact=True, markup=False)
            yield Doings(
                ("Enter", "put it into the composer", "screen.choose"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._decided = False
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    def action_choose(self) -> None:
        """The chosen one; not one that was found for other words."""
        self._decided = self._found_for != self.query_one(Input).value
        if not self._decided:
            self._choose(self.query_one(OptionList).highlighted)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        listed = self.query_one(OptionList)
        (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def _choose(self, at: int | None) -> None:
        if at is not None and at < len(self._found):
            self.dismiss(self._found[at].text)

    @work(group="find", exclusive=True, exit_on_error=False)
    async def _find(self, words: str) -> None:
        await asyncio.sleep(_PAUSE_S)
        try:
            told = await self._core.call(FindQuestions(words), FoundQuestions)
        except CopilotError as error:
            self._failed(error)
            return
        self._found, self._found_for = told.found, words
        listed = self.query_one(OptionList)
        listed.clear_options()
        options = [Option(_line(one)) for one in told.found]
        nothing = "no earlier question holds these words" if words else "nothing was asked yet"
        listed.add_options(options or [Option(Content(nothing), disabled=True)])
        listed.highlighted = 0 if told.found else None
        if self._decided:
            self.action_choose()


def _line(one: EarlierQuestion) -> Content:
    text = shown_line(one.text[:_LONGEST])
    when = ""
    if one.asked_at:
        when = f"{datetime.fromisoformat(one.asked_at).astimezone():%d %b %H:%M}  "
    return Content.assemble((when, "$text-muted"), text)
