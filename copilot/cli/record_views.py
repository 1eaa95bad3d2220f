"""How a record looks: as the ``record`` envelope, and on a terminal.

Invariant: what a text or a model said passes ``guard.terminal`` on its way to a terminal; the
envelope's keys are stable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.cli.styling import Styler
from copilot.cli.tables import shortened
from copilot.extracted import ExtractedRecord, FieldValue, SourceText
from copilot.guard.terminal import clean_line
from copilot.messages import Usage

ENVELOPE_VERSION = 1
_NAME_WIDTH = 18
_QUOTE_SHOWN = 90


def record_envelope(
    record: ExtractedRecord, text: SourceText, *, run_id: str, usage: Usage, records: int
) -> dict[str, Any]:
    """One record as scripts read it. ``records``: how many its text gave.

    ``schema_version`` is the schema's; that of the envelope is ``envelope_version``. Offsets count
    in the input, or in ``source.text``, which stands there where a reader had to make one.
    """
    return {
        "envelope_version": ENVELOPE_VERSION,
        "kind": "record",
        "id": record.id,
        "record_id": record.id,
        "run_id": run_id,
        "schema": record.schema,
        "schema_version": record.schema_version,
        "status": record.status,
        "record": record.record,
        "fields": {name: field_envelope(value) for name, value in record.fields.items()},
        "errors": [{"path": error.path, "message": error.message} for error in record.errors],
        "source": {
            "name": record.source_name,
            "sha256": record.source_digest,
            "ordinal": record.ordinal,
            "records": records,
            "text": None if text.verbatim else text.text,
        },
        "suspicions": list(record.suspicions),
        "usage": {
            "model": usage.model,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
        },
    }


def field_envelope(value: FieldValue) -> dict[str, Any]:
    """A field with its proof; ``quote``, ``start`` and ``end`` are null where there is none."""
    evidence = value.evidence
    return {
        "value": value.value,
        "quote": evidence.quote if evidence else None,
        "start": evidence.start if evidence else None,
        "end": evidence.end if evidence else None,
        "confidence": round(value.confidence, 3) if value.value is not None else None,
        "null_reason": value.null_reason.value if value.null_reason else None,
        "normalised_from": value.normalised_from or None,
        "read_by": value.read_by,
    }


def record_lines(record: ExtractedRecord, style: Styler) -> Iterator[str]:
    """The lines that a person reads: what was found with its words, then what wasn't."""
    yield style.strong(clean_line(f"{record.schema} from {record.source_name}: {record.status}"))
    found = {name: value for name, value in record.fields.items() if value.value is not None}
    for name, value in found.items():
        yield f"  {clean_line(name):<{_NAME_WIDTH}} {clean_line(str(value.value))}"
        if value.evidence is not None and value.evidence.quote != value.value:
            quote = shortened(clean_line(" ".join(value.evidence.quote.split())), _QUOTE_SHOWN)
            yield f"  {'':<{_NAME_WIDTH}} {style.faint(f'“{quote}” at {value.evidence.start}')}"
    missing: dict[str, list[str]] = {}
    for name, value in record.fields.items():
        if value.value is None and value.null_reason is not None:
            missing.setdefault(value.null_reason.value, []).append(clean_line(name))
    for reason, names in missing.items():
        yield style.faint(f"  {reason.replace('_', ' ')}: {', '.join(names)}")
    for error in record.errors:
        yield clean_line(f"  {error.path or 'record'}: {error.message}")
