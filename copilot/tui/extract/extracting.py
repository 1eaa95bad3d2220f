"""Extraction: a text on the left, what was read out of it on the right.

Invariant: nothing is read by a schema that nobody chose; who stops a reading closes its call, and
the text stays.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import TextArea
from textual.worker import Worker, get_current_worker

from copilot import calls
from copilot.calls import extracting
from copilot.errors import CopilotError
from copilot.tui.area import Area
from copilot.tui.dialogs import SureScreen
from copilot.tui.doings import Doings
from copilot.tui.extract.choosing import SchemaScreen
from copilot.tui.extract.filing import FileScreen
from copilot.tui.extract.found import FoundPane
from copilot.tui.extract.given import EDITABLE, Given, GivenPane, Writing
from copilot.tui.extract.reading import Reading
from copilot.tui.wording import shown_line


class ExtractingArea(Area):
    """A text, a schema, and the reading of the one by the other."""

    AREA: ClassVar = "extract"
    CSS_PATH = "extract.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+e", "extract", "Extract", id="extract.extract"),
        Binding("ctrl+l", "open", "Open a file", id="extract.open"),
        Binding("ctrl+t", "schema", "Choose a schema", id="extract.schema"),
        Binding("ctrl+n", "clear", "Another text", id="extract.clear"),
        Binding("ctrl+o", "turn", "Text or record", id="extract.turn"),
        Binding("escape", "back", "Stop, or back to the text", id="extract.back"),
    ]
    _card: calls.SchemaCard | None = None
    _cards: tuple[calls.SchemaCard, ...] = ()
    _last = ""
    _extracting: Worker[None] | None = None
    _under_way: Given | None = None  # what is being read

    @property
    def given_pane(self) -> GivenPane:
        return self.query_one(GivenPane)

    @property
    def found_pane(self) -> FoundPane:
        return self.query_one(FoundPane)

    def body(self) -> ComposeResult:
        yield Doings(classes="extract-bar")
        with Horizontal(id="extract"):
            yield GivenPane()
            yield FoundPane(self.core)

    def on_mount(self) -> None:
        self._show_bar()
        self.given_pane.focus_text()

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show_bar)

    def arrive(self) -> None:
        super().arrive()
        self._load_schemas()

    def visit(self, what: str) -> None:
        """Somebody wants to extract from this file."""
        if what:
            self._open(what)

    # --- the schema -----------------------------------------------------------------------

    @work(group="schemas", exclusive=True, exit_on_error=False)
    async def _load_schemas(self) -> None:
        await self._know_schemas()

    async def _know_schemas(self) -> None:
        try:
            told = await self.core.call(calls.ListSchemas(), calls.Schemas)
        except CopilotError as error:
            self.failed(error)
            return
        self._cards, self._last = told.found, told.last
        if self._card is None and told.last:
            self._card = self._known(told.last)
            self._show_bar()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_schema(self) -> None:
        """Choose what is to be read out of the text."""
        await self._choose_schema()

    async def _choose_schema(self) -> bool:
        if not self._cards:  # the core is still waking up, or could not tell the last time
            await self._know_schemas()
        current = self._card.asked if self._card is not None else ""
        asked = await self.app.push_screen_wait(SchemaScreen(self._cards, current))
        if asked is None:
            return False
        try:
            self._card = self._known(asked) or await self._described(asked)
        except CopilotError as error:
            self.failed(error)
            return False
        self._show_bar()
        return True

    def _known(self, asked: str) -> calls.SchemaCard | None:
        return next((one for one in self._cards if one.asked == asked), None)

    async def _described(self, asked: str) -> calls.SchemaCard:
        return (await self.core.call(calls.DescribeSchema(asked), calls.SchemaDescribed)).card

    # --- the text -------------------------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """Open a file."""
        path = await self.app.push_screen_wait(FileScreen(self.core))
        if path is not None and await self._may_go():
            self._open(path)

    async def _may_go(self) -> bool:
        """Whether what stands on the right may go: it is asked where corrections would be lost."""
        reading = self.found_pane.reading
        if reading is None or not await self.found_pane.unfinished():
            return True
        return await self.app.push_screen_wait(
            SureScreen(
                "Leave this record?",
                means="What you corrected was neither proposed nor saved.",
                yes="leave it",
            )
        )

    @work(group="open", exclusive=True, exit_on_error=False)
    async def _open(self, path: str) -> None:
        self._stop()
        await self._list_or_read(Given(path=path))

    async def _list_or_read(self, given: Given) -> bool:
        """Show the one text that was given, or let one of several be chosen; whether it is one."""
        pane = self.given_pane
        try:
            call = extracting.ListTexts(given.path, given.text)
            there = await self.core.call(call, extracting.Texts)
            if there.total == 1 and given.path:
                await self._read(given)
        except CopilotError as error:
            self.failed(error)
            return False
        self._turn(to_record=False)
        if there.total != 1:
            pane.offer(given, there)
        else:
            pane.close_texts()
        return there.total == 1

    async def _read(self, given: Given) -> None:
        told = await self.core.call(given.to_read(), extracting.TextRead)
        self._forget()
        pane = self.given_pane
        pane.read(given, told.source)
        pane.lit.focus()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def on_given_pane_chosen(self, event: GivenPane.Chosen) -> None:
        event.stop()
        self._stop()
        try:
            await self._read(event.given)
        except CopilotError as error:
            self.failed(error)

    @work(group="open", exclusive=True, exit_on_error=False)
    async def on_writing_dropped(self, event: Writing.Dropped) -> None:
        """Open the file that was dropped; what is none was pasted."""
        event.stop()
        given = Given(path=event.text.strip())
        try:
            there = await self.core.call(extracting.ListTexts(given.path), extracting.Texts)
            problem = there.found[0].problem if there.total == 1 else ""
        except CopilotError as error:
            problem = error.message
        if problem:
            self.query_one(Writing).insert(event.text)
            self.notify(shown_line(problem), title="Taken as a text", markup=False)
        else:
            await self._list_or_read(given)

    def on_given_pane_too_long(self, event: GivenPane.TooLong) -> None:
        event.stop()
        self._forget()
        self._too_long()

    def _too_long(self) -> None:
        said = f"A text of more than {EDITABLE:,} characters is read as it is."
        self.notify(said, title="It can't be edited here")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_clear(self) -> None:
        """Begin with another text."""
        if not await self._may_go():
            return
        self._stop()
        self._forget()
        pane = self.given_pane
        pane.close_texts()
        pane.write("")
        self._turn(to_record=False)
        pane.focus_text()

    def action_turn(self) -> None:
        """From the text to the record, or back."""
        self._turn(to_record=not self.query_one("#extract").has_class("-turned"))

    def _turn(self, *, to_record: bool) -> None:
        self.query_one("#extract").set_class(to_record, "-turned")
        if to_record and self.found_pane.reading is not None:
            self.found_pane.form.focus()
        else:
            self.given_pane.focus_text()
        self._show_bar()

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_edit_text(self) -> None:
        """Edit the text that was read; what was read out of it goes."""
        if not await self._may_go():
            return
        if self.given_pane.edit():
            self._forget()
            self._turn(to_record=False)
        else:
            self._too_long()

    def action_back(self) -> None:
        """Stop what runs; from the record to the text; from the text to where it is edited."""
        if self._stop():
            return
        if self.found_pane.form.has_focus_within:
            self._turn(to_record=False)
        elif not self.given_pane.writing:
            self.action_edit_text()

    # --- extracting -----------------------------------------------------------------------

    def action_extract(self) -> None:
        """Read the record out of the text."""
        if self._extracting is None:
            self._extracting = self._extract()
            self._show_bar()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Who changes the text stops its reading: no record stands beside another text."""
        event.stop()
        if self._under_way is not None and self.given_pane.given != self._under_way:
            self._stop()

    def _stop(self) -> bool:
        if self._extracting is None:
            return False
        self._extracting.cancel()
        return True

    @work(group="extract", exclusive=True, exit_on_error=False)
    async def _extract(self) -> None:
        worker = get_current_worker()
        try:
            await self._extracted()
        except CopilotError as error:
            self.failed(error)
        finally:
            if self._extracting is worker:
                self._extracting = None
            same, self._under_way = self.given_pane.given == self._under_way, None
            if self.found_pane.reading is None:
                stopped = "Stopped. The text is as it was." if same else "Stopped: another text."
                self.found_pane.forget(stopped if worker.is_cancelled else "Record")
            self._show_bar()

    async def _extracted(self) -> None:
        pane = self.given_pane
        given = pane.given
        if given is None:
            self.notify("Paste one, or open a file.", title="There is no text yet")
            pane.focus_text()
            return
        if self._card is None and not await self._choose_schema():
            return
        assert self._card is not None
        if not await self._may_go():
            return
        if not given.path and given.number == 1 and not await self._list_or_read(given):
            return
        self._under_way = given
        reading, began = Reading(self._card), time.monotonic()
        self._forget()
        self.found_pane.wait(reading, began)
        ticking = self.set_interval(1, lambda: self.found_pane.wait(reading, began))
        try:
            async with aclosing(self.core.stream(given.to_extract(self._card.asked))) as steps:
                async for step in steps:
                    reading.tell(step)  # type: ignore[arg-type]
                    await asyncio.sleep(0)  # a key that was pressed goes first
        finally:
            ticking.stop()
        if reading.source is not None:
            pane.read(given, reading.source)
            await self.found_pane.show(reading)
            self._turn(to_record=True)

    def _forget(self) -> None:
        """What stands on the right isn't of what stands on the left any more."""
        self.found_pane.forget()
        self.given_pane.light(())

    def _show_bar(self) -> None:
        name = shown_line(self._card.name) if self._card is not None else "schema"
        busy = self._extracting is not None
        turned = self.query_one("#extract").has_class("-turned")
        narrow = self.has_class("-narrow")
        turn = ("Ctrl+O", "text" if turned else "record", "screen.turn")
        self.query_one(".extract-bar", Doings).say(
            ("Ctrl+T", name, "screen.schema"),
            ("Esc", "stop", "screen.back") if busy else ("Ctrl+E", "extract", "screen.extract"),
            ("Ctrl+L", "open" if narrow else "open a file", "screen.open"),
            ("Ctrl+N", "new" if narrow else "another text", "screen.clear"),
            *([turn] if narrow else []),
        )
