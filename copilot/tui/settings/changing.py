"""What the settings change: a setting, a provider's key, a key to press.

Invariant: a change goes through the core into the user's configuration file or the key store;
what was typed and refused is there to be typed on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

from textual import work

from copilot.calls import settings as calls
from copilot.calls.asking import Done
from copilot.errors import CopilotError
from copilot.tui import keymap
from copilot.tui.area import Area
from copilot.tui.core import Core
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.settings import pages
from copilot.tui.settings.dialogs import ChoiceScreen, KeyScreen, PressScreen
from copilot.tui.themes import first_theme
from copilot.tui.wording import shown, shown_line


class Changing(Area):
    """``load`` shows anew what a change has made; ``told_settings`` is what the core last told."""

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self.told_settings: calls.SettingsRead | None = None

    def load(self, at: str = "") -> object:
        raise NotImplementedError

    @work(group="change", exclusive=True, exit_on_error=False)
    async def edit(self, key: str) -> None:
        one = self._setting(key)
        if one is None:
            return
        if one.kind == "table":
            [key, *_] = keymap.worn(self, "settings.file", "o")
            title = f"A table is written in the configuration file: {keymap.shown(key)} opens it."
            self.notify(shown_line(one.description), title=title, markup=False)
            return
        choices = one.choices or (("true", "false") if one.kind == "yes/no" else ())
        value, why = pages.plain(one), shown(one.description)
        while True:
            typed = await self.app.push_screen_wait(
                ChoiceScreen(key, choices, value)
                if choices
                else LineScreen(key, value=shown_line(value), placeholder="not set", why=why)
            )
            if typed is None or (typed == shown_line(value) and value == pages.plain(one)):
                return
            refused = await self.written(key, typed if typed or one.kind == "text" else None)
            if not refused:
                return
            value, why = typed, f"✗ {refused}"

    @work(group="change", exclusive=True, exit_on_error=False)
    async def write(self, key: str, value: str | None, name: str = "") -> None:
        refused = await self.written(key, value, name)
        if refused:
            self.notify(refused, title="It isn't changed", severity="error", markup=False)

    @work(group="change", exclusive=True, exit_on_error=False)
    async def wear(self, theme: str) -> None:
        """Take a theme, at once and for the next start."""
        self.app.theme = theme
        refused = await self.written("tui.theme", theme)
        if refused:
            title = "It stays for now, but isn't remembered"
            self.notify(refused, title=title, severity="warning", markup=False)

    async def written(self, key: str, value: str | None, name: str = "") -> str:
        """Why it was refused; empty where it is done."""
        try:
            call = calls.ChangeSetting(key, value, name)
            done = await self.core.call(call, calls.SettingChanged)
        except CopilotError as error:
            return "\n".join(shown_line(one) for one in (error.message, error.hint) if one)
        if not done.in_force:
            title = "It is written, but something else goes before it"
            self.notify(shown_line(done.origin), title=title, severity="warning", markup=False)
        for notice in done.notices:
            self.notify(shown_line(notice), severity="warning", markup=False)
        if key.startswith("tui."):
            await self._wear()
        self.load(at=f"bind:{name}" if name else f"set:{key}")
        self.refresh_standing()
        return ""

    async def _wear(self) -> None:
        try:
            looks = await self.core.call(calls.ReadLooks(), calls.LooksRead)
        except CopilotError as error:
            self.failed(error)
            return
        self.app.theme = first_theme(looks.theme, os.environ)
        self.app.set_keymap(keymap.usable(looks.keys))

    def _setting(self, key: str) -> calls.Setting | None:
        found = self.told_settings.settings if self.told_settings else ()
        return next((one for one in found if one.key == key), None)

    # --- keys of providers ----------------------------------------------------------------

    @work(group="change", exclusive=True, exit_on_error=False)
    async def store(self, name: str) -> None:
        given = await self.app.push_screen_wait(KeyScreen(name))
        if given is None:
            return
        try:
            kept = await self.core.call(calls.StoreKey(given.name, given.value), calls.KeyKept)
        except CopilotError as error:
            self.failed(error)
            return
        said = f"{shown_line(kept.name)} is stored in the {kept.store}."
        if kept.used != kept.store:
            said += f" The one in the {kept.used} is used before it."
        self.notify(said, markup=False)
        self.load(at=f"key:{kept.name}")

    @work(group="change", exclusive=True, exit_on_error=False)
    async def remove_key(self, name: str) -> None:
        sure = SureScreen(
            f"Remove the key {shown_line(name)}?",
            means="It is removed from every store on this machine; the provider still knows it.",
            yes="remove it",
        )
        if not await self.app.push_screen_wait(sure):
            return
        try:
            await self.core.call(calls.RemoveKey(name), Done)
        except CopilotError as error:
            self.failed(error)
        self.load()

    # --- keys to press --------------------------------------------------------------------

    @work(group="change", exclusive=True, exit_on_error=False)
    async def press(self, name: str, what: str) -> None:
        try:
            other = (await self.core.call(calls.ReadLooks(), calls.LooksRead)).keys
        except CopilotError as error:
            self.failed(error)
            return
        before = {fault.message for fault in keymap.faults(other)}

        def wrong(key: str) -> str:
            faults = keymap.faults({**other, name: key})
            return next((one.message for one in faults if one.message not in before), "")

        key = await self.app.push_screen_wait(PressScreen(what, wrong))
        if key is not None:
            refused = await self.written("tui.keys", key, name)
            if refused:
                self.notify(refused, title="It isn't changed", severity="error", markup=False)
