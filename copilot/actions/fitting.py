"""Whether a record's fields fit into a sink's, by the metadata that the sink itself tells.

Invariant: nothing is written, and every flaw names what mends it in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from copilot.actions.mapping import ALL, SOURCE, TEXT, rules
from copilot.config.records import FieldRule, SinkSettings
from copilot.handoff import Sink
from copilot.proposals import SinkField
from copilot.schemas import FieldSpec, Schema

_SHOWN = 12  # names in one line


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one field. ``certain``: a record with a value there will be rejected."""

    field: str
    detail: str
    fix: str
    certain: bool = True


def flaws(
    schema: Schema, sink: Sink, settings: SinkSettings | None, known: Sequence[SinkField]
) -> list[Flaw]:
    """What doesn't fit, field by field, then what a creation needs and nothing fills.

    Where a sink tells of no fields (``known`` is empty), only the record's side is looked at.
    """
    mapping = dict(_written_out(schema, rules(schema.name, sink, settings)))
    by_name = {one.name: one for one in known}
    place = f"under [actions.sinks.{sink.name}.fields.{schema.name}]"
    found: list[Flaw] = []
    for name, rule in mapping.items():
        found += _of_source(name, rule, schema, place)
        found += _of_words(name, rule, schema, place)
        if not known:
            continue
        if name not in by_name:
            found.append(_unknown(name, rule, known, place))
        elif not by_name[name].writable:
            found.append(Flaw(name, "can't be written", f'{place}: {_key(name)} = ""'))
        else:
            found += _of_choices(by_name[name], rule, schema, place)
    for one in known:
        if one.required and one.writable and one.name not in mapping:
            found.append(
                Flaw(
                    one.name, "is required, and nothing fills it", f"{place}: {_key(one.name)} = …"
                )
            )
    return found


def _written_out(
    schema: Schema, mapping: Mapping[str, FieldRule]
) -> Iterator[tuple[str, FieldRule]]:
    """``*`` as what it stands for."""
    for name, rule in mapping.items():
        if rule.source == ALL:
            for spec in schema.fields:
                if spec.path[0] not in mapping:
                    yield spec.path[0], FieldRule.model_validate({"from": spec.path[0]})
        else:
            yield name, rule


def _of_source(name: str, rule: FieldRule, schema: Schema, place: str) -> Iterator[Flaw]:
    if rule.source in (TEXT, SOURCE):
        return
    paths = {path for spec in schema.fields for path in _paths(spec)}
    if rule.source in paths:
        return
    near = [f'"{one}"' for one in get_close_matches(rule.source, sorted(paths), n=3)]
    ask = f"one of {_listed(sorted(spec.name for spec in schema.fields))}"
    yield Flaw(
        name,
        f"is filled from {rule.source}, which {schema.name} has not",
        f"{place}: {_key(name)} = {' or '.join(near) or ask}",
    )


def _of_words(name: str, rule: FieldRule, schema: Schema, place: str) -> Iterator[Flaw]:
    """A word for a value that no record has: it would never be said."""
    specs = [spec for spec in schema.fields if rule.source in _paths(spec)]
    stated = [choice for spec in specs for choice in spec.choices]
    for value, word in rule.values.items() if stated else ():
        if value not in stated:
            near = (get_close_matches(value, stated, n=1) or ["…"])[0]
            yield Flaw(
                name,
                f"has a word for {value}, which {rule.source} never is; it is {_listed(stated)}",
                f'{place}: {_key(name)} = {{ from = "{rule.source}", values = '
                f'{{ {_key(near)} = "{word}" }} }}',
                certain=False,
            )


def _unknown(name: str, rule: FieldRule, known: Sequence[SinkField], place: str) -> Flaw:
    by_word = {one.label.casefold(): one.name for one in known if one.label and one.writable}
    by_word |= {one.name.casefold(): one.name for one in known if one.writable}
    words = get_close_matches(name.casefold(), list(by_word), n=6)
    near = list(dict.fromkeys(by_word[word] for word in words))[:3]
    return Flaw(
        name,
        "is no field there" + (f"; near it: {', '.join(near)}" if near else ""),
        f"{place}: "
        + (f'{_key(near[0])} = "{rule.source}", or ' if near else "")
        + f'{_key(name)} = "" to leave it out',
    )


def _of_choices(to: SinkField, rule: FieldRule, schema: Schema, place: str) -> Iterator[Flaw]:
    """A value that isn't offered. A text may hold anything, so that one is only likely to."""
    if not to.choices or rule.source in (TEXT, SOURCE):
        return
    specs = [spec for spec in schema.fields if rule.source in _paths(spec)]
    stated = [choice for spec in specs for choice in spec.choices]
    said = {value: rule.values.get(value, value) for value in stated} | dict(rule.values)
    missing = {value: word for value, word in said.items() if word not in to.choices}
    offered = _listed(to.choices)
    if missing:
        example = ", ".join(f'{_key(value)} = "…"' for value in missing)
        yield Flaw(
            to.name,
            f"doesn't offer {_listed(sorted(set(missing.values())))}; it offers {offered}",
            f'{place}: {_key(to.name)} = {{ from = "{rule.source}", values = {{ {example} }} }}',
        )
    elif specs and not stated and not rule.values:
        yield Flaw(
            to.name,
            f"takes one of {offered}, and {rule.source} may say anything",
            f'{place}: {_key(to.name)} = {{ from = "{rule.source}", values = {{ … }} }}',
            certain=False,
        )


def _paths(spec: FieldSpec) -> set[str]:
    """The ways to name a leaf or what it stands in: ``attendees[].email``, ``attendees``."""
    parts = spec.name.split(".")
    starts = {".".join(parts[: end + 1]) for end in range(len(parts))}
    return starts | {start.removesuffix("[]") for start in starts}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _key(name: str) -> str:
    """A name as TOML writes a key."""
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isascii() and plain.isalnum() else f'"{name}"'
