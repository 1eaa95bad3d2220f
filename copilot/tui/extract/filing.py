"""Names a file, with completion by the core: to open it.

Invariant: nothing is opened here; what was typed or pasted is what is returned.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls import knowledge
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.wording import shown_line

_HINT = 'Mails, documents, tables, plain text, and JSON lines with a text each: {"id", "text"}.'


class FileScreen(ModalScreen[str | None]):
    """Returns a path; None when nobody named one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="file.back"),
        Binding("tab", "complete", "Complete", id="file.complete", priority=True),
        Binding("down", "move(1)", "Next", show=False, id="file.next"),
        Binding("up", "move(-1)", "Previous", show=False, id="file.previous"),
    ]

    def __init__(self, core: Core, typed: str = "") -> None:
        super().__init__()
        self._core = core
        self._typed = typed
        self._found: tuple[str, ...] = ()
        self._moved = False  # whether somebody went through what was found

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Open a file", classes="heading", markup=False)
            yield Input(self._typed, placeholder="~/mails/", compact=True, id="file-typed")
            yield OptionList(id="files", compact=True, markup=False)
            yield Static(Content(_HINT), classes="hint")
            yield Doings(
                ("Tab", "complete", "screen.complete"),
                ("Enter", "open", "screen.open"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._complete(self._typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._complete(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open what was gone to in the list, else what was typed; a folder is gone into."""
        chosen, typed = self._chosen(), self.query_one(Input).value.strip()
        if chosen and not chosen.endswith("/") and self._moved:
            self.dismiss(chosen)
        elif typed and not typed.endswith("/"):
            self.dismiss(typed)
        else:
            self.action_complete()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        path = self._found[event.option_index]
        if path.endswith("/"):
            self._type(path)
        else:
            self.dismiss(path)

    def action_complete(self) -> None:
        """Take the chosen file or folder over into what is typed."""
        if chosen := self._chosen():
            self._type(chosen)

    def action_move(self, by: int) -> None:
        listed = self.query_one("#files", OptionList)
        if self._found:
            at = listed.highlighted or 0
            listed.highlighted = max(0, min(len(self._found) - 1, at + by if self._moved else at))
            self._moved = True

    def action_leave(self) -> None:
        self.dismiss(None)

    def _type(self, path: str) -> None:
        field = self.query_one(Input)
        field.value = path
        field.cursor_position = len(path)
        field.focus()

    def _chosen(self) -> str:
        at = self.query_one("#files", OptionList).highlighted
        return self._found[at] if at is not None and at < len(self._found) else ""

    @work(group="complete", exclusive=True, exit_on_error=False)
    async def _complete(self, typed: str) -> None:
        self._moved = False
        try:
            call = knowledge.CompletePath(typed)
            told = await self._core.call(call, knowledge.PathsCompleted)
        except CopilotError:
            return  # what can't be completed can be typed
        self._found = told.found
        listed = self.query_one("#files", OptionList)
        listed.clear_options()
        listed.add_options(Option(Content(shown_line(one))) for one in told.found)
        listed.display = bool(told.found)
        if told.found:
            listed.highlighted = 0
