"""Which schema a person gets for what they typed, and what its fields are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.errors import SchemaError
from copilot.schemas import FieldRole
from tests.corpora import sets_root
from tests.schemas import SHIPPED, an_object, by_name, loaded, written

CLASSES = '''
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Literal, Optional
from pydantic import BaseModel, Field, field_validator, model_validator

print("imported")

class Level(Enum):
    low = "low"
    high = "high"

class Line(BaseModel):
    item: str
    price: Decimal

class Invoice(BaseModel):
    """An invoice."""
    number: str = Field(description="Its number.")
    due: Optional[date] = None
    level: Level
    kind: Literal["paid", "open"] | None
    total: float | None
    lines: list[Line] = []

    @field_validator("number")
    @classmethod
    def _numbered(cls, value):
        if not value.startswith("INV-"):
            raise ValueError("a number begins with INV-")
        return value

    @model_validator(mode="after")
    def _whole(self):
        print("validated")
        if self.total == 13:
            raise RuntimeError("the author's mistake")
        if self.total == 14:
            raise SystemExit(3)
        return self

class Node(BaseModel):
    child: "Node | None" = None

class Either(BaseModel):
    what: int | str

class Plain:
    pass
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to stand in; the modules that it brings are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if not name.startswith(("copilot", "pydantic", "jsonschema")):
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(tmp_path)):
                del sys.modules[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.json")))
def test_each_shipped_schema_is_found_by_its_name(name: str) -> None:
    schema = loaded(name)
    document = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
    assert (schema.name, schema.version) == (name, document["x-version"])
    assert schema.many == document["x-many"]
    assert schema.description == document["description"]
    assert [spec.path[0] for spec in schema.fields] == list(document["properties"])
    roles = [part["x-role"] for part in document["properties"].values()]
    assert [spec.role for spec in schema.fields] == roles


@pytest.mark.corpora
def test_schemas_that_others_wrote_are_read_with_a_field_for_each_property() -> None:
    paths = sorted((sets_root() / "sgd_extraction" / "schemas").glob("*.json"))
    assert len(paths) >= 17
    for path in paths:
        schema = loaded(str(path))
        properties = json.loads(path.read_text("utf-8"))["properties"]
        assert [spec.name for spec in schema.fields] == list(properties)
        for spec in schema.fields:
            assert spec.choices == tuple(properties[spec.name].get("enum", ()))
        assert not any(s.role is FieldRole.TITLE for s in schema.fields)


def test_an_empty_array_and_null_are_what_the_shipped_schemas_take_for_unknown() -> None:
    schema = loaded("meeting")
    nothing = {s.path[0]: [] if s.many else None for s in schema.fields}
    assert schema.check(nothing) == ()


def test_one_line_is_a_schema() -> None:
    schema = loaded("name, email, amount: float, due: date?, tags: str[], level: low|very high?")
    fields = by_name(schema)
    assert (schema.name, schema.many) == ("form", False)
    assert list(fields) == ["name", "email", "amount", "due", "tags[]", "level"]
    assert fields["amount"].type == "number"
    assert fields["due"].format == "date"
    assert fields["level"].choices == ("low", "very high")
    assert {name for name, spec in fields.items() if spec.nullable} == {"due", "level"}
    assert {name for name, spec in fields.items() if not spec.required} == {"due", "level"}


@pytest.mark.parametrize(
    ("line", "type_", "format_", "role"),
    [
        ("x: str", "string", "", "text"),
        ("x: int", "integer", "", "text"),
        ("x: float", "number", "", "text"),
        ("x: bool", "boolean", "", "text"),
        ("x:date", "string", "date", "date"),
        ("x: datetime", "string", "", "date_time"),
        ("due: datetime", "string", "", "due_date"),
        ("x: email", "string", "email", "person_email"),
        ("x: url", "string", "uri", "url"),
        ("x: phone", "string", "", "person_phone"),
        ("handy: phone", "string", "", "person_mobile"),
        ("x?: a|b", "string", "", "choice"),
    ],
)
def test_a_type_of_one_line_says_what_the_field_is(
    line: str, type_: str, format_: str, role: str
) -> None:
    (spec,) = loaded(line).fields
    assert (spec.type, spec.format, spec.role.value) == (type_, format_, role)


def test_the_choices_of_one_line_may_be_quoted_and_called_like_a_type() -> None:
    fields = by_name(loaded('by: email|phone|\'video call\', level?: "1"|"2", name:?'))
    assert fields["by"].choices == ("email", "phone", "video call")
    assert fields["level"].choices == ("1", "2")
    assert (fields["name"].type, fields["name"].nullable) == ("string", True)


@pytest.mark.parametrize(
    ("value", "right"),
    [(19.99, True), (0.07, True), (5, True), (1e20, True), (1e-7, False), (19.995, False)],
)
def test_a_multiple_is_one_in_decimals(value: float, right: bool, tmp_path: Path) -> None:
    amount = {"type": "number", "multipleOf": 0.01}
    errors = loaded(written(tmp_path, an_object(amount=amount))).check({"amount": value})
    assert [error.path for error in errors] == ([] if right else ["amount"])
    assert all("is no multiple of 0.01" in error.message for error in errors)


def test_a_pattern_may_name_classes_of_letters(tmp_path: Path) -> None:
    named = {"type": "string", "pattern": r"^\p{Lu}\p{Ll}+$"}
    schema = loaded(written(tmp_path, an_object(name=named)))
    assert schema.check({"name": "Özil"}) == ()
    assert [error.path for error in schema.check({"name": "özil"})] == ["name"]


def test_what_stands_below_is_reached_by_its_path(tmp_path: Path) -> None:
    line = an_object(item={"type": "string"}, price={"type": ["number", "null"]})
    document = an_object(
        address=an_object(city={"type": "string"}),
        lines={"type": "array", "items": line},
        tags={"type": "array", "items": {"enum": ["a", "b"]}},
    )
    schema = loaded(written(tmp_path, document))
    assert [spec.name for spec in schema.fields] == [
        "address.city",
        "lines[].item",
        "lines[].price",
        "tags[]",
    ]
    assert [spec.many for spec in schema.fields] == [False, True, True, True]


def test_references_are_put_in(tmp_path: Path) -> None:
    document = {
        **an_object(
            due={"$ref": "#/$defs/Day", "description": "When."},
            paid={"anyOf": [{"$ref": "#/$defs/Day"}, {"type": "null"}]},
            of={"allOf": [{"$ref": "#/definitions/a~1b"}]},
        ),
        "$defs": {"Day": {"type": "string", "format": "date", "description": "A day."}},
        "definitions": {"a/b": {"const": "x"}},
    }
    schema = loaded(written(tmp_path, document))
    due, paid, of = schema.fields
    assert (due.format, due.description, due.nullable) == ("date", "When.", False)
    assert (paid.format, paid.description, paid.nullable) == ("date", "A day.", True)
    assert of.choices == ("x",)
    assert "$" not in json.dumps(schema.json_schema)


def test_a_version_is_that_of_what_the_schema_says(tmp_path: Path) -> None:
    one = loaded(written(tmp_path, an_object(a={"type": "string"}), name="a"))
    same = loaded(
        written(tmp_path, {"$defs": {"unused": {}}, **an_object(a={"type": "string"})}, name="b")
    )
    other = loaded(written(tmp_path, an_object(a={"type": "number"}), name="c"))
    named = loaded(written(tmp_path, {**an_object(a={"type": "string"}), "x-version": "7"}))
    assert one.version == same.version
    assert one.version != other.version
    assert len(one.version) == 12
    assert named.version == "7"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("email", "person_email"),
        ("e_mail", "person_email"),
        ("contactEmail", "person_email"),
        ("Telefon", "person_phone"),
        ("mobile", "person_mobile"),
        ("due_date", "due_date"),
        ("Fälligkeit", "due_date"),
        ("échéance", "due_date"),
        ("betrag", "amount"),
        ("montant", "amount"),
        ("importe", "amount"),
        ("invoice-number", "reference"),
        ("departure_date", "date"),
        ("appointment_time", "time"),
        ("customer_name", "person_name"),
        ("name", "text"),
        ("hotel_name", "text"),
        ("title", "text"),
        ("wait_time", "text"),
        ("price_per_day", "amount"),
        ("calls_per_day", "text"),
        ("date_of_birth", "text"),
        ("supplier_email", "text"),
        ("rating", "text"),
        ("attendees", "text"),
    ],
)
def test_a_name_tells_its_role_only_if_it_can_hardly_mean_anything_else(
    tmp_path: Path, name: str, role: str
) -> None:
    (spec,) = loaded(written(tmp_path, an_object(**{name: {"type": "string"}}))).fields
    assert spec.role.value == role


def test_a_category_is_one_of_issues_only_if_its_choices_are() -> None:
    assert loaded("category: bug|billing|other").fields[0].role is FieldRole.CATEGORY
    assert loaded("category: direct|one-stop").fields[0].role is FieldRole.CHOICE
    assert loaded("priority: low|high").fields[0].role is FieldRole.SEVERITY


def test_a_name_is_a_persons_beside_what_only_persons_have() -> None:
    assert by_name(loaded("name, phone"))["name"].role is FieldRole.PERSON_NAME
    assert by_name(loaded("name, price"))["name"].role is FieldRole.TEXT


def test_a_class_is_a_schema_with_its_validators(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "own_forms.py").write_text(CLASSES, encoding="utf-8")
    schema = loaded("own_forms:Invoice")
    assert capsys.readouterr().out == ""
    fields = by_name(schema)
    assert (schema.name, schema.description) == ("Invoice", "An invoice.")
    assert fields["level"].choices == ("low", "high")
    assert fields["kind"].choices == ("paid", "open")
    assert fields["lines[].price"].type == "number"
    assert {name for name, spec in fields.items() if spec.nullable} == {"due", "kind", "total"}
    right = {"number": "INV-1", "due": "2026-11-22", "level": "low", "kind": None, "total": 1.5}
    assert schema.check(right) == ()
    wrong = {"number": "1", "due": "soon", "level": "mid", "total": None, "lines": [{"item": 1}]}
    assert {error.path: error.message for error in schema.check(wrong)} == {
        "number": "a number begins with INV-",
        "due": 'not a date: "soon"',
        "level": "\"mid\" is none of 'low' or 'high'",
        "kind": "is missing",
        "lines[0].item": "not a text: 1",
        "lines[0].price": "is missing",
    }
    failed = schema.check({**right, "total": 13})
    assert [error.message for error in failed] == [
        "a validator of Invoice failed: RuntimeError: the author's mistake"
    ]
    [left] = schema.check({**right, "total": 14})
    assert left.message == "a validator of Invoice failed: it ends the program"
    assert capsys.readouterr().out == ""
    assert str(here) not in sys.path


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("own_forms:Node", "a cycle"),
        ("own_forms:Either", "anyOf is not supported: integer or string"),
        ("own_forms:Plain", "no Pydantic class"),
        ("own_forms:Nothing", "has no Nothing"),
        ("no_such_forms:Invoice", "can't be imported: ModuleNotFoundError"),
        ("leaving_forms:Invoice", "ends the program"),
        ("broken_forms:Invoice", "ZeroDivisionError"),
    ],
)
def test_a_class_that_is_no_schema_is_refused_by_name(here: Path, asked: str, says: str) -> None:
    (here / "own_forms.py").write_text(CLASSES, encoding="utf-8")
    (here / "leaving_forms.py").write_text("raise SystemExit(0)", encoding="utf-8")
    (here / "broken_forms.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        loaded(asked)
    assert says in caught.value.message
    assert asked.partition(":")[0] in caught.value.message or "Node" in asked or "Either" in asked
    assert caught.value.hint


def test_only_a_class_that_was_named_has_its_code_run(here: Path) -> None:
    (here / "due.py").write_text("raise AssertionError('was run')", encoding="utf-8")
    assert loaded("due:date").fields[0].format == "date"
    assert loaded("due: date").fields[0].format == "date"
