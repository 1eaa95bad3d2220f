"""Frozen values to JSON and back.

Invariant: ``from_plain(type(value), to_plain(value)) == value`` for every value of the
vocabulary that carries no numpy array.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

# Of every envelope that is printed or written; it changes with the meaning of a key.
SCHEMA_VERSION = 1

T = TypeVar("T")

# Looked for first, being nearly all that there is.
_PLAIN = frozenset({str, int, float, bool, type(None)})
_known_hints: dict[type, dict[str, Any]] = {}


def to_plain(value: object) -> Any:
    """Turn a value into what ``json.dumps`` takes: dicts, lists, ISO 8601 strings."""
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(v) for v in value]
    if isinstance(value, int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_plain(cls: type[T], data: Mapping[str, Any]) -> T:
    """Rebuild a value of ``cls`` from ``to_plain``'s dict; unknown keys are ignored.

    Raises KeyError when a field without a default is missing.
    """
    hints = _hints(cls)
    values: dict[str, Any] = {}
    for f in dataclasses.fields(cls):  # type: ignore[arg-type]
        if f.name in data:
            values[f.name] = _convert(hints[f.name], data[f.name])
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise KeyError(f"{cls.__name__}.{f.name}")
    return cls(**values)


def _hints(cls: type) -> dict[str, Any]:
    """Kept: working them out takes longer than all the rest."""
    if cls not in _known_hints:
        _known_hints[cls] = get_type_hints(cls)
    return _known_hints[cls]


@cache
def _shape(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


def _convert(hint: Any, data: Any) -> Any:
    if data is None or hint is Any or hint in _PLAIN:
        return data
    origin, args = _shape(hint)
    if origin is Literal:
        return data
    if origin in (Union, types.UnionType):
        inner = [a for a in args if a is not type(None)]
        return _convert(inner[0], data) if len(inner) == 1 else data
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_plain(hint, data)
    if origin is tuple:
        kinds = [args[0]] * len(data) if len(args) == 2 and args[1] is Ellipsis else list(args)
        return tuple(_convert(k, v) for k, v in zip(kinds, data, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {k: _convert(args[1], v) for k, v in data.items()}
    if hint is datetime:
        return datetime.fromisoformat(data)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(data)
    return data
