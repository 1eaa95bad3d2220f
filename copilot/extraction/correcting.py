"""A record as a person has corrected it, before anything is proposed of it.

Invariant: what the person didn't touch keeps its evidence; what they wrote is theirs, with the
words of the text where it says the same; its schema has the last word on the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from copilot.actions.editing import edited_fields
from copilot.extracted import ExtractedRecord, Json, SourceText
from copilot.schemas import Schema


def corrected(
    record: ExtractedRecord, values: Mapping[str, Json], source: SourceText, schema: Schema
) -> ExtractedRecord:
    """The record with these values; invalid where the schema refuses them."""
    fields, _ = edited_fields(record.fields, values, text=source.text)
    errors = schema.check(values)
    return replace(
        record,
        status="invalid" if errors else "valid",
        record=values,
        fields=fields,
        errors=errors,
    )
