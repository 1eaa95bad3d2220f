"""The index as one looks through it: sources and documents to the left, the chosen one beside.

Invariant: looking changes nothing; what stands there is what the core told last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import aclosing
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from copilot.calls import knowledge
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.knowledge.detail import Detail
from copilot.tui.knowledge.hits import HitList
from copilot.tui.knowledge.tending import TendingArea
from copilot.tui.knowledge.tree import DocumentTree, Row
from copilot.tui.knowledge.words import counted, remedy, totals

_PART = 500
_PASSAGES = 200
_REST_S = 0.06  # how long one stays on a row before it is read

WELCOME = """\
Nothing to ask yet.

a adds a folder or a file: it is read here, and stays where it is."""


class BrowsingArea(TendingArea):
    """Shows sources, folders, documents; filters them."""

    AREA: ClassVar = "knowledge"
    CSS_PATH = "knowledge.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter by name", id="knowledge.filter"),
        Binding("exclamation_mark", "unread", "Only what was left out", id="knowledge.unread"),
        Binding("r", "reload", "Look anew", id="knowledge.reload"),
    ]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self.told = knowledge.Sources(())
        self.loaded = False
        self.unread = False
        self.searched = Content("")  # what was searched for, as the totals' line tells it
        self._wanted = ""  # a document that somebody came for

    def body(self) -> ComposeResult:
        with Vertical(id="knowledge"):
            yield Static(id="totals", markup=False)
            with Horizontal(id="panes"):
                with Vertical(id="left"):
                    yield Input(placeholder="Filter documents …", compact=True, id="filter")
                    yield Input(placeholder="Search passages …", compact=True, id="search")
                    yield Static(id="nothing", markup=False)
                    yield DocumentTree(self.now)
                    yield HitList()
                yield Detail(self.now)
            yield Static(id="work", markup=False)
            yield Static(id="trouble", markup=False)
            yield Doings(classes="doings")

    def on_mount(self) -> None:
        for name in ("#filter", "#search", "#hits", "#nothing", "#work", "#trouble"):
            self.query_one(name).display = False
        self.query_one(DocumentTree).focus()

    def arrive(self) -> None:
        super().arrive()
        self.load()

    # --- the index ------------------------------------------------------------------------

    @work(group="loading", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """The sources, then what is open below them, then what has changed on the disk."""
        try:
            self.told = await self.core.call(knowledge.ListSources(), knowledge.Sources)
        except CopilotError as error:
            self.failed(CopilotError(error.message, hint=remedy(error.hint)))
            return
        self.loaded = True
        self.draw_totals()
        if self._listing:
            self._list()
        else:
            await self._plant()
        self.seek()
        self.draw_doings()
        if not self.busy:
            await self._check()

    async def _plant(self) -> None:
        """Put the tree there as it is now, what was open open again."""
        tree = self.query_one(DocumentTree)
        if len(self.told.found) == 1:
            tree.open.add(self.told.found[0].root)
        opened: set[str] | None = None
        while opened != tree.open:  # again where a folder is opened or closed meanwhile
            opened = set(tree.open)
            rows: list[Row] = []
            for source in self.told.found:
                row = Row(0, source.root, source=source)
                rows.append(row)
                if row.path in opened:
                    rows += await self._below(row, opened)
        if self._listing:
            return  # somebody filters by now
        if not self.hits_shown:
            self.say_nothing(WELCOME if not rows else "")
        tree.show(rows)
        self.look()

    async def _below(self, row: Row, opened: Collection[str]) -> list[Row]:
        """The rows of an open folder, and of those that are open in it."""
        rows: list[Row] = []
        total = 1
        start = 0
        while start < total:
            told = await self._folder(row.path, start)
            total, start = told.total, start + _PART
            for entry in told.entries:
                inner = Row(row.depth + 1, entry.path, entry)
                rows.append(inner)
                if inner.opens and inner.path in opened:
                    rows += await self._below(inner, opened)
            await asyncio.sleep(0)  # keys come first
        return rows

    async def _folder(self, path: str, start: int) -> knowledge.FolderListed:
        call = knowledge.ListFolder(path, unread=self.unread, start=start, limit=_PART)
        try:
            return await self.core.call(call, knowledge.FolderListed)
        except CopilotError as error:
            self.failed(error)
            return knowledge.FolderListed((), 0)

    async def _check(self) -> None:
        """What has changed on the disk since."""
        try:
            async with aclosing(self.core.stream(knowledge.CheckSources())) as steps:
                async for step in steps:
                    if isinstance(step, knowledge.SourcesChecked):
                        tree = self.query_one(DocumentTree)
                        tree.changes = {one.root: one for one in step.found}
                        tree.refresh()
                        row = tree.chosen
                        if row is not None and row.source is not None:
                            self.look()
        except CopilotError as error:
            self.failed(error)

    def draw_totals(self) -> None:
        if self.hits_shown:
            self.query_one("#totals", Static).update(self.searched)
            return
        words = totals(self.told)
        left_out = sum(one.failed for one in self.told.found)
        failed = f"   ✗ {counted(left_out, 'file')} failed" if left_out else ""
        told = Content.assemble((words, "$text-muted"), (failed, "$error"))
        if self.unread:
            told += Content("   only what was left out")
        self.query_one("#totals", Static).update(told)

    def say_nothing(self, said: str) -> None:
        nothing = self.query_one("#nothing", Static)
        nothing.update(said)
        nothing.display = bool(said)

    @on(DocumentTree.Unfolded)
    def _unfolded(self, event: DocumentTree.Unfolded) -> None:
        event.stop()
        self._fill(event.row)

    @work(group="filling", exit_on_error=False)
    async def _fill(self, row: Row) -> None:
        """The rows of a folder that was opened, part by part."""
        tree = self.query_one(DocumentTree)
        start, total = 0, 1
        while start < total and row.path in tree.open and not tree.flat:
            told = await self._folder(row.path, start)
            if not tree.put(row.path, told.entries, start=start):
                return
            total, start = told.total, start + _PART
            await asyncio.sleep(0)

    # --- filtering ----------------------------------------------------------

    @property
    def _listing(self) -> bool:
        """Whether a list of documents stands in the tree's place."""
        return bool(self.query_one("#filter", Input).value.strip()) or self.unread

    def action_filter(self) -> None:
        """Filter the documents by what is typed."""
        self.close("search")
        self.reading(False)
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._refilter()

    def _refilter(self) -> None:
        if self._listing:
            self._list()
        elif self.query_one(DocumentTree).flat:
            self._replant()

    @work(group="listing", exclusive=True, exit_on_error=False)
    async def _replant(self) -> None:
        await self._plant()

    @work(group="listing", exclusive=True, exit_on_error=False)
    async def _list(self) -> None:
        """The documents that fit what is typed, part by part."""
        typed = self.query_one("#filter", Input).value
        await asyncio.sleep(_REST_S)
        tree = self.query_one(DocumentTree)
        rows: list[Row] = []
        total = 1
        while len(rows) < total:
            call = knowledge.ListFolder(
                typed=typed, unread=self.unread, start=len(rows), limit=_PART
            )
            try:
                told = await self.core.call(call, knowledge.FolderListed)
            except CopilotError as error:
                self.failed(error)
                return
            total = told.total
            rows += [Row(0, one.path, one) for one in told.entries]
            if not told.entries:
                break
            if len(rows) == len(told.entries):  # the first are there at once, the rest together
                self.say_nothing("")
                tree.show(rows, flat=True)
            await asyncio.sleep(0)
        if rows:
            tree.show(rows, flat=True)
        else:
            self.say_nothing("Nothing was left out." if self.unread else "No document is like it.")
            tree.show((), flat=True)
        self.look()

    def action_unread(self) -> None:
        """Only what failed or was skipped; or everything again."""
        self.unread = not self.unread
        self.close("search")
        self.draw_totals()
        self._refilter()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(DocumentTree).focus()

    def close(self, name: str) -> None:
        """Close the filter or the search."""
        field = self.query_one(f"#{name}", Input)
        field.value, field.display = "", False
        if name == "search":
            self.workers.cancel_group(self, "searching")
            self.show_hits(False)
            self.say_nothing(WELCOME if self.loaded and not self.told.found else "")
            self.draw_totals()
            self.look()

    @property
    def hits_shown(self) -> bool:
        """Whether what a search found stands in the documents' place."""
        return bool(self.query_one(HitList).display)

    def show_hits(self, on: bool) -> None:
        """What a search found, or the documents."""
        hits, tree = self.query_one(HitList), self.query_one(DocumentTree)
        here, gone = (hits, tree) if on else (tree, hits)
        here.display = True
        if gone.has_focus:
            here.focus()
        gone.display = False

    # --- the chosen one -------------------------------------------------------------------

    @work(group="looking", exclusive=True, exit_on_error=False)
    async def look(self) -> None:
        """Show what is chosen in the tree."""
        tree, detail = self.query_one(DocumentTree), self.query_one(Detail)
        row = tree.chosen
        self.draw_doings()
        if self.hits_shown:
            return  # a hit is told of
        if row is None:
            detail.nothing()
        elif row.source is not None:
            detail.source(row.source, tree.changes.get(row.path))
        elif row.entry is not None and not row.is_document:
            detail.folder(row.entry)
        else:
            await asyncio.sleep(_REST_S)
            await self._read(row.path)

    async def _read(self, path: str) -> None:
        """A document's facts, then its passages, part by part."""
        detail = self.query_one(Detail)
        start = 0
        try:
            while True:
                call = knowledge.ShowDocument(path, start, _PASSAGES)
                told = await self.core.call(call, knowledge.DocumentShown)
                if start:
                    detail.more(told.shown)
                else:
                    detail.document(told)
                start += _PASSAGES
                if start >= told.passages:
                    return
        except CopilotError as error:
            detail.nothing()
            self.failed(error)

    def seek(self) -> None:
        """Show what somebody came for, once the documents are there."""
        if self._wanted and self.loaded:
            wanted, self._wanted = self._wanted, ""
            self.unread = False
            self.action_filter()
            self.query_one("#filter", Input).value = wanted
            self.query_one(DocumentTree).focus()

    def reading(self, on: bool) -> None:
        """Go into what is chosen, or back to the list."""
        raise NotImplementedError
