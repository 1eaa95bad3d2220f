"""Drives the application as a person does: keys, the mouse, and looking at the screen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.app import CopilotApp
from copilot.tui.chat import ChatScreen
from copilot.tui.composer import Composer
from copilot.tui.exchange import Exchange
from copilot.tui.transcript import Transcript

WIDE, NARROW = (120, 40), (80, 24)


class Driver:
    """The application under test, and hands on its keyboard."""

    def __init__(self, pilot: Pilot[int], core: ScriptedCore) -> None:
        self.pilot = pilot
        self.core = core

    @property
    def app(self) -> CopilotApp:
        app = self.pilot.app
        assert isinstance(app, CopilotApp)
        return app

    @property
    def chat(self) -> ChatScreen:
        [screen] = [one for one in self.app.screen_stack if isinstance(one, ChatScreen)]
        return screen

    @property
    def composer(self) -> Composer:
        return self.chat.query_one(Composer)

    @property
    def turns(self) -> list[Exchange]:
        return self.chat.query_one(Transcript).exchanges

    async def type(self, text: str) -> None:
        """Key by key, without a pause between them."""
        names = {" ": "space", "?": "question_mark", "/": "slash", "\n": "ctrl+j", ".": "full_stop"}
        await self.pilot.press(*(names.get(key, key) for key in text))

    async def ask(self, text: str) -> Exchange:
        """Type a question, send it, wait for the end of its answer."""
        await self.type(text)
        await self.pilot.press("enter")
        await self.settled()
        return self.turns[-1]

    async def settled(self) -> None:
        """Until nothing runs any more."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    def says(self, turn: Exchange) -> str:
        """What stands below an answer."""
        return "\n".join(turn.told)

    def screen_text(self) -> str:
        """All that is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@asynccontextmanager
async def driven(
    core: ScriptedCore, tmp_path: Path, *, size: tuple[int, int] = WIDE, conversation: str = ""
) -> AsyncGenerator[Driver]:
    app = CopilotApp(core, log=tmp_path / "copilot.log", conversation=conversation)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Driver(pilot, core)
