"""Reads a schema that was typed as one line: ``name, amount: float, due: date?, tags: str[]``.

Invariant: gives a JSON Schema of one level, or raises a SchemaError that names the field.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from copilot.errors import SchemaError
from copilot.extracted import Json
from copilot.extraction.schemas.roles import Leaf, inferred
from copilot.schemas import FieldRole

NAME = "form"
LONGEST = 4_000
_FIELD = re.compile(r"(?P<name>[^\W\d][\w-]*)\s*(?P<may>\?)?\s*(?::\s*(?P<type>.*))?", re.S)
_TYPES: dict[str, dict[str, Json]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    # JSON Schema's date-time wants a zone, which few texts state
    "datetime": {
        "type": "string",
        "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
        r"T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d\d:\d\d)?$",
    },
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "phone": {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"},
}
TYPES = frozenset(_TYPES)
# Who writes these means Python's types; an e-mail or a phone can be a choice.
_NO_CHOICES = frozenset({"str", "int", "float", "bool", "datetime", "None", "null"})
_HINT = (
    f"types are {', '.join(_TYPES)}, low|high for one of several, str[] for many; "
    "a ? at the end: it may be absent"
)


def read_line(line: str) -> dict[str, Json]:
    """The JSON Schema of a one-line form. A field without a type is a ``str``."""
    if len(line) > LONGEST:
        raise SchemaError(
            f"the one-line form has more than {LONGEST} characters",
            hint="write it as a JSON Schema file",
        )
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for part in line.split(","):
        found = _FIELD.fullmatch(part.strip())
        if found is None:
            raise SchemaError(
                f"{part.strip()[:80]!r} is no field of a one-line form",
                hint='write "name, email, amount: float, due: date?"; ' + _HINT,
            )
        name, typed = found["name"], (found["type"] or "str").strip()
        if name in properties:
            raise SchemaError(
                f"the one-line form names {name} twice", hint="each field has a name of its own"
            )
        may_lack = bool(found["may"]) or typed.endswith("?")
        properties[name] = _schema(name, typed.removesuffix("?").rstrip() or "str", may_lack)
        if not may_lack:
            required.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _schema(name: str, typed: str, may_lack: bool) -> dict[str, Json]:
    if typed.endswith("[]"):
        items = _schema(name, typed.removesuffix("[]").rstrip(), False)
        if items["type"] == "array":
            raise SchemaError(f"{name}: an array of arrays is not supported", hint=_HINT)
        kind: Json = ["array", "null"] if may_lack else "array"
        return {"type": kind, "items": items}
    if "|" in typed:
        return _choice(name, typed, may_lack)
    if typed not in _TYPES:
        near = get_close_matches(typed.lower(), _TYPES, n=1)
        known = {"string": "str", "text": "str", "integer": "int", "number": "float"} | {
            "boolean": "bool",
            "mail": "email",
            "uri": "url",
        }
        nearest = known.get(typed.lower()) or (near[0] if near else "")
        raise SchemaError(
            f"{name}: {typed[:80]!r} is no type of a one-line form",
            hint=f"did you mean {nearest}? {_HINT}" if nearest else _HINT,
        )
    schema = dict(_TYPES[typed])
    if typed == "datetime":
        schema["x-role"] = inferred(Leaf((name,), "string", format="date-time")).value
    elif typed == "phone":
        mobile = inferred(Leaf((name,), "string")) is FieldRole.PERSON_MOBILE
        schema["x-role"] = (FieldRole.PERSON_MOBILE if mobile else FieldRole.PERSON_PHONE).value
    if may_lack:
        schema["type"] = [schema["type"], "null"]
    return schema


def _choice(name: str, typed: str, may_lack: bool) -> dict[str, Json]:
    choices: list[Json] = [one.strip().strip("\"'") for one in typed.strip("()").split("|")]
    if "" in choices or len(set(map(str, choices))) < len(choices):
        raise SchemaError(
            f"{name}: {typed[:80]!r} has an empty choice, or one twice",
            hint=f"write {name}: low|normal|high",
        )
    if types := [one for one in choices if one in _NO_CHOICES]:
        raise SchemaError(
            f"{name}: {types[0]} is no choice but a type",
            hint=f"a field has one type; if it may be absent, write {name}: str?",
        )
    if may_lack:
        return {"type": ["string", "null"], "enum": [*choices, None]}
    return {"type": "string", "enum": choices}
