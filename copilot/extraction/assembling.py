"""Drafts to records: the last gate before a value is shown.

Invariant: a value that stands in a record stands in the text, at its offsets, to the character;
what the schema refuses is null with its reason, and never a value all the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from copilot.extracted import (
    Evidence,
    ExtractedRecord,
    FieldError,
    FieldValue,
    Json,
    NullReason,
    SourceText,
)
from copilot.schemas import FieldSpec, Schema

Draft = Mapping[str, FieldValue]

_WHY = {
    NullReason.NOT_STATED: "the text doesn't state it",
    NullReason.NOT_CONFIGURED: "no names are configured for it",
    NullReason.NEEDS_MODEL: "only a model could read it, and none did",
    NullReason.AMBIGUOUS: "the text says several things",
    NullReason.QUOTE_NOT_FOUND: "the model's quote isn't in the text",
    NullReason.VALUE_NOT_IN_QUOTE: "the model's quote doesn't say it",
    NullReason.INVALID: "what the text says isn't a value of this field",
    NullReason.OVER_BUDGET: "the token budget ended before it was read",
}


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text with ``\\n`` line ends, and the way back to the offsets of the text as it came."""

    source: SourceText
    removed: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, source: SourceText) -> PlainText:
        """``\\r\\n`` and a lone ``\\r`` become ``\\n``; halves of characters become ``?``."""
        text = source.text.encode("utf-8", "replace").decode()
        removed: list[int] = []
        at = text.find("\r\n")
        while at >= 0:
            removed.append(at - len(removed))
            at = text.find("\r\n", at + 2)
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(replace(source, text=plain), tuple(removed))

    def original(self, offset: int) -> int:
        """The offset in the text as it came of an offset in the plain one."""
        return offset + bisect_left(self.removed, offset)

    def proven(self, value: FieldValue, source: SourceText) -> FieldValue:
        """The value with its evidence in the text as it came; null where it isn't there."""
        evidence = value.evidence
        if value.value is None:
            reason = value.null_reason or NullReason.NOT_STATED
            return FieldValue(null_reason=reason, read_by=value.read_by)
        if (
            evidence is None
            or not evidence.quote
            or not 0 <= evidence.start < evidence.end <= len(self.source.text)
            or self.source.text[evidence.start : evidence.end] != evidence.quote
        ):
            return FieldValue(null_reason=NullReason.QUOTE_NOT_FOUND, read_by=value.read_by)
        start, end = self.original(evidence.start), self.original(evidence.end)
        return replace(
            value, evidence=Evidence(source.text[start:end], start, end), null_reason=None
        )


def assemble(
    draft: Draft,
    schema: Schema,
    source: SourceText,
    *,
    plain: PlainText,
    record_id: str,
    ordinal: int = 0,
    suspicions: tuple[str, ...] = (),
) -> ExtractedRecord:
    """The record that a draft comes to, checked against the text and the schema."""
    fields = {name: plain.proven(value, source) for name, value in draft.items()}
    fields = complete(fields, schema)
    fields, errors = settle(fields, schema)
    return ExtractedRecord(
        id=record_id,
        schema=schema.name,
        schema_version=schema.version,
        status="invalid" if errors else "valid",
        record=shape(fields, schema),
        fields=fields,
        errors=errors,
        source_name=source.name,
        source_digest=source.digest,
        ordinal=ordinal,
        suspicions=suspicions,
    )


def settle(
    fields: Mapping[str, FieldValue], schema: Schema
) -> tuple[dict[str, FieldValue], tuple[FieldError, ...]]:
    """Make null what the schema refuses; the errors that remain are of what must not be null."""
    settled = dict(fields)
    # Each round drops a value at least; what a class of the user's says may depend on others.
    for _ in range(len(fields) + 1):
        errors = schema.check(shape(settled, schema))
        refused = [
            name
            for name, value in settled.items()
            if value.value is not None
            and value.read_by != "person"
            and any(_reaches(error.path, name) for error in errors)
        ]
        if not refused:
            return settled, tuple(_explained(error, settled) for error in errors)
        for name in refused:
            settled[name] = replace(
                FieldValue(null_reason=NullReason.INVALID), read_by=settled[name].read_by
            )
    return settled, tuple(_explained(error, settled) for error in errors)


def complete(fields: Mapping[str, FieldValue], schema: Schema) -> dict[str, FieldValue]:
    """The fields in the schema's order, each there; what the schema doesn't know is left out."""
    ordered: dict[str, FieldValue] = {}
    by_spec: dict[str, list[str]] = {}
    for name in fields:
        by_spec.setdefault(generic(name), []).append(name)
    for spec in schema.fields:
        called = spec.name
        items = by_spec.get(called, ())
        if not spec.many:
            ordered[called] = fields.get(called) or _missing(spec)
        elif not items:
            array = called.split("[]")[0]
            ordered.setdefault(array, fields.get(array) or _missing(spec))
        else:
            ordered |= {name: fields[name] for name in sorted(items, key=_indices)}
    return ordered


def shape(fields: Mapping[str, FieldValue], schema: Schema) -> dict[str, Json]:
    """The values in the schema's own form: objects, arrays, null."""
    values = {name: value.value for name, value in fields.items()}
    built = _object(schema.json_schema, "", values)
    return {} if built is None else built


def generic(name: str) -> str:
    """``attendees[3].name`` as its schema calls it: ``attendees[].name``."""
    if "[" not in name:
        return name
    parts = name.split("[")
    return "[".join([parts[0], *("]" + part.partition("]")[2] for part in parts[1:])])


def _missing(spec: FieldSpec) -> FieldValue:
    return FieldValue(null_reason=NullReason.NOT_STATED)


def _indices(name: str) -> tuple[int, ...]:
    return tuple(
        int(part.partition("]")[0])
        for part in name.split("[")[1:]
        if part.partition("]")[0].isdigit()
    )


def _object(node: Mapping[str, Json], path: str, values: Mapping[str, Json]) -> dict[str, Json]:
    properties = node.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    required = node.get("required")
    needed = set(required) if isinstance(required, Sequence) else set()
    built: dict[str, Json] = {}
    for name, child in properties.items():
        if not isinstance(child, Mapping):
            continue
        value = _value(child, f"{path}.{name}" if path else name, values)
        if value is not None or name in needed or _takes_null(child):
            built[name] = value
    return built


def _value(node: Mapping[str, Json], path: str, values: Mapping[str, Json]) -> Json:
    core = _core(node)
    if _is(core, "object"):
        built = _object(core, path, values)
        return built if any(_says_something(value) for value in built.values()) else None
    if _is(core, "array"):
        items = core.get("items")
        count = _count(path, values)
        inner = items if isinstance(items, Mapping) else {}
        return [_value(inner, f"{path}[{number}]", values) for number in range(count)]
    return values.get(path)


def _says_something(value: Json) -> bool:
    return value is not None and value != []


def _count(path: str, values: Mapping[str, Json]) -> int:
    """How many items an array has: one more than its highest index."""
    start = f"{path}["
    indices = [
        int(name[len(start) :].partition("]")[0]) for name in values if name.startswith(start)
    ]
    return max(indices, default=-1) + 1


def _core(node: Mapping[str, Json]) -> Mapping[str, Json]:
    """Of "this or null", this."""
    branches = node.get("anyOf")
    if isinstance(branches, Sequence):
        for branch in branches:
            if isinstance(branch, Mapping) and branch.get("type") != "null":
                return branch
    return node


def _is(node: Mapping[str, Json], kind: str) -> bool:
    found = node.get("type")
    return found == kind or (isinstance(found, list | tuple) and kind in found)


def _takes_null(node: Mapping[str, Json]) -> bool:
    branches = node.get("anyOf")
    if isinstance(branches, Sequence):
        return any(isinstance(branch, Mapping) and _is(branch, "null") for branch in branches)
    return _is(node, "null")


def _reaches(error_path: str, name: str) -> bool:
    """Whether what is wrong at ``error_path`` is wrong with the leaf ``name``."""
    return bool(error_path) and (
        name == error_path or name.startswith((f"{error_path}.", f"{error_path}["))
    )


def _explained(error: FieldError, fields: Mapping[str, FieldValue]) -> FieldError:
    value = fields.get(error.path)
    if value is None or value.value is not None or value.null_reason is None:
        return error
    return FieldError(error.path, _WHY[value.null_reason])
