"""Extraction: the record beside its text, corrected, proposed, copied, saved.

Invariant: what stands in the form was read by the core and is checked by it; an invalid record is
never proposed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from copilot.calls import extracting
from copilot.errors import CopilotError
from copilot.tui.area import Visit
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.extract.extracting import ExtractingArea
from copilot.tui.extract.found import FoundPane
from copilot.tui.extract.proposing import ProposeScreen
from copilot.tui.lit_text import LitText
from copilot.tui.record_form import RecordForm
from copilot.tui.wording import shown_line


class ExtractArea(ExtractingArea):
    """One text, its records, and what is done with them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "propose", "Propose", id="extract.propose"),
        Binding("y", "copy", "Copy the record as JSON", id="extract.copy"),
        Binding("s", "save", "Save as a file", id="extract.save"),
        Binding("left_square_bracket", "record(-1)", "Record before", id="extract.previous"),
        Binding("right_square_bracket", "record(1)", "Next record", id="extract.next"),
    ]

    # --- the record -----------------------------------------------------------------------

    async def action_record(self, by: int) -> None:
        """Look at another record of the same text."""
        await self.found_pane.turn(by)

    async def action_edit_field(self) -> None:
        """Edit the field that the form is at."""
        form = self.found_pane.form
        form.focus()
        await form.action_edit()

    async def action_restore(self) -> None:
        """Give the record the values that were read."""
        self.found_pane.form.focus()
        await self.found_pane.form.action_restore()

    def on_record_form_pointed(self, event: RecordForm.Pointed) -> None:
        event.stop()
        self.given_pane.lit.light(event.path)

    def on_found_pane_relit(self, event: FoundPane.Relit) -> None:
        event.stop()
        reading = self.found_pane.reading
        self.given_pane.light(reading.spans() if reading is not None else ())
        self.given_pane.lit.light(self.found_pane.form.path)

    def on_found_pane_failed(self, event: FoundPane.Failed) -> None:
        event.stop()
        self.failed(event.error)

    def on_lit_text_pointed(self, event: LitText.Pointed) -> None:
        event.stop()
        form = self.found_pane.form
        if form.path not in event.keys:
            form.go_to(event.keys[0], tell=False)
            event.text.light(form.path, scroll=False)
        if event.chosen and self.has_class("-narrow"):
            self._turn(to_record=True)

    # --- what is done with it -------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("propose", "copy", "save", "record", "edit_field", "restore"):
            return self.is_mounted and self.found_pane.reading is not None
        return True

    def action_copy(self) -> None:
        """Copy the record as JSON."""
        if self.found_pane.reading is not None:
            record = self.found_pane.form.record
            self.app.copy_to_clipboard(json.dumps(record, ensure_ascii=False, indent=2))
            self.notify("The record is copied as JSON.")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_propose(self) -> None:
        """Propose the record to a sink."""
        reading, form = self.found_pane.reading, self.found_pane.form
        if reading is None or reading.source is None:
            return
        await form.finish()
        try:
            record = await self.found_pane.corrected()
            if record is None:
                return
            if record.errors:
                first = record.errors[0]
                form.go_to(first.path)
                self.notify(
                    shown_line(f"{first.path or 'The record'}: {first.message}"),
                    title="An invalid record can't be proposed",
                    severity="warning",
                    markup=False,
                )
                return
            sinks = await self.core.call(
                extracting.ListSinks(reading.card.name), extracting.SinksTaking
            )
        except CopilotError as error:
            self.failed(error)
            return
        if not sinks.found:
            hint = "Say in actions.sinks of the configuration where such records may go."
            self.notify(hint, title=f"No sink takes a {shown_line(record.schema)}", markup=False)
            return
        call = extracting.ProposeRecord(
            tuple(reading.records), record.ordinal, reading.source, "", reading.run_id
        )
        screen = ProposeScreen(self.core, call, sinks.found)
        standing = await self.app.push_screen_wait(screen)
        if screen.done is not None:
            reading.proposed.add(record.ordinal)
            reading.kept.add(record.ordinal)
            self.found_pane.say_state()
        self.refresh_standing()
        if standing is not None:
            self.post_message(Visit("inbox", standing.proposal.id))

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Save the records as a file, as ``copilot extract --json`` writes them."""
        reading, form = self.found_pane.reading, self.found_pane.form
        if reading is None or reading.source is None:
            return
        await form.finish()
        asking = LineScreen("Save the records as JSON lines", value="records.jsonl")
        path = await self.app.push_screen_wait(asking)
        if not path or not path.strip():
            return
        try:
            await self.found_pane.corrected()
            call = extracting.SaveRecords(
                path.strip(), tuple(reading.records), reading.source, reading.run_id, reading.usage
            )
            saved = await self.core.call(call, extracting.RecordsSaved)
            if not saved.written:
                sure = SureScreen(
                    "There is such a file already",
                    means=shown_line(saved.path),
                    yes="write over it",
                )
                if not await self.app.push_screen_wait(sure):
                    return
                saved = await self.core.call(replace(call, replace=True), extracting.RecordsSaved)
        except CopilotError as error:
            self.failed(error)
            return
        reading.kept.update(one.ordinal for one in reading.records)
        self.notify(shown_line(saved.path), title="Saved", markup=False)
