"""Values that are one of several: the quote is what they were told by, and need not name them.

Invariant: what comes out is one of the field's choices, in its own spelling and type.
"""

from __future__ import annotations

import re

from copilot.extracted import Evidence, Json, NullReason
from copilot.extraction.finding.sheet import fold
from copilot.extraction.modelled.kinds import described
from copilot.extraction.modelled.verdicts import SURE_TOLD, Proven, Refused, Verdict, not_said
from copilot.schemas import FieldSpec


def chosen(spec: FieldSpec, value: Json, quote: Evidence) -> Verdict:
    """The choice that was meant, whatever its casing, blanks and dashes."""
    choice = _meant(spec, value)
    if choice is None:
        return Refused(NullReason.INVALID, f"the value isn't {described(spec)[:300]}")
    if not (has_words(quote.quote) or _stands_in(_spelt(choice), quote.quote)):
        return not_said(f"{choice!r}")
    taken = _typed(choice, spec)
    same = fold(str(taken)) == fold(quote.quote)
    return Proven(taken, quote, SURE_TOLD, "" if same else quote.quote)


def truth(value: Json, quote: Evidence) -> Verdict:
    told = {"true": True, "yes": True, "false": False, "no": False}
    found = value if isinstance(value, bool) else told.get(str(value).strip().lower())
    if found is None:
        return Refused(NullReason.INVALID, "the value is neither true nor false")
    if not has_words(quote.quote):
        return not_said("whether it is so")
    return Proven(found, quote, SURE_TOLD, quote.quote)


def has_words(text: str) -> bool:
    """Whether there is a letter; of numbers and marks alone, nothing tells what they are about."""
    return any(char.isalpha() for char in text)


def _meant(spec: FieldSpec, value: Json) -> str | None:
    if not isinstance(value, str | int | float):
        return None
    if str(value) in spec.choices:  # "High" and "high" may both be choices
        return str(value)
    if spec.type in ("integer", "number") and not isinstance(value, str | bool):
        return next((one for one in spec.choices if _typed(one, spec) == value), None)
    said = _spelt(str(value))
    return next((one for one in spec.choices if said and _spelt(one) == said), None)


def _stands_in(said: str, quote: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(said)}(?!\w)", _spelt(quote)) is not None


def _typed(choice: str, spec: FieldSpec) -> Json:
    match spec.type:
        case "integer":
            return int(choice)
        case "number":
            return float(choice)
        case "boolean":
            return choice == "True"
    return choice


def _spelt(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", fold(text)).strip()
