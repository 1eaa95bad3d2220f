"""Drives the application as a person does: keys, the mouse, and looking at the screen."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.events import MouseDown, MouseMove, MouseUp
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.worker import Worker

from copilot.calls import REPLIES, Call, Reply
from copilot.config.looks import Looks
from copilot.errors import CopilotError, InternalError
from copilot.events import Event
from copilot.serving.handling import core as served
from copilot.serving.handling import handled
from copilot.serving.wire import Asked, Failed, Replied, Told, pack, unpack
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.app import CopilotApp
from copilot.tui.area import Area
from copilot.tui.areas import PLACES
from copilot.tui.chat import ChatArea
from copilot.tui.composer import Composer
from copilot.tui.core import Core
from copilot.tui.exchange import Exchange
from copilot.tui.transcript import Transcript

R = TypeVar("R", bound=Reply)
WIDE, NARROW = (120, 40), (80, 24)


class Driver:
    """The application under test, and hands on its keyboard."""

    def __init__(self, pilot: Pilot[int], core: Core) -> None:
        self.pilot = pilot
        self._core = core

    @property
    def core(self) -> ScriptedCore:
        """The double, where one is driven."""
        assert isinstance(self._core, ScriptedCore)
        return self._core

    @property
    def app(self) -> CopilotApp:
        app = self.pilot.app
        assert isinstance(app, CopilotApp)
        return app

    def area(self, name: str) -> Area:
        """An area that was visited."""
        area = self.app._screen_stacks[name][0]
        assert isinstance(area, Area)
        return area

    @property
    def chat(self) -> ChatArea:
        area = self.area("chat")
        assert isinstance(area, ChatArea)
        return area

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

    async def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """With the mouse, as a terminal tells it: where both lie in one widget that is a click."""
        for kind, (x, y), button in (
            (MouseMove, start, 0),
            (MouseDown, start, 1),
            (MouseMove, end, 1),
            (MouseUp, end, 1),
        ):
            self.app.post_message(kind(None, x, y, 0, 0, button, False, False, False, x, y))
            await self.pilot.pause()
        await self.settled()

    async def settled(self) -> None:
        """Until nothing runs any more, but what waits for the dialog in front, and all of that is
        laid out.
        """
        await self.pilot.pause()
        while running := self._running():
            await self.app.workers.wait_for_complete(running)
            await self.pilot.pause()
        while self.app.screen._layout_required:  # a frame's time later
            await asyncio.sleep(0.005)
            await self.pilot.pause()

    def _running(self) -> list[Worker[object]]:
        front, running = self.app.screen, list(self.app.workers)
        if isinstance(front, ModalScreen):
            return [one for one in running if front in one.node.ancestors_with_self]
        return running

    def says(self, turn: Exchange) -> str:
        """What stands below an answer."""
        return "\n".join(turn.told)

    def screen_text(self) -> str:
        """All that is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def click(driver: Driver, word: str) -> None:
    """Click a word where it stands last on the screen."""
    lines = driver.screen_text().splitlines()
    row = max(number for number, line in enumerate(lines) if word in line)
    assert await driver.pilot.click(offset=(lines[row].rindex(word), row))
    await driver.pilot.pause()


@asynccontextmanager
async def driven(
    core: Core,
    tmp_path: Path,
    *,
    size: tuple[int, int] = WIDE,
    conversation: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    looks: Looks = Looks(),  # noqa: B008 (frozen)
) -> AsyncGenerator[Driver]:
    log = tmp_path / "copilot.log"
    app = CopilotApp(core, log=log, conversation=conversation, now=now, looks=looks)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Driver(pilot, core)


class RealCore:
    """The real handlers in this process: each call and step goes through the wire's lines."""

    def __init__(self) -> None:
        self.parts = served.Core()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def call(self, call: Call, reply: type[R]) -> R:
        async with aclosing(self.stream(call)) as steps:
            async for step in steps:
                if isinstance(step, reply):
                    return step
        raise InternalError(f"no {reply.__name__} for {type(call).__name__}")

    async def stream(self, call: Call) -> AsyncGenerator[Event | Reply]:
        asked = unpack(pack(Asked(1, call)))
        assert isinstance(asked, Asked)
        try:
            async with aclosing(handled(self.parts, asked.call)) as steps:
                async for step in steps:
                    if type(step).__name__ in REPLIES:
                        replied = unpack(pack(Replied(1, step)))  # type: ignore[arg-type]
                        assert isinstance(replied, Replied)
                        yield replied.reply
                    else:
                        told = unpack(pack(Told(1, step)))  # type: ignore[arg-type]
                        assert isinstance(told, Told)
                        yield told.event
        except CopilotError as error:
            failed = unpack(pack(Failed(1, error)))
            assert isinstance(failed, Failed)
            raise failed.error from error


def core_of_scenes() -> ScriptedCore:
    """Knows what every area shows in the pictures of it."""
    replies: dict[type[Call], Any] = {}
    for place in PLACES:
        scene = importlib.import_module(f"tests.tui.scenes.{place.name}").scene()
        replies |= scene.core._replies
    return ScriptedCore(replies=replies)


def real_core(home: Path, monkeypatch: pytest.MonkeyPatch) -> RealCore:
    """All real: the index, the ledger and the outbox are below ``home``."""
    monkeypatch.setenv("COPILOT_HOME", str(home))
    return RealCore()
