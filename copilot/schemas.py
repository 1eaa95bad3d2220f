"""What a record may hold: the fields of an extraction schema, flat, and how each is read.

Invariant: frozen; ``Schema.json_schema`` is plain JSON Schema 2020-12 without references, and every
leaf of it has exactly one ``FieldSpec``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from copilot.extracted import FieldError, Json

JsonType = Literal["string", "number", "integer", "boolean"]
Check: TypeAlias = "Callable[[Mapping[str, Json]], tuple[FieldError, ...]]"


class FieldRole(StrEnum):
    """What a field means, as the extractor without a model knows it; ``TEXT`` is anything else.

    ``person_*`` and ``company`` are those of whom the record is about: of a ticket its requester,
    of a contact the contact. ``date`` and ``date_time`` are moments without a known part to play.
    """

    TITLE = "title"
    PERSON_NAME = "person_name"
    PERSON_NAMES = "person_names"
    PERSON_EMAIL = "person_email"
    PERSON_PHONE = "person_phone"
    PERSON_MOBILE = "person_mobile"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    ADDRESS = "address"
    LANGUAGE = "language"
    PRODUCT = "product"
    COMPONENT = "component"
    COMPETITOR = "competitor"
    VERSION = "version"
    ERROR_CODE = "error_code"
    REFERENCE = "reference"
    URL = "url"
    CATEGORY = "category"
    SEVERITY = "severity"
    STATUS = "status"
    STAGE = "stage"
    OCCURRED_AT = "occurred_at"
    STARTED_AT = "started_at"
    DETECTED_AT = "detected_at"
    RESOLVED_AT = "resolved_at"
    DUE_DATE = "due_date"
    CLOSE_DATE = "close_date"
    NEXT_STEP = "next_step"
    NEXT_STEP_DATE = "next_step_date"
    MEETING_DATE = "meeting_date"
    START_TIME = "start_time"
    END_TIME = "end_time"
    TIME_ZONE = "time_zone"
    LOCATION = "location"
    DATE = "date"
    DATE_TIME = "date_time"
    TIME = "time"
    AMOUNT = "amount"
    CURRENCY = "currency"
    COUNT = "count"
    PERCENT = "percent"
    IMPACT = "impact"
    CAUSE = "cause"
    REASON = "reason"
    WORKAROUND = "workaround"
    DECISIONS = "decisions"
    ACTION_ITEMS = "action_items"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One leaf of a schema. ``path`` leads to it from the record; ``"[]"`` steps into an array.

    ``choices``: the values of an enumeration, without null. ``examples``: pairs of a choice and
    what people say for it. ``nullable``: null is a valid value. ``required``: the key must be
    there. ``format`` is JSON Schema's (``date``, ``email`` …).
    """

    path: tuple[str, ...]
    type: JsonType
    role: FieldRole = FieldRole.TEXT
    description: str = ""
    choices: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    format: str = ""
    pattern: str = ""
    nullable: bool = True
    required: bool = True

    @property
    def name(self) -> str:
        """The path as people write it: ``requester_email``, ``address.city``, ``attendees[]``."""
        return ".".join(self.path).replace(".[]", "[]")

    @property
    def many(self) -> bool:
        """Whether it may have several values."""
        return "[]" in self.path


@dataclass(frozen=True, slots=True)
class Schema:
    """What ``copilot extract`` fills. ``many``: one text may give several records.

    ``check`` tells what is wrong with a whole record, in the schema's own order; empty: valid. It
    is the schema's author's word (JSON Schema, or a Pydantic class with its validators).
    """

    name: str
    version: str
    fields: tuple[FieldSpec, ...]
    json_schema: Mapping[str, Json]
    description: str = ""
    many: bool = False
    check: Check = field(default=lambda record: (), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RecordClass:
    """A class that somebody wrote for their records: its schema in its own words, its checks."""

    name: str
    json_schema: Mapping[str, Json]
    check: Check = field(repr=False, compare=False)
