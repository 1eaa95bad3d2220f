"""What is shown of a record stands in its text, whatever an extractor says."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from copilot.extracted import (
    Evidence,
    ExtractedRecord,
    FieldError,
    FieldValue,
    Json,
    NullReason,
    SourceText,
)
from copilot.extraction.assembling import PlainText, assemble, generic
from copilot.schemas import FieldSpec, Schema

NAMES = ("title", "amount", "tags[]", "place.city")


def schema(**checks: str) -> Schema:
    """Four fields; ``checks``: a value of the named field that is refused."""

    def check(record: Mapping[str, Json]) -> tuple[FieldError, ...]:
        return tuple(
            FieldError(name, f"not {bad}") for name, bad in checks.items() if record[name] == bad
        )

    text: Json = {"type": ["string", "null"]}
    return Schema(
        name="small",
        version="1",
        fields=tuple(
            FieldSpec(path=tuple(name.replace("[]", ".[]").split(".")), type="string")
            for name in NAMES
        ),
        json_schema={
            "type": "object",
            "properties": {
                "title": text,
                "amount": text,
                "tags": {"type": "array", "items": {"type": "string"}},
                "place": {
                    "anyOf": [{"type": "object", "properties": {"city": text}}, {"type": "null"}]
                },
            },
            "required": ["title", "amount", "tags"],
        },
        check=check,
    )


def source(text: str) -> SourceText:
    return SourceText("note.txt", text, "digest")


def value_of(text: str, words: str) -> FieldValue:
    at = text.index(words)
    return FieldValue(words, Evidence(words, at, at + len(words)), 0.9)


def assembled(
    draft: Mapping[str, FieldValue], text: str, chosen: Schema | None = None
) -> ExtractedRecord:
    it = source(text)
    return assemble(draft, chosen or schema(), it, plain=PlainText.of(it), record_id="r")


def test_a_record_has_the_schemas_shape_and_every_field() -> None:
    text = "Lisbon red green"
    record = assembled(
        {
            "place.city": value_of(text, "Lisbon"),
            "tags[1]": value_of(text, "green"),
            "tags[0]": value_of(text, "red"),
            "unknown": value_of(text, "red"),
        },
        text,
    )
    assert record.record == {
        "title": None,
        "amount": None,
        "tags": ["red", "green"],
        "place": {"city": "Lisbon"},
    }
    assert list(record.fields) == ["title", "amount", "tags[0]", "tags[1]", "place.city"]
    assert record.fields["title"].null_reason is NullReason.NOT_STATED
    assert record.status == "valid"


def test_an_object_without_a_value_and_an_array_without_items_say_so() -> None:
    record = assembled({}, "nothing")
    assert record.record == {"title": None, "amount": None, "tags": [], "place": None}
    assert record.fields["tags"].null_reason is NullReason.NOT_STATED


def test_a_value_whose_quote_stands_elsewhere_is_null() -> None:
    text = "The printer is broken."
    moved = FieldValue("printer", Evidence("printer", 5, 12), 0.9)
    bare = FieldValue("printer", None, 0.9)
    record = assembled({"title": moved, "amount": bare}, text)
    assert record.record["title"] is None and record.record["amount"] is None
    assert record.fields["title"].null_reason is NullReason.QUOTE_NOT_FOUND
    assert record.fields["amount"].null_reason is NullReason.QUOTE_NOT_FOUND


def test_a_value_that_the_schema_refuses_is_null_and_the_rest_stays() -> None:
    text = "much about Lisbon"
    draft = {"amount": value_of(text, "much"), "title": value_of(text, "Lisbon")}
    record = assembled(draft, text, schema(amount="much"))
    assert record.record["amount"] is None
    assert record.fields["amount"].null_reason is NullReason.INVALID
    assert record.record["title"] == "Lisbon"
    assert record.status == "valid"


def test_a_field_that_must_not_be_null_makes_the_record_invalid_and_says_why() -> None:
    chosen = schema()
    strict = Schema(
        name="strict",
        version="1",
        fields=chosen.fields,
        json_schema=chosen.json_schema,
        check=lambda record: (
            (FieldError("title", "null is no string"),) if record["title"] is None else ()
        ),
    )
    record = assembled({}, "nothing", strict)
    assert record.status == "invalid"
    assert record.errors == (FieldError("title", "the text doesn't state it"),)


def test_offsets_count_in_the_text_as_it_came_with_its_line_ends() -> None:
    text = "one\r\ntwo\r\n\rthree\r\nfour five\r\n"
    it = source(text)
    plain = PlainText.of(it)
    words = "three\nfour"
    at = plain.source.text.index(words)
    draft = {"title": FieldValue("x", Evidence(words, at, at + len(words)))}
    record = assemble(draft, schema(), it, plain=plain, record_id="r")
    evidence = record.fields["title"].evidence
    assert evidence is not None
    assert text[evidence.start : evidence.end] == evidence.quote == "three\r\nfour"


@given(st.text(alphabet=st.sampled_from("ab \r\n\ud800é"), max_size=60), st.data())
def test_whatever_is_drafted_only_exact_quotes_are_shown(text: str, data: st.DataObject) -> None:
    it = source(text)
    plain = PlainText.of(it)
    start = data.draw(st.integers(-3, 63))
    end = data.draw(st.integers(-3, 63))
    right = plain.source.text[max(0, start) : max(0, end)]
    quote = data.draw(st.sampled_from([right, "a", ""]))
    drafted = FieldValue("v", Evidence(quote, start, end))
    record = assemble({"title": drafted}, schema(), it, plain=plain, record_id="r")
    evidence = record.fields["title"].evidence
    if record.record["title"] is not None:
        assert evidence is not None and evidence.quote
        assert text[evidence.start : evidence.end] == evidence.quote
    else:
        assert evidence is None


def test_the_items_of_arrays_are_one_field_of_the_schema() -> None:
    assert generic("a[12].b[0].c") == "a[].b[].c"
    assert generic("a") == "a"
