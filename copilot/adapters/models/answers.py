"""Reads the JSON out of what a model wrote.

Invariant: what comes out stood in the text; of a text that was cut, what was whole by then; the
time that it takes grows with the text's length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from copilot.extracted import Json

_FENCED = re.compile(r"```[a-zA-Z]*\s*\n(?P<inside>.*?)(?:\n[ \t]*```|\Z)", re.S)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.S)
LONGEST = 2_000_000


def read_json(text: str) -> tuple[Mapping[str, Json], bool] | None:
    """The JSON object in an answer, and whether it is whole; None when there is none.

    Fences, remarks around it and a model's thinking aloud are passed over.
    """
    if len(text) > LONGEST:
        return None
    said = _without_thoughts(text)
    fenced = _FENCED.search(said)
    for part in ([fenced["inside"]] if fenced else []) + [said]:
        found = _whole(part) or _from_first_brace(part)
        if found is not None:
            return found, True
    start = said.find("{")
    begun = _begun(said[start:]) if start >= 0 else None
    return None if begun is None else (begun, False)


def _without_thoughts(text: str) -> str:
    last = text.rfind("</think")
    if last < 0:
        return text
    end = last + len("</thinking>")  # beginnings behind it have no end to be looked for
    return _THOUGHT.sub("", text[:end]) + text[end:]


def _whole(text: str) -> Mapping[str, Json] | None:
    try:
        return _object(json.loads(text, strict=False, parse_constant=_null))
    except (ValueError, RecursionError):
        return None


def _from_first_brace(text: str) -> Mapping[str, Json] | None:
    """The first object that is whole, whatever follows it."""
    start = text.find("{")
    if start < 0:
        return None
    decoder = json.JSONDecoder(strict=False, parse_constant=_null)
    try:
        return _object(decoder.raw_decode(text, start)[0])
    except (ValueError, RecursionError):
        return None


def _begun(text: str) -> Mapping[str, Json] | None:
    """An object whose end is missing, without the value that was cut."""
    from pydantic_core import from_json

    try:
        return _object(from_json(text, allow_partial=True))
    except ValueError:
        return None


def _object(value: object) -> Mapping[str, Json] | None:
    return cast("Mapping[str, Json]", value) if isinstance(value, dict) else None


def _null(constant: str) -> None:
    """NaN and Infinity are no JSON and no value of a record."""
    return
