"""A record as scripts read it: the ``record`` envelope, whoever writes it.

Invariant: the envelope's keys are stable; it holds plain JSON values only.
"""

from __future__ import annotations

from typing import Any

from copilot.extracted import ExtractedRecord, FieldValue, SourceText
from copilot.messages import Usage

ENVELOPE_VERSION = 1


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
