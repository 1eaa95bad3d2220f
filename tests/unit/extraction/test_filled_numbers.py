"""Which counts and sums a record takes, and which names are only aside, by rules."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from copilot.config.records import ExtractionSettings
from copilot.extracted import Json, SourceText
from tests.bench.extraction import SCHEMAS, schema_at
from tests.bench.extractors import rule_extractor

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Hello\n\n"
)
_SETTINGS = ExtractionSettings(
    components={"credit notes": ("credit note", "abono"), "calendar": ()},
    competitors={"Rivalo": ()},
    own_domains=("helpers.example",),
)


def value(said: str, field: str, schema: str) -> Json:
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    text = _HEAD + said + "\n"
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    extractor = rule_extractor(_SETTINGS, embeds=False)
    return extractor.extract(source, schema_at(SCHEMAS / f"{schema}.json"))[0][field].value


@pytest.mark.parametrize(
    ("said", "users"),
    [
        ("I sat down with three of the drivers. All 62 of our drivers would use it.", 62),
        ("Two of our three buyers liked it.", None),
        ("About 400 restaurants would get the messages.", 400),
    ],
)
def test_some_of_them_are_not_how_many_there_are(said: str, users: int | None) -> None:
    assert value(said, "users", "feature_request") == users


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("We pay £9 fifty a head a month.", None),
        ("The offer is £950 in total.", 950),
        ("We take Gold at £14,500 (discount included). Rivalo was at £12,900.", 14500),
    ],
)
def test_a_price_for_each_or_of_another_is_no_sum(said: str, amount: int | None) -> None:
    assert value(said, "amount", "crm_deal") == amount


@pytest.mark.parametrize(
    ("said", "component"),
    [
        ("It stopped when, says the change calendar, the runners were renumbered.", None),
        ("We lost 6.000 € in credit notes.", None),
        ("The invoice is wrong. Credit note please.", None),
        ("The calendar is empty.", "calendar"),
    ],
)
def test_a_component_that_only_comes_up_is_not_what_it_is_about(
    said: str, component: str | None
) -> None:
    assert value(said, "component", "ticket") == component
