"""What a person types at a question, and what they make of a record in an editor."""

from __future__ import annotations

import pytest

from copilot.cli.approving import meant, record_in
from copilot.extracted import FieldError


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("y\n", "y"),
        (" YES \n", "y"),
        ("always\n", "a"),
        ("later\n", "s"),
        ("stop\n", "q"),
        ("\x04", "q"),
        ("\n", ""),
        ("yikes, no\n", ""),
        ("any idea?\n", ""),
        ("ye\n", ""),
        ("у\n", ""),  # a Cyrillic letter
    ],
)
def test_only_a_key_or_its_whole_word_is_an_answer(typed: str, key: str) -> None:
    assert meant(typed) == key


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON"),
        ('{"amount": NaN}', "NaN is no number"),
        ('{"amount": 1e999}', "1e999 is no number"),
        ('{"amount": [-Infinity]}', "no number"),
        ("[1]", "is a JSON object"),
        ("[" * 100_000, "no JSON"),
        ('{"amount": 3}', "amount: is too small"),
    ],
)
def test_what_can_not_be_written_is_told_and_is_no_record(text: str, why: str) -> None:
    record, problems = record_in(text, lambda _: (FieldError("amount", "is too small"),))
    assert record is None
    assert why in problems[0]


def test_what_passes_is_the_record() -> None:
    assert record_in('{"amount": 2.5, "n": 1}', lambda _: ()) == ({"amount": 2.5, "n": 1}, [])
