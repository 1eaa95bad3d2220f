"""What keys the configuration has, as dotted names, read from the schema.

Invariant: this is derived from ``Settings`` alone, so a new setting needs no second entry.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from copilot.config.schema import Settings

Kind = Literal["text", "yes/no", "whole number", "number", "list of texts", "table"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting. ``key`` is ``section.name``; ``optional`` if it may be absent (None)."""

    key: str
    kind: Kind
    optional: bool
    default: object
    description: str
    choices: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"COPILOT_{self.section.upper()}__{self.name.upper()}"


@cache
def leaves() -> Mapping[str, Leaf]:
    """Every setting by its dotted key, in the order of the schema."""
    return {
        f"{section}.{name}": _leaf(f"{section}.{name}", field)
        for section in Settings.model_fields
        for name, field in section_model(section).model_fields.items()
    }


def sections() -> tuple[str, ...]:
    return tuple(Settings.model_fields)


def section_model(section: str) -> type[BaseModel]:
    """The pydantic model of one table."""
    model = Settings.model_fields[section].annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"[{section}] of the schema is not a table")
    return model


def nearest(wrong: str, valid: tuple[str, ...] | list[str]) -> str:
    """The valid name that ``wrong`` was probably meant to be, or an empty string."""
    found = difflib.get_close_matches(wrong.lower(), valid, n=1, cutoff=0.6)
    return found[0] if found else ""


def nearest_key(wrong: str) -> str:
    """The dotted key nearest to a dotted one: the same name elsewhere counts as nearest."""
    name = wrong.rpartition(".")[2].lower()
    keys = list(leaves())
    same_name = [key for key in keys if key.rpartition(".")[2] == name]
    section = wrong.partition(".")[0]
    if section in sections():
        in_section = [leaf.name for leaf in leaves().values() if leaf.section == section]
        guess = nearest(name, in_section)
        if guess:
            return f"{section}.{guess}"
    if same_name:
        return same_name[0]
    return nearest(wrong, keys)


def _leaf(key: str, field: FieldInfo) -> Leaf:
    hint, optional = _without_none(field.annotation)
    return Leaf(
        key=key,
        kind=_kind(key, hint),
        optional=optional,
        default=field.get_default(call_default_factory=True),
        description=re.sub(r"\s+", " ", field.description or ""),
        choices=tuple(get_args(hint)) if get_origin(hint) is Literal else (),
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        inner = [a for a in get_args(hint) if a is not type(None)]
        return inner[0], len(inner) < len(get_args(hint))
    return hint, False


def _kind(key: str, hint: Any) -> Kind:
    origin = get_origin(hint)
    if hint is str or origin is Literal:
        return "text"
    if hint is bool:
        return "yes/no"
    if hint is int:
        return "whole number"
    if hint is float:
        return "number"
    if origin is tuple:
        return "list of texts"
    if origin is dict:
        return "table"
    raise TypeError(f"{key} of the schema has a type that no configuration file can hold: {hint}")
