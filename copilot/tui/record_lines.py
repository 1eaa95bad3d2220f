"""A record as lines that can be edited one by one, and as the record again.

Invariant: a record that nobody edits is the same record afterwards, keys that no field names
included; an edit changes one value, and makes around it no more than it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from copilot.codec import to_plain
from copilot.extracted import Json
from copilot.schemas import FieldSpec

Step = str | int
_ITEM = "[]"
_YES_NO = ("true", "false")
MOST_ITEMS = 60  # of one list, as lines


@dataclass(frozen=True, slots=True)
class Line:
    """A value, or with ``adds`` the place where a list takes one more.

    ``more``: how many items of a long list stand in no line.
    """

    steps: tuple[Step, ...]
    spec: FieldSpec
    value: Json = None
    adds: bool = False
    more: int = 0

    @property
    def path(self) -> str:
        """As the record's fields and problems name it: ``attendees[0].name``."""
        return path_of(self.steps)

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen; empty where it is written."""
        return _YES_NO if self.spec.type == "boolean" else self.spec.choices


def path_of(steps: Sequence[Step]) -> str:
    """``attendees[0].name`` of its steps."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def lines_of(specs: Sequence[FieldSpec], record: Mapping[str, Json]) -> list[Line]:
    """The lines of a record, in the schema's order; a list ends in a line that adds to it."""
    return list(_below([(spec.path, spec) for spec in specs], (), record))


def written(value: Json) -> str:
    """A value as somebody would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return str(value)


def understood(text: str, spec: FieldSpec) -> Json:
    """What was typed as a value of the field; as a text where it is none, for the check to say."""
    if not text.strip():
        return None
    plain = text.strip()
    match spec.type:
        case "boolean":
            return {"true": True, "false": False}.get(plain.lower(), plain)
        case "integer" | "number":
            return _number(plain)
        case _:
            return text


def with_value(
    record: Mapping[str, Json], line: Line, value: Json, specs: Sequence[FieldSpec]
) -> dict[str, Json]:
    """The record with another value in a line; an item of a list that is emptied goes."""
    changed: Any = deepcopy(to_plain(record))
    holder = changed
    for at, step in enumerate(line.steps[:-1]):
        empty: Any = [] if isinstance(line.steps[at + 1], int) else {}
        if isinstance(step, int):
            if step == len(holder):
                holder.append(empty)
                _fill(holder[step], line.steps[: at + 1], specs)
        elif holder.get(step) is None:
            holder[step] = empty
            _fill(empty, line.steps[: at + 1], specs)
        holder = holder[step]
    last = line.steps[-1]
    if isinstance(last, int):
        if value is None:
            del holder[last : last + 1]
        else:
            holder[last : last + 1] = [value]
    elif value is None and not line.spec.nullable and not line.spec.required:
        holder.pop(last, None)
    else:
        holder[last] = value
    return dict(changed)


def _number(text: str) -> Json:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text)
    except ValueError:
        return text
    return found if abs(found) < float("inf") else text


_Rest = Sequence[tuple[tuple[str, ...], FieldSpec]]


def _below(rest: _Rest, steps: tuple[Step, ...], value: Json) -> Iterator[Line]:
    """The lines of what is left of some paths, in an object."""
    groups: dict[str, list[tuple[tuple[str, ...], FieldSpec]]] = {}
    for path, spec in rest:
        groups.setdefault(path[0], []).append((path[1:], spec))
    held = value if isinstance(value, Mapping) else {}
    for name, group in groups.items():
        yield from _one(group, (*steps, name), held.get(name))


def _one(group: _Rest, steps: tuple[Step, ...], value: Json) -> Iterator[Line]:
    path, spec = group[0]
    if not path:
        yield Line(steps, spec, value)
    elif path[0] != _ITEM:
        yield from _below(group, steps, value)
    else:
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else []
        inner = [(path[1:], spec) for path, spec in group]
        for number, item in enumerate(items[:MOST_ITEMS]):
            yield from _one(inner, (*steps, number), item)
        more = max(0, len(items) - MOST_ITEMS)
        leaf = _leaf(inner, (*steps, len(items)))
        yield Line(leaf, inner[0][1], adds=True, more=more)


def _leaf(group: _Rest, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps to the first value of a new item."""
    path, _ = group[0]
    return (*steps, *(0 if step == _ITEM else step for step in path))


def _fill(holder: Any, steps: tuple[Step, ...], specs: Sequence[FieldSpec]) -> None:
    """Put null where a new object must have something."""
    if not isinstance(holder, dict):
        return
    here = tuple(_ITEM if isinstance(step, int) else step for step in steps)
    for spec in specs:
        if spec.path[: len(here)] != here:
            continue
        match spec.path[len(here) :]:
            case (name,) if spec.required or spec.nullable:
                holder.setdefault(name, None)
            case (name, "[]"):
                holder.setdefault(name, [])
