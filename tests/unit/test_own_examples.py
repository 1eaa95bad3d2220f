"""Enumerations of somebody's own schema: filled by what it says people say for their values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from copilot.config.records import ExtractionSettings
from copilot.errors import SchemaError
from copilot.extracted import FieldValue, NullReason, SourceText
from copilot.extraction.schemas import schema_of
from tests.bench.extractors import rule_extractor

_QUEUES = {
    "refund": ["I want my money back.", "Ich möchte mein Geld zurück."],
    "complaint": ["I am very unhappy with how I was treated."],
    "delivery": ["Where is my parcel?", "The order has not arrived."],
}
_INTENTS = {
    "type": "string",
    "enum": ["FindProvider", "BookAppointment"],
    "description": "FindProvider: Search for a hair stylist by city;"
    " BookAppointment: Book an appointment at a hair stylist",
}


def document(**fields: object) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def queue(examples: object = _QUEUES) -> dict[str, Any]:
    return document(
        queue={"type": "string", "enum": ["refund", "complaint", "delivery"]}
        | ({} if examples is None else {"x-examples": examples})
    )


def told(text: str, schema: Mapping[str, Any], name: str, *, embeds: bool = True) -> FieldValue:
    source = SourceText("t", text, hashlib.sha256(text.encode()).hexdigest())
    extractor = rule_extractor(ExtractionSettings(), embeds=embeds)
    return extractor.extract(source, schema_of(schema, name="own"))[0][name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The package with my shoes should have come on Friday and isn't here.", "delivery"),
        ("Bitte überweisen Sie mir den Betrag wieder zurück.", "refund"),
    ],
)
def test_a_value_is_that_of_the_example_which_a_sentence_is_like(text: str, expected: str) -> None:
    found = told(f"Good morning.\n\n{text}\n", queue(), "queue")
    assert found.value == expected
    assert found.evidence is not None
    assert found.evidence.quote == text


@pytest.mark.parametrize("text", ["What time is it in Lisbon right now?", "Good morning."])
def test_what_is_like_no_example_gets_no_value(text: str) -> None:
    assert told(text, queue(), "queue") == FieldValue(null_reason=NullReason.NEEDS_MODEL)


def test_what_is_like_two_values_alike_gets_none() -> None:
    same = {"refund": ["Where is my parcel?"], "delivery": ["Where is my parcel now?"]}
    assert told("Where is my parcel?", queue(same), "queue").value is None


@pytest.mark.parametrize("examples", [None, _QUEUES])
def test_without_examples_or_an_embedder_it_is_left_to_a_model(examples: object) -> None:
    found = told("Where is my parcel?", queue(examples), "queue", embeds=examples is None)
    assert found == FieldValue(null_reason=NullReason.NEEDS_MODEL)


def test_what_a_form_says_stands_above_what_is_like_an_example() -> None:
    text = "Name: Rosa Imhoff\nOrder: 4711\nQueue: complaint\n\nWhere is my parcel?\n"
    assert told(text, queue(), "queue").value == "complaint"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("red", "red"),
        ("Light Blue please", "light blue"),
        ("[ ] red  [x] blue", "blue"),
        ("red (not blue)", "red"),
        ("red and blue", None),
        ("any", None),
    ],
)
def test_a_form_answers_under_the_name_of_the_field(said: str, expected: str | None) -> None:
    colour = {"type": "string", "enum": ["red", "blue", "light blue"]}
    text = f"Name: Ann Holt\nOrder: 4711\nFrame colour: {said}\n"
    assert told(text, document(frame_colour=colour), "frame_colour").value == expected


def test_in_a_talk_it_is_what_they_want_in_the_end() -> None:
    talk = (
        "User: I want to search for a hair stylist in San Jose.\n"
        "System: Atelier Aucoin is a nice one.\n"
        "User: Good. Can you book an appointment there?\n"
        "System: When?\n"
        "User: On March 9th at 10 am, please.\n"
    )
    found = told(talk, document(intent=_INTENTS), "intent")
    assert found.value == "BookAppointment"
    assert found.evidence is not None
    assert found.evidence.quote == "Can you book an appointment there?"
    first, _, _ = talk.partition("User: Good.")
    assert told(first + "User: Thanks.\nSystem: Bye.\n", document(intent=_INTENTS), "intent").value
    assert told(talk, document(intent={**_INTENTS, "description": ""}), "intent").value is None


def test_a_description_that_tells_only_some_values_gives_no_examples() -> None:
    some = {**_INTENTS, "description": "BookAppointment: Book an appointment"}
    assert schema_of(document(intent=some), name="own").fields[0].examples == ()
    whole = schema_of(document(intent=_INTENTS), name="own").fields[0].examples
    assert whole == (
        ("FindProvider", "find provider"),
        ("FindProvider", "Search for a hair stylist by city"),
        ("BookAppointment", "book appointment"),
        ("BookAppointment", "Book an appointment at a hair stylist"),
    )


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (["refund"], "no object"),
        ({"refunds": ["x"]}, "'refunds', which enum lacks"),
        ({"refund": "money back"}, "no list"),
        ({"refund": [""]}, "no sentence"),
        ({"refund": [7]}, "no sentence"),
        ({"refund": ["x" * 301]}, "no sentence"),
        ({"refund": ["money back"] * 201}, "too many"),
    ],
)
def test_examples_that_are_none_are_refused_by_name(examples: object, message: str) -> None:
    with pytest.raises(SchemaError, match=f"own: queue: .*{message}") as caught:
        schema_of(queue(examples), name="own")
    assert caught.value.hint


def test_examples_of_a_field_without_choices_are_refused() -> None:
    with pytest.raises(SchemaError, match="x-examples of a field without enum"):
        schema_of(document(name={"type": "string", "x-examples": {}}), name="own")


def test_a_description_of_a_thousand_choices_is_read_in_no_time_that_anybody_notices() -> None:
    choices = [f"choice {number:03}" for number in range(1_000)]
    said = "; ".join(f"{one}: x" for one in choices)
    field = {"type": "string", "enum": choices, "description": said}
    assert len(schema_of(document(a=field), name="own").fields[0].examples) == 2_000
