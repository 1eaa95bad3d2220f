"""How many records a text comes to, by rules."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from copilot.config.records import ExtractionSettings
from copilot.extracted import SourceText
from tests.bench.extraction import SCHEMAS, schema_at
from tests.bench.extractors import rule_extractor

_HEAD = (
    "From: Rosa Imhoff <rosa@quarry.example>\nTo: help@helpers.example\n"
    "Date: Tue, 10 Nov 2026 09:00:00 +0000\nSubject: Notes\n\n"
)


def number(text: str, schema: str) -> int:
    when = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest(), received_at=when)
    extractor = rule_extractor(ExtractionSettings(own_domains=("helpers.example",)), embeds=False)
    return len(extractor.extract(source, schema_at(SCHEMAS / f"{schema}.json")))


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        ("Oh, yes. My printer keeps crashing, too, each time I print a label.", 2),
        ("Yes, the monthly report that we send to the board each time shows October twice.", 2),
        ("No, that's all. Nothing else crashed since this morning, thanks a lot for asking.", 1),
    ],
)
def test_an_answer_to_whether_there_is_anything_else_is_another_matter(
    answer: str, records: int
) -> None:
    call = (
        "Agent: Service desk, Mirko speaking.\nCaller: Orla Kins here. The portal won't open.\n"
        f"Agent: I'll look. Anything else while I have you?\nCaller: {answer}\n"
    )
    assert number(call, "ticket") == records


def test_the_second_of_several_wishes_has_all_that_is_said_of_it() -> None:
    first = (
        "Two things are left.\n\nThe first one: could you add a way to change the order of the"
        " drops? It would save us an hour.\n\n"
    )
    second = (
        "The second one is smaller. Tell the restaurant by message when the van is two stops"
        " away.\n\nThe kitchens keep calling us.\n\nThen, not a wish but a complaint: it is slow.\n"
    )
    assert number(_HEAD + first + second, "feature_request") == 2
    assert number(_HEAD + "Could you add dark mode? " + second, "feature_request") == 1
