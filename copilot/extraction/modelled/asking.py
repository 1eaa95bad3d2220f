"""What a model is asked for: the shape of its answer, and the fields in words.

Invariant: every leaf of the schema is asked for once, as a value with the words that state it, or
null; the text stands between two marks that nobody who wrote it can know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.extracted import Json, SourceText
from copilot.extraction.modelled.kinds import described
from copilot.schemas import FieldSpec, Schema

MOST_RECORDS = 50
_LONGEST_DESCRIPTION = 400


@dataclass(frozen=True, slots=True)
class Failing:
    """A field whose value wasn't taken: which one, of which record, and why."""

    name: str
    record: int
    spec: FieldSpec
    why: str


def answer_schema(schema: Schema) -> Mapping[str, Json]:
    """JSON Schema of a whole answer: ``{"records": [{FIELD: {"quote", "value"} | null}]}``."""
    specs = {spec.path: spec for spec in schema.fields}
    return _closed({"records": {"type": "array", "items": _shape(schema.json_schema, (), specs)}})


def repair_schema(failing: Sequence[Failing]) -> Mapping[str, Json]:
    """JSON Schema of an answer with the failing fields alone, by their numbers from 1."""
    return _closed({str(number): _leaf(one.spec) for number, one in enumerate(failing, 1)})


def fields_in_words(schema: Schema) -> str:
    """A line for each field: name, how to write it, what it holds."""
    return "\n".join(_line(spec) for spec in schema.fields)


def failing_in_words(failing: Sequence[Failing]) -> str:
    """A line for each field that failed."""
    return "\n".join(
        f'"{number}": {one.name} of record {one.record + 1} ({described(one.spec)}): {one.why}'
        for number, one in enumerate(failing, 1)
    )


def when_in_words(source: SourceText) -> str:
    """What "yesterday" refers to."""
    told = source.received_at
    if told is None:
        return "It isn't known when the text was written."
    return f"The text was sent on {told:%A}, {told.date().isoformat()}."


def _line(spec: FieldSpec) -> str:
    what = " ".join(spec.description.split())[:_LONGEST_DESCRIPTION]
    return f"- {spec.name} ({described(spec)}){': ' + what if what else ''}"


def _shape(
    node: Mapping[str, Json], path: tuple[str, ...], specs: Mapping[tuple[str, ...], FieldSpec]
) -> Mapping[str, Json]:
    """The schema with each leaf as a value and its quote."""
    properties, items = node.get("properties"), node.get("items")
    if isinstance(properties, Mapping):
        below: dict[str, Json] = {
            key: _shape(child, (*path, key), specs)
            for key, child in properties.items()
            if isinstance(child, Mapping)
        }
        return _closed(below)
    if isinstance(items, Mapping):
        return {"type": "array", "items": _shape(items, (*path, "[]"), specs)}
    return _leaf(specs[path])


def _leaf(spec: FieldSpec) -> Mapping[str, Json]:
    value: dict[str, Json] = {"type": spec.type}
    if spec.choices and spec.type == "string":
        value["enum"] = list(spec.choices)
    return {"anyOf": [_closed({"quote": {"type": "string"}, "value": value}), {"type": "null"}]}


def _closed(properties: Mapping[str, Json]) -> Mapping[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
