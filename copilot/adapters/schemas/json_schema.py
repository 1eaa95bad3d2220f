"""The check of a record against a JSON Schema, by the jsonschema library.

Invariant: a check raises nothing and ends soon, whatever the record and the schema's patterns: a
pattern has ``PATTERN_S`` seconds for a value, then the value counts as one that doesn't match.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from copilot.adapters.schemas import formats
from copilot.adapters.schemas.patterns import PATTERN_S
from copilot.adapters.schemas.wording import (
    EMPTY,
    EXTRA,
    MISSING,
    in_order,
    kind,
    not_a,
    shown,
    unbounded,
)
from copilot.errors import SchemaError
from copilot.extracted import FieldError, Json
from copilot.schemas import Check

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

LONGEST_PATTERN = 1_000
LONGEST_VALUE = 100_000  # characters that a pattern looks at
MOST_ERRORS = 100


def json_check(schema: Mapping[str, Json], name: str) -> Check:
    """What tells what is wrong with a record. ``name`` stands in errors.

    Raises SchemaError where it isn't JSON Schema 2020-12, or a pattern is no regular expression.
    """
    import jsonschema

    _check_patterns(schema, "", name)
    try:
        # without formats: patterns were looked at above, by what looks for them
        formatless = jsonschema.FormatChecker(formats=())
        _validator_class().check_schema(schema, format_checker=formatless)
    except jsonschema.SchemaError as error:
        path = list(error.absolute_path)
        at = "".join(f"{one}: " for one in (_place(path), _keyword(path)) if one)
        raise SchemaError(
            f"{name}: {at}not JSON Schema: {error.message[:200]}",
            hint="it is read as JSON Schema 2020-12",
        ) from error
    validator = _validator_class()(dict(schema), format_checker=_format_checker())

    def check(record: Mapping[str, Json]) -> tuple[FieldError, ...]:
        found: list[tuple[Sequence[str | int], str]] = list(unbounded(record))
        for error in () if found else validator.iter_errors(record):
            found += _told(error)
            if len(found) >= MOST_ERRORS:
                break
        return in_order(found, schema)

    return check


def _place(path: list[str | int]) -> str:
    """The place in a schema as a record's: ``lines[].amount`` of properties/lines/items/…"""
    text = ""
    for before, part in zip([None, *path], path, strict=False):
        if before == "properties":
            text += f".{part}" if text else str(part)
        elif part == "items":
            text += "[]"
    return text


def _keyword(path: list[str | int]) -> str:
    """What is wrong at the place: the path's last name, unless that is a field's."""
    *before, last = path or [""]
    return "" if before[-1:] == ["properties"] else str(last)


def _check_patterns(node: Json, at: str, name: str) -> None:
    if not isinstance(node, Mapping):
        return
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        _compile(pattern, at, name)
    properties = node.get("properties")
    if isinstance(properties, Mapping):
        for key, below in properties.items():
            _check_patterns(below, f"{at}.{key}" if at else key, name)
    _check_patterns(node.get("items"), f"{at}[]", name)


def _compile(pattern: str, at: str, name: str) -> None:
    import regex

    if len(pattern) > LONGEST_PATTERN:
        raise SchemaError(
            f"{name}: {at}: a pattern of more than {LONGEST_PATTERN} characters",
            hint="make it shorter",
        )
    try:
        _compiled(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise SchemaError(
            f"{name}: {at}: pattern is no regular expression: {error}",
            hint="mend it; a backslash is doubled in JSON",
        ) from error


@cache
def _compiled(pattern: str) -> Any:
    import regex

    return regex.compile(pattern, regex.VERSION0)


@cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator, validators

    ours = {"pattern": _pattern, "multipleOf": _multiple_of}
    return cast("Any", validators.extend)(Draft202012Validator, ours)


def _pattern(
    validator: Any, pattern: str, value: Any, schema: Mapping[str, Json]
) -> Iterator[ValidationError]:
    """jsonschema's own would search without a limit of time."""
    from jsonschema.exceptions import ValidationError

    if not isinstance(value, str):
        return
    try:
        if not _compiled(pattern).search(value[:LONGEST_VALUE], timeout=PATTERN_S):
            yield ValidationError(f"doesn't match {pattern[:120]}: {shown(value)}")
    except TimeoutError:
        yield ValidationError(
            f"the pattern {pattern[:80]} takes too long to tell whether it matches {shown(value)}"
        )


def _multiple_of(
    validator: Any, unit: float, value: Any, schema: Mapping[str, Json]
) -> Iterator[ValidationError]:
    """jsonschema's own divides floats, for which 19.99 is no multiple of 0.01."""
    from jsonschema.exceptions import ValidationError

    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and Fraction(str(value)) % Fraction(str(unit)):
        yield ValidationError(f"{shown(value)} is no multiple of {unit}")


@cache
def _format_checker() -> Any:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name in formats.NAMES:
        checker.checks(name)(_format(name))
    return checker


def _format(name: str) -> Any:
    return lambda value: not isinstance(value, str) or formats.fits(name, value)


def _told(error: ValidationError) -> list[tuple[list[str | int], str]]:
    """The error in plain words, with the path of what it is about."""
    path: list[str | int] = list(error.absolute_path)
    value, limit = cast("Any", error.instance), cast("Any", error.validator_value)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "required":
            # jsonschema gives one error a name, and the name only in its words
            names = [one for one in schema.get("required", []) if one not in value]
            return [([*path, one], MISSING) for one in names]
        case "additionalProperties":
            known = schema.get("properties", {})
            return [([*path, str(one)], EXTRA) for one in value if one not in known]
        case "type":
            kinds = [limit] if isinstance(limit, str) else [one for one in limit if one != "null"]
            return [(path, not_a(kinds[0] if kinds else "null", value))]
        case "enum":
            choices = [one for one in limit if one is not None]
            named = ", ".join(str(one) for one in choices[:12]) + (" …" * (len(choices) > 12))
            said = EMPTY if value is None else f"{shown(value)} is none of {named}"
            return [(path, said)]
        case "format":
            return [(path, not_a(str(limit), value))]
        case "pattern":
            return [(path, error.message)]
    return [(path, _measured(str(error.validator), limit, value))]


def _measured(keyword: str, limit: Any, value: Any) -> str:
    words = {
        "minimum": f"{shown(value)} is less than {limit}",
        "maximum": f"{shown(value)} is more than {limit}",
        "exclusiveMinimum": f"{shown(value)} is not more than {limit}",
        "exclusiveMaximum": f"{shown(value)} is not less than {limit}",
        "multipleOf": f"{shown(value)} is no multiple of {limit}",
        "minLength": f"shorter than {limit} characters: {shown(value)}",
        "maxLength": f"longer than {limit} characters: {shown(value)}",
        "minItems": f"fewer than {limit}",
        "maxItems": f"more than {limit}",
        "uniqueItems": f"{kind('array')} that says something twice",
    }
    return words.get(keyword, f"breaks {keyword} of the schema: {shown(value)}")
