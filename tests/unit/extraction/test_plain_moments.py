"""Dates and times of somebody's own schema, by rules."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from copilot.config.records import ExtractionSettings
from copilot.extracted import SourceText
from copilot.extraction.schemas import schema_of
from tests.bench.extractors import rule_extractor


def told(text: str, name: str, form: str = "date") -> object:
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    schema = schema_of(
        {"type": "object", "properties": {name: {"type": "string", "format": form}}}, name="own"
    )
    return rule_extractor(ExtractionSettings(), embeds=False).extract(source, schema)[0][name].value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sent_on", "The parcel sent on 2 November was due on 5 November.", "2026-11-02"),
        ("delivery_date", "Ordered 2 November; the delivery is on 5 November.", "2026-11-05"),
        ("lieferdatum", "Bestellt am 2.11.2026, Lieferdatum war der 5.11.2026.", "2026-11-05"),
        ("sent_on", "We wrote on 2 November and again on 5 November.", None),
        ("sent_on", "One was sent on 2 November, one sent on 5 November.", None),
        ("sent_on", "It left on 2 November.", "2026-11-02"),
    ],
)
def test_a_date_is_the_one_behind_the_name_of_the_field_or_the_only_one(
    name: str, text: str, expected: str | None
) -> None:
    assert told(text, name) == expected
