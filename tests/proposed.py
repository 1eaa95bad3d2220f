"""Proposals and records for tests of what becomes of them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from copilot.extracted import Evidence, ExtractedRecord, FieldValue, Json, SourceText
from copilot.proposals import FieldChange, Proposal, SinkCall, SinkEntry, SinkWrite, Taint

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MAIL = (
    "Hello,\n\nthe export to CSV fails with error E-1042 since this morning.\n"
    "It is critical for us.\n\nGrace Hopper\ngrace@navy.example\n"
)


def proposal_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def proposal(name: str = "one", **given: Any) -> Proposal:
    """A whole one; ``name`` makes its id."""
    found = proposal_id(name)
    chosen: dict[str, Any] = {
        "id": found,
        "sink": "memory",
        "schema": "ticket",
        "schema_version": "1",
        "record": {"title": "Export fails \ud83d", "amount": 1.5, "tags": ["a", "b"], "x": None},
        "fields": {
            "title": FieldValue("Export fails", Evidence("export … fails", 4, 18), 0.9),
            "x": FieldValue(None),
        },
        "write": SinkWrite("create", "ticket", {"title": "Export fails"}, found),
        "principal": "ada",
        "created_at": NOW,
        "changes": (FieldChange("title", None, "Export fails"),),
        "calls": (SinkCall("POST", "https://desk.example/tickets", "{}"),),
        "duplicates": (SinkEntry("ticket", "M-9", {"title": "Export is slow"}),),
        "taint": Taint(model=True),
        "source_name": "mail.eml",
        "source_digest": "ab" * 32,
        "source_text": "the export fails\x00\u2028",
        **given,
    }
    return Proposal(**chosen)


def stated(text: str, quote: str, value: Json = None, *, confidence: float = 0.95) -> FieldValue:
    """A field that the text states in these words."""
    start = text.index(quote)
    evidence = Evidence(quote, start, start + len(quote))
    return FieldValue(quote if value is None else value, evidence, confidence)


def source(text: str = MAIL, *, name: str = "mail.eml") -> SourceText:
    return SourceText(name, text, hashlib.sha256(text.encode()).hexdigest())


def record(text: str = MAIL, *, schema: str = "ticket", **given: Any) -> ExtractedRecord:
    """What ``MAIL`` says, as a ticket; ``given`` replaces fields of the record's."""
    fields = given.pop("fields", None) or {
        "title": stated(text, "export to CSV fails"),
        "severity": stated(text, "critical"),
        "requester_email": stated(text, "grace@navy.example"),
        "error_code": stated(text, "E-1042"),
        "product": FieldValue(None),
    }
    chosen: dict[str, Any] = {
        "id": "record-1",
        "schema": schema,
        "schema_version": "1",
        "status": "valid",
        "record": {name: one.value for name, one in fields.items()},
        "fields": fields,
        "source_name": "mail.eml",
        "source_digest": hashlib.sha256(text.encode()).hexdigest(),
        **given,
    }
    return ExtractedRecord(**chosen)
