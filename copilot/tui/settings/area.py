"""The settings: pages on the left, what stands on one on the right, each thing changed in place.

Invariant: a change goes through the core into the user's configuration file or the key store, and
what is shown is read anew afterwards; what was typed and refused is there to be typed on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.calls import knowledge
from copilot.calls import settings as calls
from copilot.errors import CopilotError
from copilot.messages import Locator
from copilot.tui.core import Core
from copilot.tui.doings import Doing, Doings
from copilot.tui.opening import edit, editor_command
from copilot.tui.settings import pages
from copilot.tui.settings.changing import Changing
from copilot.tui.settings.pages import PAGES, Page
from copilot.tui.settings.rows import Row, Rows
from copilot.tui.wording import shown_line

_SLIM = 60
_VERBS: dict[str, Doing] = {
    "test": ("t", "test", "screen.test"),
    "online": ("t", "ask the model", "screen.test"),
    "add": ("a", "add", "screen.add"),
    "reset": ("Del", "reset", "screen.reset"),
    "remove": ("Del", "remove", "screen.reset"),
    "copy": ("y", "copy", "screen.copy"),
    "file": ("o", "file", "screen.file"),
}


class SettingsArea(Changing):
    """Visited for a page by its name, or for a setting by its key."""

    AREA: ClassVar[str] = "settings"
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left", "back", "Back to the pages", id="settings.back"),
        Binding("slash", "filter", "Search", id="settings.filter"),
        Binding("delete,backspace", "reset", "Take back, remove", id="settings.reset"),
        Binding("t", "test", "Test the model", id="settings.test"),
        Binding("a", "add", "Store a key", id="settings.add"),
        Binding("y", "copy", "Copy", id="settings.copy"),
        Binding("o", "file", "Open the configuration file", id="settings.file"),
        Binding("r", "refresh", "Look again", id="settings.refresh"),
    ]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self._page = PAGES[0]
        self._told: Sequence[Row] = ()

    def body(self) -> ComposeResult:
        with Horizontal(id="settings"):
            yield OptionList(*(Option(page.title) for page in PAGES), id="pages", compact=True)
            with Vertical(id="page"):
                yield Static(classes="heading", markup=False)
                yield Input(placeholder="Search …", compact=True, id="row-filter")
                yield Rows()
                yield Static(id="about", markup=False)
                yield Doings(classes="page-hint")

    def on_mount(self) -> None:
        self.query_one("#pages", OptionList).highlighted = 0
        self.query_one("#pages").focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < _SLIM, "-slim")

    def arrive(self) -> None:
        super().arrive()
        self.load()

    def visit(self, what: str) -> None:
        """``what`` is a page's name or a setting's key."""
        page = next((one for one in PAGES if one.name == what), None)
        wanted = page or next(one for one in PAGES if one.name == "all")
        self.query_one("#pages", OptionList).highlighted = PAGES.index(wanted)
        self._turn(wanted)
        self._enter()
        self.load(at="" if page else f"set:{what}")

    # --- pages ----------------------------------------------------------------------------

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_list.id == "pages":
            # Where the cursor is by now: keys may be ahead of what is told of them.
            page = PAGES[event.option_list.highlighted or 0]
            if page != self._page:
                self._turn(page)
                self.load()
        else:
            self._about()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_list.id == "pages":
            self._enter()
        else:
            self._change()

    def action_back(self) -> None:
        """From the search to the rows, from the rows to the pages."""
        search = self.query_one("#row-filter", Input)
        if search.has_class("asked"):
            search.remove_class("asked")
            search.clear()
            self.query_one(Rows).focus()
        else:
            self.query_one("#settings").remove_class("inside")
            self.query_one("#pages").focus()

    def _turn(self, page: Page) -> None:
        self._page = page
        self.query_one("#row-filter", Input).remove_class("asked").clear()
        self.query_one("#page .heading", Static).update(page.title)
        self.query_one(Doings).say(
            ("Enter", "change", ""),
            *(_VERBS[verb] for verb in page.verbs),
            ("/", "search", "screen.filter"),
            ("Esc", "back", "screen.back"),
        )
        self._told = ()
        self.query_one(Rows).show(())
        self.refresh_bindings()

    def _enter(self) -> None:
        self.query_one("#settings").add_class("inside")
        self.query_one(Rows).focus()

    @work(group="page", exclusive=True, exit_on_error=False)
    async def load(self, at: str = "") -> None:
        if not self.query_one("#page .heading", Static).content:
            self._turn(self._page)
        page = self._page
        if page.name == "health" and not self._told:
            self.query_one("#about", Static).update("Looking …")
        try:
            rows = await self._rows(page)
        except CopilotError as error:
            self.failed(error)
            return
        if page is self._page:
            self._told = rows
            self._list(at)

    async def _rows(self, page: Page, *, online: bool = False) -> list[Row]:
        if page.name == "health":
            return pages.health(await self.core.call(calls.Examine(online), calls.Examined))
        if page.name == "keys":
            return pages.keys(await self.core.call(calls.ReadKeys(), calls.KeysRead))
        told = self.told_settings = await self.core.call(calls.ReadSettings(), calls.SettingsRead)
        match page.name:
            case "look":
                return pages.look(told, self.app.theme)
            case "models":
                return pages.models(told)
            case "keymap":
                other = (await self.core.call(calls.ReadLooks(), calls.LooksRead)).keys
                return await asyncio.to_thread(pages.keys_of, told, other)
            case "here":
                return pages.here(told, await self._index())
            case _:
                return pages.everything(told)

    async def _index(self) -> knowledge.Sources | None:
        try:
            return await self.core.call(knowledge.ListSources(), knowledge.Sources)
        except CopilotError:
            return None  # the page is there to say why

    def _list(self, at: str = "") -> None:
        words = self.query_one("#row-filter", Input).value
        self.query_one(Rows).show(list(pages.matching(self._told, words)), at=at or None)
        self._about()

    def _about(self) -> None:
        chosen = self.query_one(Rows).chosen
        self.query_one("#about", Static).update(chosen.about if chosen else "")

    # --- searching ------------------------------------------------------------------------

    def action_filter(self) -> None:
        self._enter()
        self.query_one("#row-filter", Input).add_class("asked").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Rows).focus()

    # --- changing -------------------------------------------------------------------------

    def _change(self) -> None:
        row = self.query_one(Rows).chosen
        kind, _, what = row.key.partition(":") if row else ("", "", "")
        match kind:
            case "theme" if what:
                self.wear(what)
            case "theme":
                self.write("tui.theme", None)
            case "use":
                self.write("models.answer", what or None)
            case "set":
                self.edit(what)
            case "key":
                self.store(what)
            case "bind":
                self.press(what, row.name if row else what)
            case "fix":
                self.action_copy()
            case "file":
                self.action_file()

    def action_reset(self) -> None:
        """Back to what a setting is by itself; a key is removed."""
        row = self.query_one(Rows).chosen
        kind, _, what = row.key.partition(":") if row else ("", "", "")
        if kind == "set":
            self.write(what, None)
        elif kind == "bind":
            self.write("tui.keys", None, what)
        elif kind == "key" and what:
            self.remove_key(what)

    def action_add(self) -> None:
        """Store a key."""
        self.store("")

    # --- testing, copying, opening --------------------------------------------------------

    @work(group="test", exclusive=True, exit_on_error=False)
    async def action_test(self) -> None:
        """Ask the model for a word; on the page of health, all the rest too."""
        about = self.query_one("#about", Static)
        about.update("Asking the model for a word …")
        try:
            if self._page.name == "health":
                self._told = await self._rows(self._page, online=True)
                self._list()
                return
            told = await self.core.call(calls.TestModel(), calls.ModelAnswered)
        except CopilotError as error:
            self.failed(error)
        else:
            said = f"“{shown_line(told.words)}” after {told.latency_ms / 1000:.1f} s"
            self.notify(said, title=f"{shown_line(told.model)} answers", markup=False)
        self._about()

    def action_copy(self) -> None:
        """The remedy of a finding, or a row's value."""
        row = self.query_one(Rows).chosen
        if row is None:
            return
        kind, _, what = row.key.partition(":")
        text = what if kind == "fix" else row.value
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(text, title="Copied", markup=False)

    def action_file(self) -> None:
        """Open the configuration file in the editor."""
        if self.told_settings is not None:
            self._open(self.told_settings.file)

    @work(group="file", exclusive=True, exit_on_error=False)
    async def _open(self, file: str) -> None:
        command = editor_command(os.environ, file, Locator("lines", 1, 1))
        if not command:
            self.notify(shown_line(file), title="Set EDITOR to open it from here", markup=False)
        elif not await asyncio.to_thread(Path(file).exists):
            title = "There is no file yet: change a setting, or `copilot config init`"
            self.notify(shown_line(file), title=title, markup=False)
        else:
            edit(self.app, command)
            self.load()

    def action_refresh(self) -> None:
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        verbs = self._page.verbs
        if action == "add":
            return "add" in verbs
        if action == "reset":
            return bool({"reset", "remove"} & set(verbs))
        if action == "test":
            return bool({"test", "online"} & set(verbs))
        return True
