"""The palette: everything that can be done or gone to, found by a few letters of it.

Invariant: what a document, a person or a model named is shown as plain text; without a core's
answer its part is missing, and the rest works.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from copilot import calls
from copilot.errors import CopilotError
from copilot.tui.areas import PLACES
from copilot.tui.commands import COMMANDS, Command
from copilot.tui.core import Core
from copilot.tui.help import Told, told
from copilot.tui.keymap import shown, worn
from copilot.tui.themes import NAMES
from copilot.tui.wording import shown_line

_FEW = 8  # found conversations, and documents
_TITLE = 70
_COLUMN = 28


class Doer(Protocol):
    """What the palette needs of the application."""

    core: Core

    async def go(self, area: str, what: str = "") -> None: ...

    async def do(self, told: Told) -> None: ...

    async def obey(self, command: Command) -> None: ...

    def choose_theme(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """``text`` is what is searched and shown."""

    text: str
    help: str
    run: Callable[[], Awaitable[None] | None]


class _Ours(Provider):
    """``last``: how much lower it stands than what fits as well."""

    last: ClassVar[float]

    @property
    def doer(self) -> Doer:
        return cast(Doer, self.app)

    def hits(self, query: str, entries: Iterable[Entry]) -> Iterator[Hit]:
        matcher = self.matcher(query)
        for one in entries:
            score, at = matcher.fuzzy_search.match(query, one.text)
            if score > 0:
                begins = one.text.casefold().startswith(query.casefold())
                # The library's own way to light what matches would read markup in it.
                text = Content(one.text)
                for offset in at:
                    text = text.stylize(matcher.match_style, offset, offset + 1)
                line = _line(text, one.help)
                yield Hit(score + begins / 2 - self.last, line, one.run, text=one.text)


class Doings(_Ours):
    """Areas, what keys do here, commands, themes."""

    last = 0.0

    async def search(self, query: str) -> Hits:
        for hit in self.hits(query, self._all()):
            yield hit

    async def discover(self) -> Hits:
        for one in [*self._places(), *self._here(), *self._commands()]:
            yield DiscoveryHit(_line(Content(one.text), one.help), one.run, text=one.text)

    def _all(self) -> Iterator[Entry]:
        yield from self._places()
        yield from self._here()
        yield from self._commands()
        for name in NAMES:
            yield Entry(f"Theme: {name}", "", partial(self.doer.choose_theme, name))

    def _places(self) -> Iterator[Entry]:
        for one in PLACES:
            keys = " ".join(map(shown, worn(self.screen, f"app.{one.name}", one.key)))
            yield Entry(f"Go to {one.title}", keys, partial(self.doer.go, one.name))

    def _here(self) -> Iterator[Entry]:
        for one in told(self.screen):
            if one.name and not one.action.startswith(("go(", "command_palette")):
                keys = f"{one.shown_keys} · {one.group.lower()}"
                yield Entry(one.does, keys, partial(self.doer.do, one))

    def _commands(self) -> Iterator[Entry]:
        for one in COMMANDS:
            if one.action:
                yield Entry(f"/{one.name}", one.does, partial(self.doer.obey, one))


class Conversations(_Ours):
    """Conversations by their titles."""

    last = 0.1

    async def startup(self) -> None:
        self._entries: list[Entry] = []
        try:
            listed = await self.doer.core.call(calls.ListSessions(), calls.Sessions)
        except CopilotError:
            return
        self._entries = [
            Entry(shown_line(one.title)[:_TITLE], "a conversation", partial(self._go, one.name))
            for one in listed.found
        ]

    async def search(self, query: str) -> Hits:
        found = sorted(self.hits(query, self._entries), key=lambda hit: -hit.score)
        for hit in found[:_FEW]:
            yield hit

    async def _go(self, name: str) -> None:
        await self.doer.go("chat", name)


class Documents(_Ours):
    """Indexed documents by their names."""

    last = 0.2

    async def search(self, query: str) -> Hits:
        try:
            wanted = calls.composing.FindDocuments(query, _FEW)
            told = await self.doer.core.call(wanted, calls.composing.FoundDocuments)
        except CopilotError:
            return
        entries = [
            Entry(
                shown_line(one.title or one.place)[:_TITLE],
                shown_line(one.place),
                partial(self.doer.go, "knowledge", one.path),
            )
            for one in told.found
        ]
        for hit in self.hits(query, entries):
            yield hit


def _line(text: Content, told: str) -> Content:
    gap = " " * max(2, _COLUMN - text.cell_length)
    return Content.assemble(text, gap, (told, "$text-muted"))
