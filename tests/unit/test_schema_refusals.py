"""What can't be a schema is refused with its place and a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from copilot.errors import SchemaError
from tests.schemas import an_object, loaded, written

TEXT = {"type": "string"}
NODE = {"$defs": {"Node": an_object(next={"$ref": "#/$defs/Node"})}}
TREBLING = {
    "$defs": {
        f"d{n}": an_object(**{key: {"$ref": f"#/$defs/d{n + 1}"} for key in "abc"})
        for n in range(30)
    }
    | {"d30": TEXT}
}
CHAIN = {"$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(60)} | {"d60": TEXT}}


def deep(levels: int) -> dict[str, Any]:
    return an_object(a=deep(levels - 1)) if levels else TEXT


@pytest.mark.parametrize(
    ("document", "place", "says"),
    [
        ({**an_object(a={"$ref": "#/$defs/Node"}), **NODE}, "a.next", "a cycle"),
        (an_object(a={"$ref": "#"}), "a", "a cycle"),
        (an_object(a={"$ref": "#/properties/a"}), "a", "a cycle"),
        (an_object(a={"$ref": "https://example.org/x.json"}), "a", "leads out of the schema"),
        (an_object(a={"$ref": "other.json#/x"}), "a", "leads out of the schema"),
        (an_object(a={"$ref": "#/$defs/None"}), "a", "names nothing"),
        (an_object(a={"$ref": 7}), "a", "leads out of the schema"),
        (an_object(a={"oneOf": [TEXT, {"type": "null"}]}), "a", "oneOf is not supported"),
        (an_object(a={"allOf": [TEXT, {"minLength": 1}]}), "a", "allOf is not supported"),
        (an_object(a={"anyOf": [TEXT, {"type": "object"}]}), "a", "string or object"),
        (an_object(a={"not": {}}), "a", "not is not supported"),
        ({**an_object(a=TEXT), "if": {}}, "own", "if is not supported"),
        ({**an_object(a=TEXT), "patternProperties": {}}, "own", "patternProperties"),
        ({**an_object(a=TEXT), "dependentRequired": {}}, "own", "dependentRequired"),
        (an_object(a={"type": "array", "prefixItems": [TEXT]}), "a", "prefixItems"),
        (an_object(a={"type": "array", "items": [TEXT]}), "a", "no one schema"),
        (an_object(a={"type": "array", "items": {"type": "array", "items": TEXT}}), "a", "arrays"),
        (an_object(a={"type": "string", "nullable": True}), "a", "nullable"),
        (an_object(a={"type": "string", "requierd": True}), "a", "'requierd'"),
        (an_object(a={"type": "object"}), "a", "without properties"),
        (an_object(a={"type": "object", "additionalProperties": TEXT}), "a", "properties"),
        (an_object(a={"type": ["string", "integer"]}), "a", "several types"),
        (an_object(a={"type": "text"}), "a", "'text' is no type"),
        (an_object(a={"type": "null"}), "a", "no type"),
        (an_object(a={}), "a", "no type"),
        (an_object(a=True), "a", "not a schema"),
        (an_object(a={"type": "string", "enum": [1]}), "a", "enum holds what is no string"),
        (an_object(a={"type": "string", "enum": []}), "a", "enum is no list"),
        (an_object(a={"type": "string", "pattern": "("}), "a", "no regular expression"),
        (an_object(a={"type": "string", "pattern": "x" * 2000}), "a", "pattern of more than"),
        (an_object(a={"type": "string", "minLength": "x"}), "a", "not JSON Schema"),
        (an_object(a={"type": "string", "x-role": "emial"}), "a", "'emial'"),
        (an_object(a={"type": "number", "x-role": "person_name"}), "a", "x-role person_name"),
        (an_object(a={**an_object(b=TEXT), "x-role": "text"}), "a", "x-role of an object"),
        ({**an_object(a=TEXT), "x-many": "yes"}, "own", "x-many"),
        ({**an_object(a=TEXT), "x-version": 3}, "own", "x-version"),
        ({**an_object(a=TEXT), "required": ["b"]}, "own", "required names b"),
        ({**an_object(a=TEXT), "required": [1]}, "own", "required is no list"),
        (an_object(a={"type": "string", "enum": ["x", "x"]}), "a", "says a value twice"),
        (an_object(a={"enum": [str(n) for n in range(1001)]}), "a", "1 to 1000 values"),
        (an_object(a={**an_object(b=TEXT), "$defs": {}}), "a", "at the schema's top only"),
        (
            {
                **an_object(a={"$ref": "#/$defs/X", "maxLength": 5}),
                "$defs": {"X": {"type": "string", "maxLength": 3}},
            },
            "a",
            "maxLength is said twice",
        ),
        (
            an_object(a={"type": "number", "minimum": 0, "exclusiveMinimum": True}),
            "a: exclusiveMinimum: ",
            "not JSON Schema",
        ),
        ({**an_object(a=TEXT), "title": 5}, "own: title: ", "not JSON Schema"),
        (an_object(**{"a.b": TEXT}), "own", "'a.b' is no name"),
        (an_object(**{"@text": TEXT}), "own", "'@text' is no name"),
        (an_object(**{"": TEXT}), "own", "'' is no name"),
        (deep(12), "a.a.a", "deeper than"),
        ({**an_object(a={"$ref": "#/$defs/d0"}), **TREBLING}, "a", "deeper than"),
        ({**an_object(a={"$ref": "#/$defs/d23"}), **TREBLING}, "a", "places"),
        ({**an_object(a={"$ref": "#/$defs/d0"}), **CHAIN}, "a", "references lead"),
        (an_object(**{f"f{n}": TEXT for n in range(300)}), "own", "300 fields"),
        ({"type": "array", "items": an_object(a=TEXT)}, "own", "its top is an array"),
        (TEXT, "own", "its top is a string"),
        ([TEXT], "own", "not a JSON Schema but a list"),
    ],
)
def test_a_schema_that_cannot_be_filled_is_refused_at_its_place(
    tmp_path: Path, document: Any, place: str, says: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        loaded(written(tmp_path, document))
    assert says in caught.value.message
    assert place in caught.value.message
    assert "own" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"", "not JSON"),
        (b'{"type": "object", "type": "object"}', "'type' is said twice"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' * 100_000, "nested too deeply"),
        (b" " * 1_000_001, "larger than 1 MB"),
        (b'{"minimum": NaN}', "NaN"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_a_file_that_holds_no_schema_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(content)
    with pytest.raises(SchemaError) as caught:
        loaded(str(path))
    assert says in caught.value.message
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("asked", "says", "hint"),
    [
        ("", "no schema is named", "shipped"),
        ("tickt", "'tickt'", "did you mean ticket?"),
        ("nothing-like-it", "'nothing-like-it'", "crm_contact"),
        ("./gone.json", "no schema file gone.json", "JSON Schema"),
        (".", "'.'", "shipped"),
        ("a: strng", "a: 'strng'", "did you mean str?"),
        ("a: number", "a: 'number'", "did you mean float?"),
        ("a, a", "names a twice", "its own"),
        ("a,, b", "'' is no field", "name, email"),
        ("9a, b", "'9a' is no field", "name, email"),
        ("a: x||y", "an empty choice", "low|normal|high"),
        ("a: x|x", "an empty choice, or one twice", "low|normal|high"),
        ("a: str | None", "a: str is no choice but a type", "a: str?"),
        ("a: low|high|null", "a: null is no choice but a type", "a: str?"),
        ("a: str[][]", "array of arrays", "types are"),
        ("a," * 3000, "more than 4000 characters", "file"),
        ("\0.json", "can't be read", "path"),
    ],
)
def test_what_names_no_schema_is_refused_with_what_would(
    asked: str, says: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SchemaError) as caught:
        loaded(asked)
    assert says in caught.value.message
    assert hint in caught.value.hint
