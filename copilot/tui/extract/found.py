"""The right side: the records that were read, one of them in a form, and what can be done with it.

Invariant: a record that was corrected is what the core made of the correction, evidence and all;
nothing of one text stands here beside another one.
"""

from __future__ import annotations

import time

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from copilot.calls import extracting
from copilot.codec import to_plain
from copilot.errors import CopilotError
from copilot.extracted import ExtractedRecord
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.extract.reading import Reading
from copilot.tui.record_form import RecordForm
from copilot.tui.wording import shown_line

_EMPTY = (
    "The record will stand here, each field beside the words that state it. "
    "Moving over a field lights its words in the text."
)


class FoundPane(Vertical):
    """``reading`` is what stands here; None for nothing."""

    class Relit(Message):
        """Other words state the record now."""

    class Failed(Message):
        """The core refused something."""

        def __init__(self, error: CopilotError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, core: Core) -> None:
        super().__init__(id="found")
        self._core = core
        self.reading: Reading | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="found-name", classes="heading", markup=False)
        yield Static(id="record-warnings", markup=False)
        yield Static(Content(_EMPTY), id="nothing-found", markup=False)
        yield RecordForm(self._core)
        yield Doings()

    def on_mount(self) -> None:
        self.forget()

    @property
    def form(self) -> RecordForm:
        return self.query_one(RecordForm)

    # --- what stands here -----------------------------------------------------------------

    def forget(self, said: str = "Record") -> None:
        """Nothing was read of what stands on the left."""
        self.reading = None
        self._lay(there=False)
        self.query_one("#found-name", Static).update(Content(said))

    def wait(self, reading: Reading, began: float) -> None:
        """It is being read, by whom and since when."""
        self._lay(there=False)
        who = f"{shown_line(reading.model)} reads" if reading.by_model else "Reading"
        seconds = time.monotonic() - began
        told = f"{who}… {seconds:.0f} s" if seconds >= 1 else f"{who}…"
        self.query_one("#found-name", Static).update(Content(told))

    async def show(self, reading: Reading) -> None:
        """The record that the reading is at."""
        record = reading.record
        if record is None:
            return
        self.reading = reading
        self._lay(there=True)
        said = "\n".join(f"! {shown_line(one)}" for one in reading.warnings)
        warnings = self.query_one("#record-warnings", Static)
        warnings.update(Content(said))
        warnings.display = bool(said)
        self._say_doings(reading)
        read = reading.read[reading.at].record
        await self.form.load(reading.card, record.record, record.fields, original=read)
        self.say_state()
        self.post_message(self.Relit())

    def _lay(self, *, there: bool) -> None:
        self.form.display = there
        self.query_one(Doings).display = there
        self.query_one("#nothing-found").display = not there
        if not there:
            self.query_one("#record-warnings").display = False

    def _say_doings(self, reading: Reading) -> None:
        more = [("]", "next record", "screen.record(1)")] if len(reading.records) > 1 else []
        self.query_one(Doings).say(
            ("Enter", "edit", "screen.edit_field"),
            ("p", "propose", "screen.propose"),
            ("y", "copy", "screen.copy"),
            ("s", "save", "screen.save"),
            ("u", "as read", "screen.restore"),
            *more,
        )

    def say_state(self) -> None:
        """Which record, whether it is valid, who read it."""
        reading, form = self.reading, self.form
        if reading is None or reading.record is None:
            return
        count = len(reading.records)
        which = f" {reading.at + 1} of {count}" if count > 1 else ""
        state = Content("✓ valid" if form.valid else "…")
        if form.problems:
            wrong = f"✗ {shown_line(form.problems[0].path or 'the record')} is invalid"
            state = Content.styled(wrong, "$error")
        corrected = "  ✎ corrected" if _corrected(reading.record) else ""
        if reading.record.ordinal in reading.proposed:
            corrected += "  → proposed"
        cost = f", ${reading.usage.cost_usd:.4f}" if reading.usage.cost_usd else ""
        by = shown_line(reading.model) if reading.by_model else "rules"
        tail = f"{corrected}  read by {by} in {reading.latency_ms / 1000:.1f} s{cost}"
        name = shown_line(reading.card.name)
        told = Content.assemble((f"{name}{which}", "bold"), "  ", state, (tail, "$text-muted"))
        self.query_one("#found-name", Static).update(told)

    async def turn(self, by: int) -> None:
        """Look at another record of the same text; after the last comes the first."""
        reading = self.reading
        if reading is None or len(reading.records) < 2:
            return
        await self.form.finish()
        try:
            await self.corrected()
        except CopilotError as error:
            self.post_message(self.Failed(error))
            return
        reading.at = (reading.at + by) % len(reading.records)
        await self.show(reading)

    async def unfinished(self) -> bool:
        """Whether a record was corrected and nothing came of it yet."""
        reading = self.reading
        if reading is None:
            return False
        await self.form.finish()
        here = {reading.at} if self.form.changed else set()
        made = {at for at, one in enumerate(reading.records) if _corrected(one)} | here
        return not {reading.records[at].ordinal for at in made} <= reading.kept

    # --- correcting -----------------------------------------------------------------------

    def on_record_form_checked(self, event: RecordForm.Checked) -> None:
        event.stop()
        if event.error is not None:
            self.post_message(self.Failed(event.error))
        self.say_state()

    def on_record_form_edited(self, event: RecordForm.Edited) -> None:
        event.stop()
        self._correct()

    @work(group="correct", exclusive=True, exit_on_error=False)
    async def _correct(self) -> None:
        try:
            await self.corrected()
        except CopilotError as error:
            self.post_message(self.Failed(error))

    async def corrected(self) -> ExtractedRecord | None:
        """The current record as it stands in the form, with its evidence. Raises CopilotError."""
        reading = self.reading
        if reading is None or reading.record is None or reading.source is None:
            return None
        was, at, values = reading.record, reading.at, self.form.record
        if values == to_plain(was.record):
            return was
        read = reading.read[at]
        call = extracting.CorrectRecord(reading.card.asked, read, reading.source, values)
        told = await self._core.call(call, extracting.RecordCorrected)
        reading.records[at] = told.record
        reading.kept.discard(told.record.ordinal)
        if self.reading is reading and reading.at == at:
            self.form.know(told.record.fields)
            self.say_state()
            self.post_message(self.Relit())
        return told.record


def _corrected(record: ExtractedRecord) -> bool:
    return any(one.read_by == "person" for one in record.fields.values())
