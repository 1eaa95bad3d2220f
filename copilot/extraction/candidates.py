"""A value that stands in a text, before anything is known of the field that it may fill.

Invariant: frozen; what a candidate says stands at its offsets, in the text's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from copilot.extracted import Json


class CandidateKind(StrEnum):
    """What sort of value; in brackets the form of ``value``."""

    EMAIL = "email"  # lower case
    PHONE = "phone"  # E.164
    URL = "url"  # with a scheme
    DATE = "date"  # 2026-11-22; None where it was asked for days that nothing dates
    DATE_TIME = "date_time"  # 2026-11-22T14:05, with +01:00 or Z if a zone stands beside it
    TIME = "time"  # 14:05
    TIME_ZONE = "time_zone"  # IANA name or +01:00
    MONEY = "money"  # a number; ``unit`` is the currency, ISO 4217
    NUMBER = "number"  # a number; ``unit`` is the noun beside it, as it stands there
    PERCENT = "percent"  # a number, 40 for 40 %
    VERSION = "version"  # without a leading v
    ERROR_CODE = "error_code"  # as shown
    REFERENCE = "reference"  # as shown, without #; ``unit`` is what it is: order, invoice …
    PRODUCT = "product"  # the configured name
    COMPONENT = "component"
    PLAN = "plan"
    COMPETITOR = "competitor"
    PERSON = "person"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Candidate:
    """``text[start:end]`` says ``value``. ``confidence`` is 0 to 1, of its being such a value.

    ``label``: the words before it that name it ("order no", "bis", "since"), folded: lower case, no
    accents; or the header or form label that it stands under; of a telephone number what it is
    (phone, mobile, direct, reception, fax); of a time ``stamp`` at a line's start in a log or chat,
    ``until`` at the end of a span; of money what names the sum, and ``per user``, ``per month`` ….
    Where words may mean two days, both stand at the same place, the likelier first.
    """

    kind: CandidateKind
    value: Json
    start: int
    end: int
    confidence: float = 0.9
    unit: str = ""
    label: str = ""
