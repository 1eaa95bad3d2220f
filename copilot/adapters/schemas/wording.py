"""Says in plain words what is wrong with a value of a record.

Invariant: one line; a value is shown as JSON, cut, so that no text can pass for our own words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from copilot.extracted import FieldError, Json

EMPTY = "has no value, and needs one"
MISSING = "is missing"
EXTRA = "isn't in the schema"
_SHOWN = 60
_LARGEST = 1e300
_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "date": "a date",
    "date-time": "a date and time with its zone",
    "time": "a time with its zone",
    "duration": "a duration",
    "email": "an e-mail address",
    "uri": "a web address",
    "uuid": "a UUID",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "hostname": "a host name",
}


def shown(value: object) -> str:
    """The value as JSON, at most so long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def kind(name: str) -> str:
    return _KINDS.get(name, name)


def not_a(name: str, value: object) -> str:
    return EMPTY if value is None else f"not {kind(name)}: {shown(value)}"


def joined(path: Sequence[str | int]) -> str:
    """A path as people write it: ``lines[2].amount``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def unbounded(record: Json) -> Iterator[tuple[list[str | int], str]]:
    """Numbers that no JSON can hold, or no float: whoever calculates with them raises."""
    if isinstance(record, int | float) and not abs(record) <= _LARGEST:
        yield [], "not a number, or too large a one"
    elif isinstance(record, Mapping):
        for key, value in record.items():
            yield from (([key, *path], said) for path, said in unbounded(value))
    elif isinstance(record, Sequence) and not isinstance(record, str):
        for number, value in enumerate(record):
            yield from (([number, *path], said) for path, said in unbounded(value))


def in_order(
    found: Sequence[tuple[Sequence[str | int], str]], schema: Mapping[str, Json]
) -> tuple[FieldError, ...]:
    """The errors, each once, in the order of the schema's fields."""
    ranked = sorted(found, key=lambda one: _rank(one[0], schema))
    errors = [FieldError(joined(path), message) for path, message in ranked]
    return tuple(dict.fromkeys(errors))


def _rank(path: Sequence[str | int], schema: Mapping[str, Json]) -> tuple[int, ...]:
    node: Json = schema
    rank: list[int] = []
    for part in path:
        properties = node.get("properties") if isinstance(node, Mapping) else None
        items = node.get("items") if isinstance(node, Mapping) else None
        if isinstance(part, int):
            rank.append(part)
            node = items
        elif isinstance(properties, Mapping) and part in properties:
            rank.append(list(properties).index(part))
            node = properties[part]
        else:
            rank.append(1_000_000)
            node = None
    return tuple(rank)
