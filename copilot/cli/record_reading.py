"""Records as ``copilot extract`` prints them, read back.

Invariant: an envelope that isn't one is an error that names the line and what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from copilot.errors import UsageError
from copilot.extracted import Evidence, ExtractedRecord, FieldError, FieldValue, NullReason


def records_in(text: str, *, name: str) -> Iterator[ExtractedRecord]:
    """The records of a JSON object, or of JSON lines. UsageError."""
    try:
        whole = json.loads(text)
        lines = [(1, whole)]
    except ValueError:
        # A JSON string may hold what else Python takes for a line's end.
        given = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        lines = [(n, _parsed(line, n, name)) for n, line in given]
    if not lines:
        raise UsageError(f"{name} is empty: there is no record in it")
    for number, line in lines:
        try:
            yield record_of(line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                f"{name}:{number} is no record: {type(error).__name__} {error}",
                hint="one as `copilot extract` prints it",
            ) from error


def record_of(envelope: Mapping[str, Any]) -> ExtractedRecord:
    """Raises KeyError, TypeError, ValueError or AttributeError for what is none."""
    source = envelope.get("source", {})
    return ExtractedRecord(
        id=str(envelope.get("id", "")),
        schema=envelope["schema"],
        schema_version=str(envelope.get("schema_version", "")),
        status="valid" if envelope.get("status", "valid") == "valid" else "invalid",
        record=dict(envelope["record"]),
        fields={name: _field(one) for name, one in envelope.get("fields", {}).items()},
        errors=tuple(FieldError(one["path"], one["message"]) for one in envelope.get("errors", ())),
        source_name=str(source.get("name", "")),
        source_digest=str(source.get("sha256", "")),
        ordinal=int(source.get("ordinal", 0)),
        suspicions=tuple(str(one) for one in envelope.get("suspicions", ())),
    )


def _field(given: Mapping[str, Any]) -> FieldValue:
    quote = given.get("quote")
    evidence = None if quote is None else Evidence(quote, int(given["start"]), int(given["end"]))
    reason = given.get("null_reason")
    return FieldValue(
        given.get("value"),
        evidence,
        float(given.get("confidence") or 0.0),
        NullReason(reason) if reason else None,
        given.get("normalised_from") or "",
        given.get("read_by") or "rules",
    )


def _parsed(line: str, number: int, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}:{number} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{name}:{number} is no record", hint="one as `copilot extract` prints it")
    return found
