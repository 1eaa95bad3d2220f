"""What a schema can't be: the keywords that extraction doesn't fill, and how an error says so.

Invariant: each refusal names the schema, the place in it, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from copilot.errors import SchemaError

ANNOTATIONS = frozenset(
    {
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
    }
)
AT_THE_TOP = frozenset({"$schema", "$id", "$defs", "definitions"})
ASSERTIONS = frozenset(
    {
        "type",
        "enum",
        "const",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
    }
)
COMBINING = frozenset({"$ref", "anyOf", "allOf"})
_KNOWN = ANNOTATIONS | AT_THE_TOP | ASSERTIONS | COMBINING
_ONE_SHAPE = "a record has one shape: write the fields out, and let those that may lack be null"
_NAMED = "name each field under properties"
_INSTEAD = {
    "oneOf": f'{_ONE_SHAPE}: "type": ["string", "null"]',
    "anyOf": 'only anyOf of one type and null is; or write "type": ["string", "null"]',
    "allOf": "only allOf of one schema is; write its fields out",
    "not": "say what is allowed: enum, pattern, minimum …",
    "if": _ONE_SHAPE,
    "then": _ONE_SHAPE,
    "else": _ONE_SHAPE,
    "dependentRequired": _ONE_SHAPE,
    "dependentSchemas": _ONE_SHAPE,
    "dependencies": _ONE_SHAPE,
    "patternProperties": _NAMED,
    "propertyNames": _NAMED,
    "minProperties": _NAMED,
    "maxProperties": _NAMED,
    "unevaluatedProperties": 'write "additionalProperties": false',
    "prefixItems": "all items of an array are of one kind: items",
    "additionalItems": "all items of an array are of one kind: items",
    "unevaluatedItems": "all items of an array are of one kind: items",
    "contains": "all items of an array are of one kind: items",
    "minContains": "write minItems",
    "maxContains": "write maxItems",
    "discriminator": _ONE_SHAPE,
    "nullable": 'write "type": ["string", "null"]',
    "$anchor": "refer to it by its place: #/$defs/NAME",
    "$dynamicRef": "refer to it by its place: #/$defs/NAME",
    "$dynamicAnchor": "refer to it by its place: #/$defs/NAME",
    "$recursiveRef": "refer to it by its place: #/$defs/NAME",
    "$recursiveAnchor": "refer to it by its place: #/$defs/NAME",
    "$vocabulary": "leave it out",
    "id": 'write "$id", at the top',
    "example": 'write "examples": […]',
}


def refusal(schema: str, at: str, what: str, *, hint: str = "") -> SchemaError:
    """The error about one place of a schema; ``at`` empty is the whole of it."""
    return SchemaError(f"{schema}: {at}: {what}" if at else f"{schema}: {what}", hint=hint)


def refuse_keywords(schema: str, at: str, keywords: Iterable[str]) -> None:
    """Raise for the first keyword that extraction doesn't know; ``x-`` ones are anybody's."""
    for keyword in keywords:
        if keyword.startswith("x-") or keyword in _KNOWN - AT_THE_TOP:
            continue
        if keyword in AT_THE_TOP:
            if at:
                raise refusal(
                    schema,
                    at,
                    f"{keyword} stands at the schema's top only",
                    hint="move it there, and what it defines under $defs",
                )
            continue
        if keyword in _INSTEAD:
            raise refusal(schema, at, f"{keyword} is not supported here", hint=_INSTEAD[keyword])
        near = get_close_matches(keyword, sorted(_KNOWN), n=1)
        raise refusal(
            schema,
            at,
            f"{keyword!r} is no keyword that extraction knows",
            hint=f"did you mean {near[0]}?" if near else f"leave it out, or call it x-{keyword}",
        )


def unsupported(schema: str, at: str, keyword: str, *, found: str = "") -> SchemaError:
    """The refusal of a keyword that is supported in other forms than this one."""
    tail = f": {found}" if found else ""
    return refusal(
        schema, at, f"this {keyword} is not supported{tail}", hint=_INSTEAD.get(keyword, "")
    )
