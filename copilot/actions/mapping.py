"""A record in a sink's own fields.

Invariant: which field of the sink takes what is the configuration's word and the sink's, never the
text's; a field without a value writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.config.records import FieldRule, SinkSettings
from copilot.extracted import ExtractedRecord, FieldValue, Json, SourceText
from copilot.handoff import Sink, Translates

TEXT = "@text"
SOURCE = "@source"
ALL = "*"

_LONGEST = 20_000  # characters of a source that stand in a proposal
_AROUND = 2_000  # before the first word of evidence and after the last


@dataclass(frozen=True, slots=True)
class Material:
    """What a write is made of. ``text`` begins at ``start`` of the source."""

    schema: str
    record: Mapping[str, Json]
    fields: Mapping[str, FieldValue]
    text: str
    start: int
    source_name: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """``values`` as they are written; ``own`` are those that the record states itself."""

    values: Mapping[str, Json]
    own: Mapping[str, Json]
    texts: tuple[str, ...] = ()  # the sink's fields that take the source's text


def material(record: ExtractedRecord, source: SourceText) -> Material:
    """All of a short text, of a long one the part that the record was read from."""
    text, start = source.text, 0
    if len(text) > _LONGEST:
        spans = [one.evidence for one in record.fields.values() if one.evidence is not None]
        start = max(0, min((span.start for span in spans), default=0) - _AROUND)
        end = max((span.end for span in spans), default=_LONGEST) + _AROUND
        text = text[start : min(end, start + _LONGEST)]
    return Material(
        record.schema, record.record, record.fields, text, start, record.source_name or source.name
    )


def mapped(made_of: Material, sink: Sink, settings: SinkSettings | None) -> Mapped:
    """The sink's values of this record."""
    values: dict[str, Json] = {}
    own: dict[str, Json] = {}
    texts: list[str] = []
    for field, rule in rules(made_of.schema, sink, settings).items():
        match rule.source:
            case "@text":
                values[field] = with_evidence(made_of)
                texts.append(field)
            case "@source":
                values[field] = made_of.source_name
            case "*":
                given = {name: one for name, one in made_of.record.items() if one is not None}
                own |= given
                values |= given
            case path:
                value = _translated(value_at(made_of.record, path), rule)
                if value is not None and value != []:
                    own[field] = values[field] = value
    return Mapped(values, own, tuple(texts))


def value_at(record: Json, path: str) -> Json:
    """``address.city``, ``attendees[].email``; None where there is none."""
    name, _, rest = path.partition(".")
    each = name.endswith("[]")
    name = name.removesuffix("[]")
    if not isinstance(record, Mapping):
        return None
    found = record.get(name)
    if not each:
        return value_at(found, rest) if rest else found
    if not isinstance(found, Sequence) or isinstance(found, str):
        return None
    items = [value_at(one, rest) if rest else one for one in found]
    return [one for one in items if one is not None]


def with_evidence(made_of: Material) -> str:
    """The source's text, and below it which of its words each field was read from."""
    lines = [
        f"{name}: “{one.evidence.quote}”"
        for name, one in made_of.fields.items()
        if one.value is not None and one.evidence is not None
    ]
    if not lines:
        return made_of.text.strip()
    read_from = f"Read from {made_of.source_name}:" if made_of.source_name else "Read from it:"
    return "\n".join([made_of.text.strip(), "", "--", read_from, *lines])


def rules(schema: str, sink: Sink, settings: SinkSettings | None) -> dict[str, FieldRule]:
    """The sink's own defaults, with what the configuration says over them; "" takes one away.

    A field that still takes what it takes by default says it in the sink's words.
    """
    defaults = sink.default_fields(schema)
    said = sink.default_values(schema) if isinstance(sink, Translates) else {}
    chosen: dict[str, str | FieldRule] = dict(defaults)
    if settings is not None:
        chosen |= settings.fields.get(schema, {})
    made: dict[str, FieldRule] = {}
    for field, given in chosen.items():
        if given == "":
            continue
        plain = FieldRule.model_validate({"from": given}) if isinstance(given, str) else given
        words = {} if plain.values or plain.source != defaults.get(field) else said.get(field, {})
        made[field] = plain.model_copy(update={"values": dict(words)}) if words else plain
    return made


def _translated(value: Json, rule: FieldRule) -> Json:
    if not rule.values:
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_translated(one, rule) for one in value]
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return rule.values.get(said, value)
