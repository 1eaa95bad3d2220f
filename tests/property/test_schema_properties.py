"""Any schema is read or refused, any record is checked, and no leaf is lost."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.errors import SchemaError
from copilot.extraction.schemas import schema_of
from tests.schemas import loaded, written

NAMES = st.text(string.ascii_letters + "äé_ -", min_size=1, max_size=8).filter(str.strip)
SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": ["string", "null"], "format": "date"},
        {"type": ["number", "null"]},
        {"type": "integer", "minimum": 0},
        {"type": "boolean"},
        {"enum": ["a", "b", None]},
        {"anyOf": [{"type": "string", "pattern": "^a+$"}, {"type": "null"}]},
    ]
)
OBJECTS = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.dictionaries(NAMES, below, min_size=1, max_size=4).map(
            lambda found: {"type": "object", "properties": found, "required": list(found)[:1]}
        ),
        below.filter(lambda one: "items" not in one).map(
            lambda one: {"type": "array", "items": one}
        ),
    ),
    max_leaves=12,
)
SCHEMAS = st.dictionaries(NAMES, OBJECTS, min_size=1, max_size=4).map(
    lambda found: {"type": "object", "properties": found}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4)
    ),
    max_leaves=20,
)
KEYWORDS = st.sampled_from(
    "type properties items $ref anyOf allOf oneOf enum const required $defs pattern format x-role"
    " x-many description additionalProperties".split()
)
WEIRD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from("# #/a object string array".split()),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYWORDS, below, max_size=4),
    max_leaves=20,
)


def leaves(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if "properties" in node:
        for key, below in node["properties"].items():
            yield from leaves(below, (*path, key))
    elif "items" in node:
        yield from leaves(node["items"], (*path, "[]"))
    else:
        yield path


@given(SCHEMAS)
def test_each_leaf_is_one_field(document: dict[str, Any]) -> None:
    schema = schema_of(document, name="any")
    assert [spec.path for spec in schema.fields] == list(leaves(document))


@given(SCHEMAS)
def test_a_plain_schema_is_its_own_plain_form(document: dict[str, Any]) -> None:
    once = schema_of(document, name="any")
    again = schema_of(once.json_schema, name="any")
    assert (again.json_schema, again.fields) == (once.json_schema, once.fields)
    assert again.version == once.version


@settings(deadline=None)
@given(SCHEMAS, st.dictionaries(NAMES, JSON, max_size=6))
def test_a_check_tells_and_never_raises(document: dict[str, Any], record: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        schema = loaded(written(Path(folder), document))
    for values in (record, {key: record.get(key, 1) for key in document["properties"]}):
        for error in schema.check(values):
            assert error.message


@given(st.dictionaries(KEYWORDS, WEIRD, max_size=6))
def test_anything_is_a_schema_or_refused(document: dict[str, Any]) -> None:
    try:
        schema = schema_of(document, name="any")
    except SchemaError as error:
        assert error.message.startswith("any")
    else:
        assert schema.fields
