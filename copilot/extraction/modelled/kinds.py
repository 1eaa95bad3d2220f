"""What sort of value a field takes, which decides how a model's value is proven.

Invariant: every field has exactly one; those whose words must be the text's own are the default.
"""

from __future__ import annotations

import re
from enum import StrEnum

from copilot.schemas import FieldRole, FieldSpec


class ValueKind(StrEnum):
    """How a value relates to its quote."""

    CHOICE = "choice"  # one of several; the quote is what it was told by
    TRUTH = "truth"  # yes or no, in the same way
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"  # a day, or a day and a time
    CLOCK = "clock"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    CURRENCY = "currency"
    NAMED = "named"  # a configured name, or words of the text
    CALLED = "called"  # the name of a person or a company, or an address
    OWN_WORDS = "own_words"  # a stretch of the text
    SUMMARY = "summary"  # free words, of which each number and name stands in the text
    TEXT = "text"  # words of the quote


_MOMENTS = frozenset(
    {
        FieldRole.OCCURRED_AT,
        FieldRole.STARTED_AT,
        FieldRole.DETECTED_AT,
        FieldRole.RESOLVED_AT,
        FieldRole.DATE_TIME,
    }
)
_BY_ROLE = {
    **dict.fromkeys(_MOMENTS, ValueKind.MOMENT),
    FieldRole.START_TIME: ValueKind.CLOCK,
    FieldRole.END_TIME: ValueKind.CLOCK,
    FieldRole.PERSON_EMAIL: ValueKind.EMAIL,
    FieldRole.PERSON_PHONE: ValueKind.PHONE,
    FieldRole.PERSON_MOBILE: ValueKind.PHONE,
    FieldRole.URL: ValueKind.URL,
    FieldRole.CURRENCY: ValueKind.CURRENCY,
    FieldRole.PRODUCT: ValueKind.NAMED,
    FieldRole.COMPONENT: ValueKind.NAMED,
    FieldRole.COMPETITOR: ValueKind.NAMED,
    FieldRole.PERSON_NAME: ValueKind.CALLED,
    FieldRole.PERSON_NAMES: ValueKind.CALLED,
    FieldRole.COMPANY: ValueKind.CALLED,
    FieldRole.ADDRESS: ValueKind.CALLED,
    FieldRole.TITLE: ValueKind.OWN_WORDS,
    FieldRole.IMPACT: ValueKind.OWN_WORDS,
    FieldRole.CAUSE: ValueKind.OWN_WORDS,
    FieldRole.REASON: ValueKind.OWN_WORDS,
    FieldRole.WORKAROUND: ValueKind.OWN_WORDS,
    FieldRole.NEXT_STEP: ValueKind.OWN_WORDS,
    FieldRole.DECISIONS: ValueKind.OWN_WORDS,
    FieldRole.ACTION_ITEMS: ValueKind.OWN_WORDS,
}
_BY_FORMAT = {
    "date": ValueKind.DAY,
    "date-time": ValueKind.MOMENT,
    "time": ValueKind.CLOCK,
    "email": ValueKind.EMAIL,
    "idn-email": ValueKind.EMAIL,
    "uri": ValueKind.URL,
    "iri": ValueKind.URL,
}
_SUMMARY = re.compile(
    r"summar|abstract|synopsis|zusammenfass|kurzfass|résum|resumé|resume\b|resumen|sintesis"
    r"|in your own words",
    re.I,
)


def kind_of(spec: FieldSpec) -> ValueKind:
    """The kind of a field's value."""
    if spec.choices:
        return ValueKind.CHOICE
    if spec.type == "boolean":
        return ValueKind.TRUTH
    if spec.type in ("number", "integer"):
        return ValueKind.NUMBER
    if spec.format in _BY_FORMAT:
        return _BY_FORMAT[spec.format]
    if spec.role in _BY_ROLE:
        return _BY_ROLE[spec.role]
    if spec.role is FieldRole.TEXT and _SUMMARY.search(f"{spec.path[-1]} {spec.description}"):
        return ValueKind.SUMMARY
    return ValueKind.TEXT


_SAID = {
    ValueKind.TRUTH: "true or false",
    ValueKind.DAY: "a date, YYYY-MM-DD",
    ValueKind.MOMENT: "YYYY-MM-DD, or YYYY-MM-DDTHH:MM if a time is given, with a zone (+01:00, Z) "
    "only if the text names one",
    ValueKind.CLOCK: "HH:MM, 24 hours",
    ValueKind.EMAIL: "an e-mail address",
    ValueKind.PHONE: "E.164, such as +4930123456",
    ValueKind.URL: "an address with its scheme",
    ValueKind.CURRENCY: "an ISO 4217 code",
    ValueKind.NAMED: "the name as the text has it",
    ValueKind.CALLED: "as the text has it",
    ValueKind.OWN_WORDS: "in the text's own words",
    ValueKind.SUMMARY: "in your own words, short",
    ValueKind.TEXT: "as the text has it",
}


def described(spec: FieldSpec) -> str:
    """How a model is told to write a value of this field."""
    kind = kind_of(spec)
    if kind is ValueKind.CHOICE:
        return "one of " + ", ".join(f'"{one}"' for one in spec.choices)
    if kind is ValueKind.NUMBER:
        return "a whole number" if spec.type == "integer" else "a number"
    return _SAID[kind]
