"""The knowledge area: what people do there beside looking through the index: search, open, go back.

Invariant: a file is opened at the passage that stands there, in the person's own editor.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from copilot.calls import knowledge
from copilot.errors import CopilotError
from copilot.places import file_of
from copilot.tui.doings import Doings
from copilot.tui.items import Items
from copilot.tui.knowledge.browsing import BrowsingArea
from copilot.tui.knowledge.detail import Detail, PassageList
from copilot.tui.knowledge.hits import HitList
from copilot.tui.knowledge.tree import DocumentTree
from copilot.tui.knowledge.words import counted, remedy
from copilot.tui.opening import edit, editor_command
from copilot.tui.viewer import ViewerScreen
from copilot.tui.wording import shown_line


class KnowledgeArea(BrowsingArea):
    """Visited for a document by its path, or with ``add`` to add a folder."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "search", "Search the passages", id="knowledge.search"),
        Binding("o", "open", "Open in the editor", id="knowledge.open"),
        Binding("v", "open(True)", "Read it here", id="knowledge.view"),
        Binding("escape", "back", "Back", id="knowledge.back"),
    ]

    def visit(self, what: str) -> None:
        if what == "add":
            self.action_add()
        else:
            self._wanted = what
            self.seek()

    # --- searching ------------------------------------------------------------------------

    def action_search(self) -> None:
        """Search the passages; Enter searches."""
        self.close("filter")
        self.reading(False)
        field = self.query_one("#search", Input)
        field.display = True
        field.focus()

    @on(Input.Submitted, "#search")
    def _search_sent(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._search(event.value)

    @work(group="searching", exclusive=True, exit_on_error=False)
    async def _search(self, query: str) -> None:
        self.query_one("#totals", Static).update("searching …")
        try:
            call = knowledge.SearchPassages(query)
            told = await self.core.call(call, knowledge.PassagesFound)
        except CopilotError as error:
            self.draw_totals()
            self.failed(CopilotError(error.message, hint=remedy(error.hint)))
            return
        for warning in told.warnings:
            self.notify(shown_line(warning), severity="warning", markup=False)
        asked = ", ".join(f"“{shown_line(one)}”" for one in told.queries)
        where = f"for {asked} · {told.latency_ms:.0f} ms · index {told.index_version}"
        count = counted(len(told.found), "passage")
        self.searched = Content.assemble(f"{count} ", (where, "$text-muted"))
        hits = self.query_one(HitList)
        self.workers.cancel_group(self, "looking")
        self.show_hits(True)
        self.draw_totals()
        hits.show(told.found)
        self.say_nothing("" if told.found else "Nothing was found.")
        if told.found:
            hits.focus()
        else:
            self.query_one(Detail).nothing()
        self.draw_doings()

    # --- the chosen one -------------------------------------------------------------------

    @on(Items.Chosen)
    def _chosen(self, event: Items.Chosen) -> None:
        event.stop()
        if isinstance(event.items, HitList):
            hit = event.items.chosen
            if hit is not None and self.hits_shown:
                self.query_one(Detail).hit(hit)
        elif isinstance(event.items, DocumentTree) and not self.hits_shown:
            self.look()

    @on(Items.Opened)
    def _opened(self, event: Items.Opened) -> None:
        event.stop()
        self.reading(True)

    def reading(self, on: bool) -> None:
        """Go into what is chosen, or back to the list."""
        self.query_one("#knowledge").set_class(on, "-reading")
        if not on:
            (self.query_one(HitList) if self.hits_shown else self.query_one(DocumentTree)).focus()
        elif self.query_one(PassageList).display:
            self.query_one(PassageList).focus()
        else:
            self.query_one("#text-scroll").focus()
        self.draw_doings()

    @property
    def _reads(self) -> bool:
        return self.query_one("#knowledge").has_class("-reading")

    # --- what can be done -----------------------------------------------------------------

    def chosen_source(self) -> str:
        path = self.chosen_path()
        inside = [
            one.root
            for one in self.told.found
            if path == one.root or path.startswith(one.root.rstrip("/") + "/")
        ]
        return max(inside, key=len, default="")

    def chosen_path(self) -> str:
        if self.hits_shown:
            hit = self.query_one(HitList).chosen
            return hit.path if hit is not None else ""
        row = self.query_one(DocumentTree).chosen
        return row.path if row is not None else ""

    def action_reload(self) -> None:
        """Look at the index and the disk anew."""
        self.arrive()

    def action_back(self) -> None:
        """Out of what is read, else out of the search, the filter, what was left out."""
        if self._reads:
            self.reading(False)
        elif self.query_one("#search").display:
            self.close("search")
            self.query_one(DocumentTree).focus()
        elif self.query_one("#filter").display:
            self.close("filter")
            self.query_one(DocumentTree).focus()
        elif self.unread:
            self.action_unread()

    def action_open(self, here: bool = False) -> None:
        """See the file of what is chosen, in the editor or here."""
        row = None if self.hits_shown else self.query_one(DocumentTree).chosen
        if row is None or row.is_document:
            self.query_one(Detail).open(here=here)

    def action_read(self) -> None:
        self.reading(True)

    @on(Detail.Opened)
    def _open_file(self, event: Detail.Opened) -> None:
        event.stop()
        place = event.place
        command = editor_command(os.environ, place.path, place.locator)
        if place.passage_id and (event.here or not command):
            self.app.push_screen(ViewerScreen(self.core, place))
        elif not command:
            self.notify("Set EDITOR to open files where they stand.", title="No editor is named")
        elif not Path(file_of(place.path)).exists():
            title = f"{shown_line(place.path)} isn't there any more"
            self.notify("s syncs its source.", title=title, severity="warning", markup=False)
        else:
            edit(self.app, command, otherwise="v reads it here.")

    def draw_doings(self) -> None:
        line = self.query_one(Doings)
        narrow = self.has_class("-narrow")
        watch = ("w", "watching" if self.watching else "watch", "screen.watch")
        if self._reads:
            line.say(
                ("o", "open", "screen.open"),
                ("v", "read here", "screen.open(True)"),
                ("Esc", "back", "screen.back"),
            )
            return
        first = ("x", "stop", "screen.stop") if self.busy else ("s", "sync", "screen.sync")
        doings = [
            ("a", "add", "screen.add"),
            first,
            ("S", "sync all", "screen.sync_all"),
            watch,
            ("f", "search", "screen.search"),
            ("/", "filter", "screen.filter"),
        ]
        if not narrow:
            doings += [("!", "left out", "screen.unread"), ("o", "open", "screen.open")]
            doings += [("D", "remove", "screen.remove")]
        if self.hits_shown or self.query_one("#filter").display or self.unread:
            doings = [*doings[4:], ("Esc", "back", "screen.back")]
            if self.unread:
                doings = [("t", "read again", "screen.retry"), *doings]
        if narrow:
            doings.append(("Enter", "read", "screen.read"))
        line.say(*doings)
