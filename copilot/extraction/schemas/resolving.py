"""Makes of a JSON Schema its plain form: no references, one type a place, nothing unsupported.

Invariant: what comes out is JSON Schema 2020-12 that says the same of a record; it ends on any
input, within the limits below, or raises a SchemaError that names the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import unquote

from copilot.extracted import Json
from copilot.extraction.schemas.refusals import (
    ANNOTATIONS,
    AT_THE_TOP,
    refusal,
    refuse_keywords,
    unsupported,
)

MOST_DEEP = 8  # objects and arrays within each other
MOST_PLACES = 1_000  # after references were put in
MOST_CHOICES = 1_000
MOST_REFERENCES = 32  # one leading to the next
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}

Node = dict[str, Json]


def resolve(document: Mapping[str, Json], *, name: str) -> Node:
    """The plain form of a schema whose top is an object. ``name`` stands in errors."""
    resolver = _Resolver(document, name)
    top = resolver.place(document, "", ("#",), 0)
    if top["type"] != "object":
        raise refusal(
            name,
            "",
            f"its top is {_shown_type(top['type'])}, and a record is an object",
            hint='describe one record as an object; "x-many": true if a text may hold several',
        )
    return top


class _Resolver:
    def __init__(self, document: Mapping[str, Json], name: str) -> None:
        self._document = document
        self._name = name
        self._places = 0

    def place(self, raw: Json, at: str, stack: tuple[str, ...], depth: int) -> Node:
        """One place of the schema and all below it, plain. ``stack``: references on the way."""
        self._places += 1
        if self._places > MOST_PLACES:
            raise refusal(
                self._name,
                at,
                f"the schema has more than {MOST_PLACES} places, references put in",
                hint="extract fewer fields at a time",
            )
        if depth > MOST_DEEP:
            raise refusal(self._name, at, f"deeper than {MOST_DEEP} levels", hint="make it flatter")
        node, nullable, stack = self._flat(raw, at, stack)
        kind, nullable = self._kind(node, at, nullable=nullable)
        plain: Node = {
            key: value
            for key, value in node.items()
            if key not in AT_THE_TOP and key not in {"properties", "items", "const", "enum"}
        }
        if kind == "object":
            plain |= self._object(node, at, stack, depth)
        elif kind == "array":
            plain |= self._array(node, at, stack, depth)
        elif "enum" in node or "const" in node:
            choices, nullable = self._choices(node, kind, at, nullable=nullable)
            plain["enum"] = [*choices, None] if nullable else choices
        plain["type"] = [kind, "null"] if nullable else kind
        return plain

    def _flat(
        self, raw: Json, at: str, stack: tuple[str, ...]
    ) -> tuple[Node, bool, tuple[str, ...]]:
        """The place without ``$ref``, ``allOf`` and ``anyOf``, and whether it may be null."""
        if not isinstance(raw, Mapping):
            raise refusal(self._name, at, "not a schema", hint='write {"type": "string"}')
        node, nullable = dict(raw), False
        for _ in range(MOST_REFERENCES):
            refuse_keywords(self._name, at, node)
            if "$ref" in node:
                pointer = node.pop("$ref")
                node, stack = self._referred(node, pointer, at, stack)
            elif "allOf" in node:
                parts = node.pop("allOf")
                if not isinstance(parts, list) or len(parts) != 1:
                    raise unsupported(self._name, at, "allOf")
                node = self._merged(parts[0], node, at)
            elif "anyOf" in node:
                part, or_null, stack = self._either(node.pop("anyOf"), at, stack)
                node, nullable = self._merged(part, node, at), nullable or or_null
            else:
                return node, nullable, stack
        raise refusal(
            self._name,
            at,
            f"more than {MOST_REFERENCES} references lead from one to the next",
            hint="let $ref name the last of them",
        )

    def _referred(
        self, node: Node, pointer: Json, at: str, stack: tuple[str, ...]
    ) -> tuple[Node, tuple[str, ...]]:
        if not isinstance(pointer, str) or not pointer.startswith("#"):
            raise refusal(
                self._name,
                at,
                f"$ref leads out of the schema: {str(pointer)[:80]}",
                hint="nothing is fetched: copy what it names into $defs",
            )
        if pointer in stack:
            way = " → ".join((*stack[stack.index(pointer) :], pointer))
            raise refusal(
                self._name,
                at,
                f"a cycle, $ref leads back to where it came from: {way}",
                hint="write out as many levels as a record has",
            )
        target = self._target(pointer, at)
        return self._merged(target, node, at), (*stack, pointer)

    def _target(self, pointer: str, at: str) -> Json:
        found: Json = self._document
        for part in unquote(pointer).removeprefix("#").removeprefix("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping) and key in found:
                found = found[key]
            elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            else:
                raise refusal(
                    self._name,
                    at,
                    f"$ref names nothing in this schema: {pointer[:80]}",
                    hint="write the place of what it means: #/$defs/NAME",
                )
        return found

    def _merged(self, base: Json, over: Node, at: str) -> Node:
        """The schema ``base`` with what stands beside its reference, whose notes win."""
        if not isinstance(base, Mapping):
            raise refusal(self._name, at, "not a schema", hint='write {"type": "string"}')
        merged = dict(base)
        for key, value in over.items():
            note = key in ANNOTATIONS | AT_THE_TOP or key.startswith("x-")
            if key in merged and not note and merged[key] != value:
                raise refusal(
                    self._name,
                    at,
                    f"{key} is said twice, here and where $ref leads",
                    hint="say it in one of the two places",
                )
            merged[key] = value
        return merged

    def _either(
        self, parts: Json, at: str, stack: tuple[str, ...]
    ) -> tuple[Node, bool, tuple[str, ...]]:
        """The one type of an ``anyOf`` and whether null is another; numbers count as one type."""
        if not isinstance(parts, list) or not 1 <= len(parts) <= 8:
            raise unsupported(self._name, at, "anyOf")
        some: list[tuple[Node, tuple[str, ...]]] = []
        or_null = False
        for part in parts:
            node, nullable, way = self._flat(part, at, stack)
            or_null = or_null or nullable or _is_null(node)
            if not _is_null(node):
                some.append((node, way))
        kinds = [node.get("type") for node, _ in some]
        if len(some) == 1:
            return some[0][0], or_null, some[0][1]
        if len(some) == 2 and kinds in (["integer", "number"], ["number", "integer"]):
            return {"type": "number"}, or_null, stack
        if kinds == ["number", "string"]:  # how Pydantic writes a Decimal
            return some[0][0], or_null, stack
        found = " or ".join(str(kind or "?") for kind in kinds)
        raise unsupported(self._name, at, "anyOf", found=found)

    def _kind(self, node: Node, at: str, *, nullable: bool) -> tuple[str, bool]:
        """The one type besides null, and whether null is another."""
        given = node.get("type")
        kinds = _strings(given) if given is not None else _implied(node)
        if kinds is None or any(kind not in _TYPES for kind in kinds):
            raise refusal(
                self._name,
                at,
                f"{str(given)[:80]!r} is no type",
                hint=f"one of {', '.join(_TYPES)}",
            )
        nullable = nullable or "null" in kinds
        left = [kind for kind in kinds if kind != "null"]
        if sorted(left) == ["integer", "number"]:
            left = ["number"]
        if not left:
            raise refusal(
                self._name, at, "no type", hint='say which: "type": "string", or ["string", "null"]'
            )
        if len(left) > 1:
            raise refusal(
                self._name,
                at,
                f"several types: {', '.join(left)}",
                hint="a field has one type, and may be null besides",
            )
        return left[0], nullable

    def _object(self, node: Node, at: str, stack: tuple[str, ...], depth: int) -> Node:
        properties = node.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            raise refusal(
                self._name, at, "an object without properties", hint="name its fields: properties"
            )
        more = node.get("additionalProperties", True)
        if not isinstance(more, bool):
            raise refusal(
                self._name,
                at,
                "additionalProperties with a schema is not supported",
                hint="name each field under properties",
            )
        required = _strings(node.get("required", []))
        if required is None or (unknown := [one for one in required if one not in properties]):
            raise refusal(
                self._name,
                at,
                f"required names {', '.join(unknown)[:80]}, which properties lacks"
                if required is not None
                else "required is no list of names",
                hint="required lists fields that stand under properties",
            )
        below: Node = {}
        for key, value in properties.items():
            self._check_name(key, at)
            below[key] = self.place(value, f"{at}.{key}" if at else key, stack, depth + 1)
        return {"properties": below, "required": required}

    def _check_name(self, key: str, at: str) -> None:
        if (
            not key.strip()
            or len(key) > 100
            or any(c in ".[]" or not c.isprintable() for c in key)
            or key.startswith("@")
        ):
            raise refusal(
                self._name,
                at,
                f"{key[:100]!r} is no name for a field",
                hint="without . [ ], not empty, at most 100 characters, and not beginning with @",
            )

    def _array(self, node: Node, at: str, stack: tuple[str, ...], depth: int) -> Node:
        items = node.get("items")
        if not isinstance(items, Mapping):
            raise refusal(
                self._name,
                at,
                "an array whose items have no one schema",
                hint='say what all of them are: "items": {"type": "string"}',
            )
        below = self.place(items, f"{at}[]", stack, depth + 1)
        if below["type"] in ("array", ["array", "null"]):
            raise refusal(
                self._name, at, "an array of arrays is not supported", hint="make it flatter"
            )
        return {"items": below}

    def _choices(
        self, node: Node, kind: str, at: str, *, nullable: bool
    ) -> tuple[list[Json], bool]:
        """The values of an enumeration without null, and whether null is one more."""
        told = [node["const"]] if "const" in node else node["enum"]
        if not isinstance(told, list) or not 1 <= len(told) <= MOST_CHOICES:
            raise refusal(
                self._name,
                at,
                f"enum is no list of 1 to {MOST_CHOICES} values",
                hint="leave enum out where there are more, and let the field be any text",
            )
        choices = [one for one in told if one is not None]
        fitting = [
            one
            for one in choices
            if isinstance(one, _PYTHON[kind]) and (kind == "boolean" or not isinstance(one, bool))
        ]
        if not choices or len(fitting) < len(choices):
            raise refusal(
                self._name,
                at,
                f"enum holds what is no {kind}",
                hint="let type and the values agree; null besides is fine",
            )
        if len({str(one) for one in choices}) < len(choices):
            raise refusal(self._name, at, "enum says a value twice", hint="say it once")
        # null is a value of an enumeration only if that lists it, or if an anyOf added it
        by_type = isinstance(node.get("type"), list)
        return choices, nullable and (None in told or not by_type)


def _strings(value: Json) -> list[str] | None:
    """A list of strings, also for a single one; None for anything else."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return cast("list[str]", list(value))
    return None


def _is_null(node: Node) -> bool:
    return node.get("type") == "null" or node.get("enum") == [None] or node.get("const", 0) is None


def _implied(node: Node) -> list[str]:
    """The types that a schema without ``type`` means."""
    if "properties" in node:
        return ["object"]
    if "items" in node:
        return ["array"]
    values = [node["const"]] if "const" in node else node.get("enum")
    found = []
    for value in values if isinstance(values, list) else []:
        kind = next(
            (
                name
                for name, one in (
                    ("null", type(None)),
                    ("boolean", bool),
                    ("string", str),
                    ("integer", int),
                    ("number", float),
                )
                if isinstance(value, one)
            ),
            "object",
        )
        if kind not in found:
            found.append(kind)
    return found


def _shown_type(kind: Json) -> str:
    named = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"an {named}" if named[0] in "aio" else f"a {named}"
