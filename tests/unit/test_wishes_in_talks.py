"""A user's own schema filled from a talk of two: what who asks wants in the end, and no more."""

from __future__ import annotations

import pytest

from copilot.config.records import ExtractionSettings
from copilot.extracted import SourceText
from copilot.extraction.schemas import schema_of
from tests.bench.extractors import rule_extractor

CAFE = {
    "title": "Table",
    "description": "Book a table",
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "City of the place"},
        "date": {"type": "string", "description": "Day of the booking"},
        "time": {"type": "string", "description": "Time of the booking"},
        "number_of_seats": {
            "type": "string",
            "enum": ["1", "2", "3", "4", "dontcare"],
            "description": "How many people",
        },
        "seating": {"type": "string", "enum": ["Garden", "Hall"], "description": "Where to sit"},
        "price": {"type": "string", "description": "Price of a meal"},
        "phone_number": {"type": "string", "description": "Number of the place"},
    },
}


def told(*turns: str) -> dict[str, object]:
    text = "\n".join(turns)
    extractor = rule_extractor(ExtractionSettings(), embeds=False)
    (draft,) = extractor.extract(SourceText("t", text, "0"), schema_of(CAFE, name="table"))
    for value in draft.values():
        if value.evidence is not None:
            place = value.evidence
            assert text[place.start : place.end] == place.quote
    return {name: value.value for name, value in draft.items() if value.value is not None}


def test_what_was_confirmed_last_stands_above_what_was_said_before() -> None:
    found = told(
        "User: I need a table in Bristol for two people on March 3rd at 6 pm.",
        "System: Please confirm: a table for 2 in Bristol on March 3rd at 6 pm.",
        "User: No, make it 7:30 pm on March 4th please.",
        "System: Please confirm: a table for 2 in Bristol on March 4th at 7:30 pm.",
        "User: Yes, that is right.",
        "System: Booked.",
    )
    assert found == {
        "city": "Bristol",
        "date": "March 4th",
        "time": "7:30 pm",
        "number_of_seats": "2",
    }


def test_what_the_other_side_tells_is_not_what_was_wanted() -> None:
    found = told(
        "User: Is there a place to eat in Leeds?",
        "System: There are 4 places. The Anvil has a Garden, costs $30 and opens at 5 pm.",
        "User: What is its number?",
        "System: It is 0113 496 0555.",
        "User: Thanks, that's all.",
        "System: Bye.",
    )
    assert "price" not in found
    assert "phone_number" not in found
    assert "time" not in found
    assert "seating" not in found


def test_what_is_merely_asked_about_is_no_wish() -> None:
    found = told(
        "User: I want to eat in Leeds on March 5th.",
        "System: For how many?",
        "User: Do you have tables for 4 people in the Garden?",
        "System: Yes.",
        "User: Good to know, thanks.",
        "System: Bye.",
    )
    assert found == {"city": "Leeds", "date": "March 5th"}


def test_two_values_for_one_field_in_what_was_confirmed_give_none() -> None:
    found = told(
        "User: A table in York please.",
        "System: When?",
        "User: At 6 pm.",
        "System: Would you be fine with 6:30 pm, since 6 pm is gone?",
        "User: Yes, that works.",
        "System: Booked.",
    )
    assert found == {"city": "York"}


@pytest.mark.parametrize(
    "question",
    [
        "Could you check if it has seats in the Garden?",
        "Yes, and does one sit in the Garden there?",
        "Before I decide, I'd like to know whether the place has a Garden.",
        "It's in the Garden, too?",
    ],
)
def test_asking_after_what_is_offered_is_no_wish(question: str) -> None:
    found = told(
        "User: I want to eat in Leeds on March 5th.",
        "System: The Anvil has a table.",
        f"User: {question}",
        "System: Yes.",
        "User: Thanks.",
        "System: Bye.",
    )
    assert found == {"city": "Leeds", "date": "March 5th"}


def test_asking_for_something_to_be_found_is_a_wish() -> None:
    found = told(
        "User: Hello. Could you find me a table in the Garden?",
        "System: In which city?",
        "User: In Leeds I think.",
        "System: The Anvil has one.",
    )
    assert found == {"city": "Leeds", "seating": "Garden"}


def test_what_is_reported_as_confirmed_was_not_said_again_for_a_yes() -> None:
    found = told(
        "User: A table in York on March 5th.",
        "System: What time?",
        "User: 6 pm please.",
        "System: Your table is confirmed. It is in the Hall, beside the fire.",
        "User: Great, thank you.",
        "System: Bye.",
    )
    assert found == {"city": "York", "date": "March 5th", "time": "6 pm"}
