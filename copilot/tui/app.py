"""The application: its screens, keys and looks, and what happens when something breaks.

Invariant: whatever breaks, the terminal is left sane, no local variable is printed, and the
traceback is in the log.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.reactive import reactive, var
from textual.theme import BUILTIN_THEMES

from copilot.calls.settings import ChangeSetting, LooksRead, ReadLooks, SettingChanged
from copilot.config.looks import Looks
from copilot.errors import CopilotError, ExitCode
from copilot.tui import hanging_up, themes
from copilot.tui.area import Area, News, Visit
from copilot.tui.areas import BY_NAME, PLACES, Place
from copilot.tui.core import Core
from copilot.tui.tidying import Tidying
from copilot.tui.wording import shown_line
from copilot.tui.working import Workers

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from copilot.tui.commands import Command
    from copilot.tui.help import Told


def _doings() -> type[Provider]:
    from copilot.tui.palette import Doings

    return Doings


def _conversations() -> type[Provider]:
    from copilot.tui.palette import Conversations

    return Conversations


def _documents() -> type[Provider]:
    from copilot.tui.palette import Documents

    return Documents


class CopilotApp(App[int]):
    """``core`` is stopped with the application; ``log`` takes the traceback of a bug.

    ``broken``: where to look when a bug ended it; empty otherwise.
    """

    TITLE = "copilot"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 (Textual's type)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", priority=True, id="app.quit"),
        Binding("f1", "keys", "Keys of where you are", priority=True, id="app.keys"),
        Binding("ctrl+p", "command_palette", "Commands", priority=True, id="app.palette"),
        *(
            Binding(one.key, f"go('{one.name}')", one.title, id=f"app.{one.name}", show=False)
            for one in PLACES
        ),
    ]
    COMMANDS: ClassVar = {_doings, _conversations, _documents}
    DEFAULT_MODE = PLACES[0].name
    news: var[str] = var("")  # what every area's status line tells of the index
    other_keys: reactive[Mapping[str, str]] = reactive(dict)  # than the bindings' own, by name

    def __init__(
        self,
        core: Core,
        *,
        log: Path,
        conversation: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        looks: Looks = Looks(),  # noqa: B008 (frozen)
    ) -> None:
        if not os.environ.get("NO_COLOR"):  # an empty one means nothing; the library takes it so
            os.environ.pop("NO_COLOR", None)
        super().__init__()
        few = self.no_color or self.console.color_system in (None, "standard")
        for theme in (*themes.OURS, *(BUILTIN_THEMES.values() if few else ())):
            self.register_theme(themes.in_few_colours(theme) if few else theme)
        self.set_reactive(App.theme, themes.first_theme(looks.theme, os.environ))
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_keymap(looks.keys)
        self.core = core
        self._log_file = log
        self._first_conversation = conversation
        self._now = now
        for place in PLACES:
            self.add_mode(place.name, partial(self._built, place))
        self._tidying = Tidying()
        self._workers = Workers(self, self._tell_failure)
        self.broken = ""

    async def on_mount(self) -> None:
        if not self.is_headless:  # who is told to end gives the terminal back
            loop = asyncio.get_running_loop()
            for told in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(told, self.exit, None, 128 + told)
            hanging_up.watch()
        # Stopped by the shell and brought back, the library draws what has changed since alone.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._tidying.begin()
        self.set_interval(0.05, self._tidying.look)
        await self.go(self.current_mode, self._first_conversation)
        self.call_after_refresh(self._warm_up)

    @work(exit_on_error=False, group="start")
    async def _warm_up(self) -> None:
        """What the first paint needn't wait for."""
        with suppress(CopilotError):  # the first call says why
            await self.core.start()
        await asyncio.to_thread(importlib.import_module, "rich.markdown")
        self._learn_looks()

    async def on_unmount(self) -> None:
        await self.core.stop()
        self._tidying.end()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._tidying.typed()
        await super().on_event(event)

    async def action_go(self, area: str) -> None:
        """Bring an area to the front."""
        await self.go(area)

    async def on_visit(self, event: Visit) -> None:
        event.stop()
        await self.go(event.area, event.what)

    def on_news(self, event: News) -> None:
        """Every area tells it; the one in front looks how fresh the index is by now."""
        event.stop()
        self.news = event.said
        front = self._screen_stacks[self.current_mode][0]
        if isinstance(front, Area):
            front.refresh_standing()

    async def go(self, name: str, what: str = "") -> None:
        """Bring an area to the front, for ``what``."""
        # Importing it must not hold up what is being typed.
        await asyncio.to_thread(BY_NAME[name].fetch)
        await self.switch_mode(name)
        area = self._screen_stacks[name][0]
        assert isinstance(area, Area)
        area.arrive()
        if what:
            area.visit(what)

    def _built(self, place: Place) -> Area:
        area = place.build(self.core, self._now)
        area._css_update_count = self._css_update_count  # else all styles are made anew, twice
        return area

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Parse the styles of a new screen; Textual's own parses all others anew as well."""
        for path in screen.css_path:
            if not self.stylesheet.has_source(str(path)):
                self.stylesheet.read(path)
                self.stylesheet.parse()

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Other keys from now on; hints name them."""
        super().set_keymap(dict(keymap))
        self.other_keys = dict(self._keymap)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {**themes.VARIABLES}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is done by a key while a dialog waits for one to be pressed."""
        stack = self._screen_stacks.get(self.current_mode, [])
        return not (stack and getattr(stack[-1], "takes_every_key", False))

    @work(exit_on_error=False, group="help", exclusive=True)
    async def action_keys(self) -> None:
        """Show the keys of where one is, and do what somebody chooses."""
        from copilot.tui.help import HelpScreen, told

        if isinstance(self.screen, HelpScreen):
            self.screen.action_leave()
            return
        chosen = await self.push_screen_wait(HelpScreen(told(self.screen)))
        if chosen is not None:
            await self.do(chosen)

    async def do(self, told: Told) -> None:
        """What a key would do."""
        await self.run_action(told.action, default_namespace=told.node)

    async def obey(self, command: Command) -> None:
        """What a command of the composer does, wherever one is."""
        if not command.area:
            await self.run_action(command.action)
            return
        await self.go(command.area)
        given = "('')" if command.argument else "()"
        await self.screen.run_action(f"{command.action}{given}")

    # --- looks ----------------------------------------------------------------------------

    @work(exit_on_error=False, group="looks")
    async def choose_theme(self, name: str) -> None:
        """Take a theme, at once and for the next start."""
        self.theme = name
        try:
            await self.core.call(ChangeSetting("tui.theme", name), SettingChanged)
        except CopilotError as error:
            title = f"It stays for now, but isn't remembered: {error.message}"
            self.notify(error.hint, title=title, severity="warning", markup=False)

    @work(exit_on_error=False, group="looks", exclusive=True)
    async def _learn_looks(self) -> None:
        """What is configured may be other than it was at the last start."""
        with suppress(CopilotError):  # who asks the core next tells what is wrong with it
            told = await self.core.call(ReadLooks(), LooksRead)
            self.theme = themes.first_theme(told.theme, os.environ)
            self._tell(themes.faults(told.theme))
            if told.keys:
                await self._learn_keys(told.keys)

    async def _learn_keys(self, keys: Mapping[str, str]) -> None:
        from copilot.tui import keymap

        wrong = await asyncio.to_thread(keymap.faults, keys)
        self.set_keymap(keymap.usable(keys))
        self._tell(wrong)

    def _tell(self, faults: Sequence[themes.Fault]) -> None:
        for fault in faults:
            title = f"{fault.key}: {fault.message}"
            self.notify(fault.hint, title=title, severity="warning", markup=False)

    # --- what goes wrong --------------------------------------------------------------------

    def _tell_failure(self, error: Exception) -> None:
        """What a worker raised, which nobody was told of yet: all else goes on."""
        if isinstance(error, CopilotError):
            title, hint = error.message, error.hint
        else:
            told = "".join(traceback.format_exception(error))
            title, hint = f"A bug: {type(error).__name__}: {error}", self._logged(told)
        if self.is_running:
            title, hint = shown_line(title), shown_line(hint)
            self.notify(hint, title=title, severity="error", markup=False)

    def _fatal_error(self) -> None:
        """Textual's own prints every local variable, keys and texts among them."""
        self.broken = self._logged(traceback.format_exc())
        self._return_code = int(ExitCode.BUG)
        self._close_messages_no_wait()

    def _logged(self, told: str) -> str:
        """Where a traceback is kept."""
        try:
            with self._log_file.open("a", encoding="utf-8", errors="backslashreplace") as handle:
                handle.write(f"{datetime.now(UTC).isoformat()}\n{told}\n")
        except OSError as error:
            return f"it can't be told in {self._log_file}: {error.strerror}"
        return f"the traceback is in {self._log_file}"
