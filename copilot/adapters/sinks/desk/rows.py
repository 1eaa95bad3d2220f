"""Rows of the desk's tables to entries and back.

Invariant: an entry's values have the record's own field names, also where a table keeps them
as one JSON object; ``key`` is never among them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from copilot.adapters.sinks.desk.database import sql
from copilot.adapters.sinks.desk.kinds import ANY, CREATED, STATE, UPDATED, Kind, kind_named
from copilot.extracted import Json
from copilot.proposals import SinkEntry, SinkField

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAMES_OF_TEXT = ("@text", "@source")
# The desk's own fields and their columns; of our own kinds, all others are called the same.
_COLUMN = {
    "@text": "description",
    "@source": "source",
    STATE: "state",
    CREATED: "created_at",
    UPDATED: "updated_at",
}
_LARGEST = 2**63 - 1
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "array": (list, tuple),
}


def entry_of(row: str) -> SinkEntry:
    """The entry of a row that came as JSON."""
    held: dict[str, Any] = json.loads(row)
    kind = kind_named(held["kind"])
    if kind.generic:
        data: dict[str, Json] = held["data"] or {}
        values = {**data, **{name: held[_COLUMN[name]] for name in _NAMES_OF_TEXT}}
    else:
        values = {one.name: held[one.name] for one in (*kind.own, *kind.text)}
    values[STATE] = held["state"]
    for name in (CREATED, UPDATED):
        values[name] = held[_COLUMN[name]].replace(" ", "T") + "Z"
    title = values.get(kind.title) or values.get("name") or held["id"]
    return SinkEntry(
        kind=held["kind"],
        external_id=held["id"],
        values=values,
        title=str(title),
        open=held["state"] == "open",
    )


def found_by(connection: DuckDBPyConnection, how: str, kind: Kind, wanted: str) -> SinkEntry | None:
    """The entry by the statement ``read`` or ``by_key``."""
    rows = connection.execute(sql(how).format(table=kind.table), [wanted]).fetchall()
    return entry_of(rows[0][0]) if rows else None


def text_only(value: Json) -> Json:
    """The value without what no file can hold: halves of characters, of broken texts."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {str(text_only(name)): text_only(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [text_only(one) for one in value]
    return value


def cells_of(kind: Kind, values: Mapping[str, Json]) -> dict[str, object]:
    """What goes into the table's columns, of the fields that are given.

    Of somebody's own schema, one column holds all: those that aren't given are gone.
    """
    cells: dict[str, object] = {
        column: values[name] for name, column in _COLUMN.items() if name in values
    }
    rest = {name: value for name, value in values.items() if name not in _COLUMN}
    if kind.generic:
        return {**cells, "data": json.dumps(rest, ensure_ascii=False)}
    for name, value in rest.items():
        packed = isinstance(value, list | tuple | dict)
        cells[name] = json.dumps(value, ensure_ascii=False) if packed else value
    return cells


def wrong_fields(kind: Kind, values: Mapping[str, Json], *, whole: bool) -> dict[str, str]:
    """What is wrong with them, by field. ``whole``: an entry, not a change of one."""
    known = {one.name: one for one in kind.fields}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        one = known.get(name, ANY if kind.generic and not name.startswith("@") else None)
        complaint = "there is no such field" if one is None else _complaint(one, value)
        if complaint:
            wrong[name] = complaint
    for one in known.values():
        if one.required and not values.get(one.name) and (whole or one.name in values):
            wrong[one.name] = "is required"
    return wrong


def _complaint(one: SinkField, value: Json) -> str:
    if not _holds(value):
        return "holds a number that is none, or too large"
    if value is None or one == ANY:
        return ""
    if one.choices and value not in one.choices:
        return f"must be one of {', '.join(one.choices)}"
    fits = isinstance(value, _TYPES[one.type]) and not isinstance(value, bool)
    return "" if fits else f"must be of type {one.type}"


def _holds(value: Json) -> bool:
    """Whether all numbers in it are some, and of a size that a column has."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return -_LARGEST <= value <= _LARGEST
    if isinstance(value, Mapping):
        return all(_holds(one) for one in value.values())
    if isinstance(value, str):
        return True
    return value is None or all(_holds(one) for one in value)
