"""Drives the inbox: keys, clicks, and waiting until it has nothing more to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.screen import ModalScreen
from textual.widgets import Static

from copilot.tui.core import Core
from copilot.tui.inbox.area import InboxArea
from copilot.tui.inbox.listing import ProposalList
from copilot.tui.inbox.proposal import ProposalView
from tests.tui.driving import WIDE, Driver, driven

_LOOKS = 1000


class Inbox:
    """The inbox under test."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.pilot = driver.pilot
        self.app = driver.app
        self.told: list[tuple[str, str]] = []  # title and words of each toast so far
        show = self.app.notify

        def notify(message: str, *, title: str = "", **given: Any) -> None:
            self.told.append((title, message))
            show(message, title=title, **given)

        self.app.notify = notify  # type: ignore[method-assign]

    @property
    def area(self) -> InboxArea:
        area = self.driver.area("inbox")
        assert isinstance(area, InboxArea)
        return area

    @property
    def view(self) -> ProposalView:
        return self.area.query_one(ProposalView)

    @property
    def rows(self) -> list[str]:
        """The titles that are listed."""
        return [one.title for one in self.area.query_one(ProposalList).rows]

    @property
    def chosen(self) -> str:
        """The title of the chosen one; empty for none."""
        row = self.area.query_one(ProposalList).chosen
        return row.title if row is not None else ""

    @property
    def asks(self) -> bool:
        """Whether a dialog stands above it."""
        return isinstance(self.app.screen, ModalScreen)

    def line(self, name: str) -> str:
        return str(self.area.query_one(f"#{name}", Static).content)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.quiet()

    async def type(self, text: str) -> None:
        await self.driver.type(text)
        await self.quiet()

    async def click(self, text: str, *, double: bool = False) -> None:
        """Click on the first place of the screen where these words stand."""
        for y, line in enumerate(self.driver.screen_text().splitlines()):
            if text in line:
                await self.pilot.click(offset=(line.index(text) + 1, y), times=2 if double else 1)
                await self.quiet()
                return
        raise AssertionError(f"{text!r} isn't on the screen:\n{self.driver.screen_text()}")

    async def quiet(self) -> None:
        """Until nothing goes on, or a dialog asks."""
        for _ in range(_LOOKS):
            await asyncio.sleep(0.005)
            if self.asks or not any(one.is_running for one in self.app.workers):
                break
        await self.pilot.pause()


@asynccontextmanager
async def inbox_of(
    core: Core,
    tmp_path: Path,
    *,
    size: tuple[int, int] = WIDE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[Inbox]:
    async with driven(core, tmp_path, size=size, now=now) as driver:
        found = Inbox(driver)
        await driver.app.action_go("inbox")
        await found.quiet()
        yield found
