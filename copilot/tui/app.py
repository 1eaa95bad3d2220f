"""The application: its screens, keys and looks, and what happens when something breaks.

Invariant: whatever breaks, the terminal is left sane, no local variable is printed, and the
traceback is in the log.
"""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent

from copilot.config.looks import Looks
from copilot.errors import ExitCode
from copilot.tui.area import Area, Visit
from copilot.tui.areas import BY_NAME, PLACES
from copilot.tui.core import Core
from copilot.tui.themes import OURS, first_theme
from copilot.tui.tidying import Tidying


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
        Binding("f1", "keys", "Keys", id="app.keys"),
        *(
            Binding(one.key, f"go('{one.name}')", one.title, id=f"app.{one.name}", show=False)
            for one in PLACES
        ),
    ]
    DEFAULT_MODE = PLACES[0].name

    def __init__(
        self,
        core: Core,
        *,
        log: Path,
        conversation: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        looks: Looks = Looks(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__()
        for theme in OURS:
            self.register_theme(theme)
        self.theme = first_theme(looks.theme, os.environ)
        self._core = core
        self._log_file = log
        self._first_conversation = conversation
        self._now = now
        for place in PLACES:
            self.add_mode(place.name, partial(place.build, core, now))
        self._tidying = Tidying()
        self.broken = ""

    async def on_mount(self) -> None:
        self._tidying.begin()
        self.set_interval(0.05, self._tidying.look)
        self.run_worker(self._core.start(), exit_on_error=False)
        await self._go(self.current_mode, self._first_conversation)

    async def on_unmount(self) -> None:
        await self._core.stop()
        self._tidying.end()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._tidying.typed()
        await super().on_event(event)

    async def action_go(self, area: str) -> None:
        """Bring an area to the front."""
        await self._go(area)

    async def on_visit(self, event: Visit) -> None:
        event.stop()
        await self._go(event.area, event.what)

    async def _go(self, name: str, what: str = "") -> None:
        """Once it is imported, which must not hold up what is being typed."""
        await asyncio.to_thread(BY_NAME[name].fetch)
        await self.switch_mode(name)
        area = self._screen_stacks[name][0]
        assert isinstance(area, Area)
        area.arrive()
        if what:
            area.visit(what)

    def action_keys(self) -> None:
        """Show the keys of where one is, or hide them."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def _fatal_error(self) -> None:
        """Textual's own prints every local variable, keys and texts among them."""
        self.broken = f"the traceback is in {self._log_file}"
        try:
            with self._log_file.open("a", encoding="utf-8") as handle:
                handle.write(f"{datetime.now(UTC).isoformat()}\n{traceback.format_exc()}\n")
        except OSError as error:
            self.broken = f"it can't be told in {self._log_file}: {error.strerror}"
        self._return_code = int(ExitCode.BUG)
        self._close_messages_no_wait()
