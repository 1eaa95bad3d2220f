"""What a schema says of a record, in plain words and by path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.schemas import an_object, loaded, told, written


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ({"type": "string"}, None, "has no value, and needs one"),
        ({"type": "string"}, 7, "not a text: 7"),
        ({"type": "integer"}, 1.5, "not a whole number: 1.5"),
        ({"type": "number"}, "12,50", 'not a number: "12,50"'),
        ({"type": "boolean"}, "yes", 'not true or false: "yes"'),
        ({"type": "string", "enum": ["low", "high"]}, "mid", '"mid" is none of low, high'),
        ({"type": "string", "enum": ["low"]}, None, "has no value, and needs one"),
        ({"type": "string", "format": "date"}, "next week", 'not a date: "next week"'),
        ({"type": "string", "format": "date"}, "2026-02-30", 'not a date: "2026-02-30"'),
        (
            {"type": "string", "format": "date-time"},
            "2026-11-22T14:05:00",
            'not a date and time with its zone: "2026-11-22T14:05:00"',
        ),
        ({"type": "string", "format": "email"}, "a b@c.d", 'not an e-mail address: "a b@c.d"'),
        ({"type": "string", "format": "uri"}, "example.org", 'not a web address: "example.org"'),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "euro", 'doesn\'t match ^[A-Z]{3}$: "euro"'),
        ({"type": "number", "minimum": 0}, -1, "-1 is less than 0"),
        ({"type": "number", "exclusiveMaximum": 5}, 5, "5 is not less than 5"),
        ({"type": "string", "minLength": 3}, "ab", 'shorter than 3 characters: "ab"'),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(
    tmp_path: Path, field: dict[str, Any], value: Any, says: str
) -> None:
    assert told(loaded(written(tmp_path, an_object(f=field))), {"f": value}) == {"f": says}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("date", "2026-11-22"),
        ("date-time", "2026-11-22T14:05:00Z"),
        ("date-time", "2026-11-22T14:05:00.123456789+01:00"),
        ("time", "14:05:00+01:00"),
        ("duration", "P3DT2H"),
        ("email", "jörg.o'neil+x@münchen.example"),
        ("uri", "https://example.org/a?b=c#d"),
        ("uri", "mailto:a@b.example"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
        ("ipv4", "192.0.2.1"),
        ("ipv6", "2001:db8::1"),
        ("hostname", "db-1.example"),
        ("colour", "whatever"),
    ],
)
def test_a_right_value_of_a_format_passes(tmp_path: Path, form: str, value: str) -> None:
    schema = loaded(written(tmp_path, an_object(f={"type": "string", "format": form})))
    assert schema.check({"f": value}) == ()


def test_errors_stand_in_the_order_of_the_schema_and_lead_to_their_item(tmp_path: Path) -> None:
    line = {**an_object(amount={"type": "number"}), "required": ["amount"]}
    document = an_object(
        z={"type": "string"}, lines={"type": "array", "items": line}, a={"type": "string"}
    )
    schema = loaded(written(tmp_path, {**document, "additionalProperties": False}))
    record = {"more": 1, "a": 1, "lines": [{"amount": 1}, {}, {"amount": "x"}], "z": 1}
    assert list(told(schema, record)) == ["z", "lines[1].amount", "lines[2].amount", "a", "more"]


def test_a_pattern_that_takes_for_ever_is_a_pattern_that_does_not_match(tmp_path: Path) -> None:
    schema = loaded(written(tmp_path, an_object(f={"type": "string", "pattern": "^(a|a|aa)+$"})))
    assert schema.check({"f": "aaa"}) == ()
    assert "takes too long" in told(schema, {"f": "a" * 5000 + "!"})["f"]


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**5000), float("nan"), float("inf")],
    ids=["large", "huge", "nan", "infinite"],
)
def test_a_number_that_nothing_can_calculate_with_is_told(tmp_path: Path, value: float) -> None:
    fields = {
        "a": {"type": "number", "multipleOf": 0.1},
        "b": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    }
    schema = loaded(written(tmp_path, an_object(**fields)))
    wrong = told(schema, {"a": value, "b": [1, value]})
    assert wrong == dict.fromkeys(["a", "b[1]"], "not a number, or too large a one")


def test_a_long_value_is_cut_where_it_is_told(tmp_path: Path) -> None:
    schema = loaded(written(tmp_path, an_object(f={"type": "number"})))
    said = told(schema, {"f": "x\n\x1b[2J" * 1000})["f"]
    assert len(said) < 100
    assert said.isprintable()
