"""Reads the leaves of a plain schema as fields, each with its role.

Invariant: each leaf of the schema gives exactly one ``FieldSpec``, in the schema's own order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import cast

from copilot.extracted import Json
from copilot.extraction.schemas.examples import examples_of
from copilot.extraction.schemas.refusals import refusal
from copilot.extraction.schemas.roles import Leaf, inferred
from copilot.schemas import FieldRole, FieldSpec, JsonType

MOST_FIELDS = 200
_NUMERIC = frozenset({FieldRole.AMOUNT, FieldRole.COUNT, FieldRole.PERCENT})
_ANY_TYPE = frozenset({FieldRole.TEXT, FieldRole.CHOICE})


def fields_of(plain: Mapping[str, Json], *, name: str) -> tuple[FieldSpec, ...]:
    """The leaves of a schema that ``resolving.resolve`` made plain. Raises SchemaError."""
    fields = tuple(_below(plain, (), True, name))
    if len(fields) > MOST_FIELDS:
        raise refusal(
            name,
            "",
            f"{len(fields)} fields, and {MOST_FIELDS} are the most",
            hint="extract fewer fields at a time",
        )
    return fields


def _below(
    node: Mapping[str, Json], path: tuple[str, ...], required: bool, name: str
) -> Iterator[FieldSpec]:
    properties = node.get("properties")
    if isinstance(properties, Mapping):
        wanted = cast("list[str]", node.get("required", []))
        _refuse_role(node, path, name)
        siblings = tuple(properties)
        for key, below in properties.items():
            yield from _place(
                cast("Mapping[str, Json]", below), (*path, key), key in wanted, name, siblings
            )


def _place(
    node: Mapping[str, Json],
    path: tuple[str, ...],
    required: bool,
    name: str,
    siblings: tuple[str, ...],
) -> Iterator[FieldSpec]:
    items = node.get("items")
    if isinstance(items, Mapping):
        below = items
        if "properties" in below:
            _refuse_role(node, path, name)
            yield from _below(below, (*path, "[]"), required, name)
        else:
            yield _leaf(_of_items(node, below), (*path, "[]"), required, name, siblings)
    elif "properties" in node:
        yield from _below(node, path, required, name)
    else:
        yield _leaf(node, path, required, name, siblings)


def _of_items(array: Mapping[str, Json], items: Mapping[str, Json]) -> Mapping[str, Json]:
    """The items of an array with what the array itself says of them."""
    said = {key: array[key] for key in ("description", "x-role", "x-examples") if key in array}
    return {**said, **items}


def _leaf(
    node: Mapping[str, Json],
    path: tuple[str, ...],
    required: bool,
    name: str,
    siblings: tuple[str, ...],
) -> FieldSpec:
    given = node["type"]
    nullable = isinstance(given, list)
    kind = cast("JsonType", given[0] if isinstance(given, list) else given)
    choices = tuple(str(one) for one in cast("list[Json]", node.get("enum", [])) if one is not None)
    leaf = Leaf(
        path=path,
        type=kind,
        description=_text(node, "description"),
        format=_text(node, "format"),
        choices=choices,
        siblings=siblings,
    )
    return FieldSpec(
        path=path,
        type=kind,
        role=_role(node, leaf, name),
        description=leaf.description,
        choices=choices,
        examples=examples_of(node, choices, name=name, at=_shown(path)),
        format=leaf.format,
        pattern=_text(node, "pattern"),
        nullable=nullable,
        required=required,
    )


def _role(node: Mapping[str, Json], leaf: Leaf, name: str) -> FieldRole:
    """The role that the schema gives, checked; else the one that name and format tell."""
    given = node.get("x-role")
    if given is None:
        return inferred(leaf)
    at = _shown(leaf.path)
    try:
        role = FieldRole(cast("str", given))
    except ValueError:
        near = get_close_matches(str(given), [role.value for role in FieldRole], n=1)
        raise refusal(
            name,
            at,
            f"x-role {str(given)[:80]!r} is none that extraction knows",
            hint=f"did you mean {near[0]}?" if near else "leave it out, or write x-role: text",
        ) from None
    numeric = leaf.type in ("number", "integer")
    fits = role in _ANY_TYPE or leaf.type == "string" or (numeric and role in _NUMERIC)
    if not fits:
        raise refusal(
            name,
            at,
            f"x-role {role.value} of a {leaf.type}",
            hint="leave x-role out, or make the field a string",
        )
    return role


def _refuse_role(node: Mapping[str, Json], path: tuple[str, ...], name: str) -> None:
    if "x-role" in node:
        raise refusal(
            name, _shown(path), "x-role of an object", hint="give it to the fields of the object"
        )


def _shown(path: tuple[str, ...]) -> str:
    return ".".join(path).replace(".[]", "[]")


def _text(node: Mapping[str, Json], key: str) -> str:
    value = node.get(key)
    return value if isinstance(value, str) else ""
