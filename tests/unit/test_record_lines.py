"""Records as lines that are edited one by one."""

from __future__ import annotations

from copilot.schemas import FieldSpec
from copilot.tui.record_lines import MOST_ITEMS, lines_of, understood, with_value, written

SPECS = (
    FieldSpec(("title",), "string"),
    FieldSpec(("address", "city"), "string"),
    FieldSpec(("address", "zip"), "string"),
    FieldSpec(("names", "[]"), "string", nullable=False),
    FieldSpec(("lines", "[]", "what"), "string"),
    FieldSpec(("lines", "[]", "amount"), "number"),
    FieldSpec(("note",), "string", nullable=False, required=False),
    FieldSpec(("seats",), "integer"),
    FieldSpec(("paid",), "boolean"),
)
RECORD = {
    "title": "Order",
    "address": None,
    "names": ["Ana", "Bo"],
    "lines": [{"what": "cup", "amount": 2.5}],
    "seats": None,
    "paid": None,
    "unknown": 1,
}


def changed(path: str, typed: str, record: dict[str, object] = RECORD) -> dict[str, object]:
    [line] = [one for one in lines_of(SPECS, record) if one.path == path]  # type: ignore[arg-type]
    return with_value(record, line, understood(typed, line.spec), SPECS)  # type: ignore[arg-type,return-value]


def test_each_value_is_a_line_and_each_list_ends_in_one_that_adds() -> None:
    told = [(one.path, one.value, one.adds) for one in lines_of(SPECS, RECORD)]
    assert told == [
        ("title", "Order", False),
        ("address.city", None, False),
        ("address.zip", None, False),
        ("names[0]", "Ana", False),
        ("names[1]", "Bo", False),
        ("names[2]", None, True),
        ("lines[0].what", "cup", False),
        ("lines[0].amount", 2.5, False),
        ("lines[1].what", None, True),
        ("note", None, False),
        ("seats", None, False),
        ("paid", None, False),
    ]


def test_an_edit_changes_one_value_and_keeps_all_else() -> None:
    assert changed("title", "Bill") == {**RECORD, "title": "Bill"}
    assert RECORD["title"] == "Order"
    assert changed("seats", "12") == {**RECORD, "seats": 12}
    assert changed("paid", "true") == {**RECORD, "paid": True}


def test_what_is_no_value_of_its_field_stays_a_text_for_the_check_to_refuse() -> None:
    assert changed("seats", "a dozen")["seats"] == "a dozen"
    assert changed("lines[0].amount", "1e999")["lines"] == [{"what": "cup", "amount": "1e999"}]
    assert changed("paid", "maybe")["paid"] == "maybe"


def test_what_is_emptied_is_null_or_goes_where_null_is_no_value() -> None:
    assert changed("title", " ") == {**RECORD, "title": None}
    noted = {**RECORD, "note": "x"}
    assert changed("note", "", noted) == RECORD
    assert changed("names[0]", "")["names"] == ["Bo"]


def test_a_value_of_an_object_that_is_not_there_makes_the_object_whole() -> None:
    assert changed("address.city", "Graz")["address"] == {"city": "Graz", "zip": None}
    assert changed("lines[1].what", "pen")["lines"] == [
        {"what": "cup", "amount": 2.5},
        {"what": "pen", "amount": None},
    ]


def test_the_last_line_of_a_list_adds_to_it() -> None:
    assert changed("names[2]", "Cy")["names"] == ["Ana", "Bo", "Cy"]
    assert changed("names[0]", "Cy", {**RECORD, "names": None})["names"] == ["Cy"]


def test_a_long_list_keeps_what_stands_in_no_line() -> None:
    long = {**RECORD, "names": [f"n{number}" for number in range(1_000)]}
    names = [one for one in lines_of(SPECS, long) if one.path.startswith("names")]
    assert len(names) == MOST_ITEMS + 1
    assert (names[-1].path, names[-1].more) == ("names[1000]", 1_000 - MOST_ITEMS)
    assert changed("names[3]", "other", long)["names"] == [
        "n0", "n1", "n2", "other", *[f"n{number}" for number in range(4, 1_000)]
    ]  # fmt: skip


def test_values_are_written_as_one_would_type_them() -> None:
    assert [written(one) for one in (None, True, 2.5, 3, "x")] == ["", "true", "2.5", "3", "x"]
