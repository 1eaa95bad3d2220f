"""The mail about blank labels that ships as a sample, read as a ticket, one field looked at."""

from __future__ import annotations

import json

from textual.events import Paste

from copilot import calls
from copilot.calls import extracting
from copilot.events import ModelChosen, RecordExtracted, RunFinished, RunStarted
from copilot.extracted import Evidence, ExtractedRecord, FieldValue, NullReason, SourceText
from copilot.extraction.schemas import schema_of
from copilot.messages import Status, Usage
from copilot.testing.run_events import STARTED_AT
from copilot.testing.scripted_core import ScriptedCore
from tests.corpora import REPOSITORY
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

TEXT = (REPOSITORY / "data/samples/label-printer.eml").read_text(encoding="utf-8")
WORDS = {
    "title": ("Labels come out blank since the update", ""),
    "requester_name": ("Hanna Voss", ""),
    "requester_email": ("h.voss@norderhof.example", ""),
    "requester_phone": ("+49 461 900 14 22", "+494619001422"),
    "company": ("Norderhof Versand GmbH", ""),
    "version": ("7.2.1", ""),
    "error_code": ("ORD-4417", ""),
    "url": ("https://app.ordivane.example/runs/88213/labels", ""),
    "category": ("empty labels", "bug"),
    "severity": ("urgent", "high"),
    "occurred_at": ("yesterday afternoon at 16:30", "2026-11-18T16:30"),
    "due_date": ("Friday noon", "2026-11-20"),
}
LACKING = {
    "product": NullReason.NOT_CONFIGURED,
    "component": NullReason.NOT_CONFIGURED,
    "reference": NullReason.NOT_STATED,
}
SCHEMA = schema_of(
    json.loads((REPOSITORY / "data/schemas/ticket.json").read_text(encoding="utf-8")),
    name="ticket",
)
CARD = calls.SchemaCard("ticket", "ticket", SCHEMA.fields, SCHEMA.description, many=True)


def record() -> ExtractedRecord:
    fields = {spec.name: _field(spec.name) for spec in SCHEMA.fields}
    values = {name: one.value for name, one in fields.items()}
    return ExtractedRecord("record-1", "ticket", "1", "valid", values, fields)


def _field(name: str) -> FieldValue:
    if name in LACKING:
        return FieldValue(null_reason=LACKING[name])
    quote, value = WORDS[name]
    start = TEXT.rindex(quote) if name == "requester_name" else TEXT.index(quote)
    evidence = Evidence(quote, start, start + len(quote))
    return FieldValue(value or quote, evidence, 0.94, normalised_from=quote if value else "")


def scene() -> Scene:
    steps = [
        RunStarted("run-1", "extract", "ticket from pasted text", "", "ana", STARTED_AT),
        ModelChosen("rules", "no model is configured", route="extract"),
        RecordExtracted(record()),
        RunFinished("run-1", Status.ANSWERED, None, 620.0),
        extracting.Extracted(SourceText("pasted text", TEXT, "digest"), "run-1", Usage("rules")),
    ]
    core = ScriptedCore(
        replies={
            calls.ListSchemas: calls.Schemas((CARD,), last="ticket"),
            calls.CheckRecord: calls.RecordChecked(()),
            extracting.ListTexts: extracting.Texts((extracting.TextThere(1, "pasted text"),), 1),
            extracting.Extract: steps,
        }
    )

    async def play(driver: Driver) -> None:
        driver.app.post_message(Paste(TEXT))
        await driver.pilot.pause()
        await driver.pilot.press("ctrl+e")
        await driver.settled()
        await driver.pilot.press("down", "down", "down")
        await driver.settled()

    return Scene(core, play)
