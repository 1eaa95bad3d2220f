"""Hands on the knowledge area, and a core that tells of documents that there are not."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.widgets import Input, Static

from copilot.calls import knowledge
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.core import Core
from copilot.tui.knowledge.area import KnowledgeArea
from copilot.tui.knowledge.tree import DocumentTree
from tests.tui.driving import WIDE, Driver, driven


class Hands:
    """On the area's keyboard."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.press = driver.pilot.press
        area = driver.area("knowledge")
        assert isinstance(area, KnowledgeArea)
        self.area = area

    async def settled(self) -> None:
        """Until nothing runs any more, and nothing that it began."""
        await self.driver.settled()
        while any(not one.is_finished for one in self.driver.app.workers):
            await self.driver.settled()

    @property
    def tree(self) -> DocumentTree:
        return self.area.query_one(DocumentTree)

    @property
    def names(self) -> list[str]:
        """The rows of the tree, indented."""
        return [
            "  " * row.depth + (row.entry.name if row.entry else row.path.rpartition("/")[2])
            for row in self.tree.rows
        ]

    def says(self, name: str) -> str:
        return str(self.area.query_one(f"#{name}", Static).content)

    async def go_to(self, name: str) -> None:
        at = next(n for n, one in enumerate(self.names) if one.strip() == name)
        assert self.tree.has_focus
        by = at - (self.tree.at or 0)
        await self.press(*(["down" if by > 0 else "up"] * abs(by)))
        await self.settled()

    async def add(self, path: Path | str, labels: str = "") -> None:
        await self.press("a")
        await self.driver.pilot.pause()
        self.driver.app.screen.query_one("#path", Input).value = str(path)
        self.driver.app.screen.query_one("#labels", Input).value = labels
        await self.press("enter")
        await self.settled()

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(400):
            if holds():
                return
            await self.driver.pilot.pause(0.02)
        raise AssertionError(self.driver.screen_text())

    async def click(self, word: str, *, opens: bool = False) -> None:
        """On a word that stands on the screen; ``opens``: a question comes."""
        lines = self.driver.screen_text().splitlines()
        row = next(n for n in reversed(range(len(lines))) if word in lines[n])
        assert await self.driver.pilot.click(offset=(lines[row].index(word) + 1, row))
        if opens:
            await self.until(lambda: self.driver.app.screen is not self.area)
            await self.driver.pilot.pause()
        else:
            await self.settled()


@asynccontextmanager
async def knowing(
    core: Core, tmp_path: Path, size: tuple[int, int] = WIDE
) -> AsyncGenerator[Hands]:
    async with driven(core, tmp_path, size=size) as driver:
        await driver.pilot.press("f5")
        await driver.settled()
        yield Hands(driver)


def many(count: int) -> ScriptedCore:
    """A source with a flat folder of so many documents."""
    source = knowledge.SourceCard("/srv/wiki", documents=count, passages=count)
    entries = [
        knowledge.Entry(
            f"/srv/wiki/page {n:05}.md",
            f"page {n:05}.md",
            "document",
            passages=1,
            status="indexed",
        )
        for n in range(count)
    ]

    def listed(call: knowledge.ListFolder) -> knowledge.FolderListed:
        found = [one for one in entries if call.typed in one.name]
        return knowledge.FolderListed(
            tuple(found[call.start : call.start + call.limit]), len(found)
        )

    return ScriptedCore(
        replies={
            knowledge.ListSources: knowledge.Sources((source,), documents=count, passages=count),
            knowledge.CheckSources: knowledge.SourcesChecked(
                (knowledge.SourceChanges("/srv/wiki", 0, 0, 0),)
            ),
            knowledge.ListFolder: listed,
            knowledge.ShowDocument: lambda call: knowledge.DocumentShown(
                call.path, "A page", "/srv/wiki", "indexed", 10, 0
            ),
        }
    )
