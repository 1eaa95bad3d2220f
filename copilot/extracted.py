"""What extraction makes of a text: values with the words that prove them.

Invariant: frozen; a value that was read from the text has its quote, and
``text[evidence.start:evidence.end] == evidence.quote`` in the text as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from copilot.messages import PromptVersion, Turn, Usage

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
else:
    Json = Any  # the codec leaves such a value as it is: arrays are lists

RecordStatus = Literal["valid", "invalid"]


class NullReason(StrEnum):
    """Why a field has no value."""

    NOT_STATED = "not_stated"  # it was looked for, and the text doesn't say it
    NOT_CONFIGURED = "not_configured"  # only names of the configuration fill it; it has none
    NEEDS_MODEL = "needs_model"  # only a model could read it, and none did
    AMBIGUOUS = "ambiguous"  # the text says several things, and nothing tells which is meant
    QUOTE_NOT_FOUND = "quote_not_found"  # a model's value, whose quote isn't in the text
    VALUE_NOT_IN_QUOTE = "value_not_in_quote"  # … or whose quote doesn't say it
    INVALID = "invalid"  # what the text says isn't a value of this field
    OVER_BUDGET = "over_budget"  # the model might have read it, and the budget ended before


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of the text that state a value. Offsets count characters, ``end`` exclusive."""

    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One leaf of a record. ``confidence`` is 0 to 1: how often such a value was right.

    ``normalised_from``: the text's own form, where ``value`` is another one of the same meaning.
    ``null_reason`` is set where ``value`` is None, and only there.
    ``read_by``: ``rules`` or the model's name; ``person`` after an edit, when evidence may lack.
    """

    value: Json = None
    evidence: Evidence | None = None
    confidence: float = 0.0
    null_reason: NullReason | None = None
    normalised_from: str = ""
    read_by: str = "rules"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with a record: where (``lines[2].amount``; empty: all of it) and what."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text that records are read from.

    ``text`` is what offsets count in. ``verbatim``: it is the input itself, not a reader's
    rendering of it. ``digest``: SHA-256 of the input's bytes, in hexadecimal.
    ``received_at``: when it was sent, as far as it says so; what "yesterday" refers to.
    """

    name: str
    text: str
    digest: str
    media_type: str = "text/plain"
    verbatim: bool = True
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExtractedRecord:
    """A record with its proof; ``record`` holds the values of ``fields`` in the schema's shape.

    ``fields`` is keyed by path, items of an array by their index: ``attendees[0]``; an array
    without items has one entry by its name, ``attendees``, that says why.

    ``source_digest`` and ``ordinal`` name what it was read from: a text's n-th record, from 0.
    ``suspicions``: what in the text tries to instruct who reads it, in plain words.
    """

    id: str
    schema: str
    schema_version: str
    status: RecordStatus
    record: Mapping[str, Json]
    fields: Mapping[str, FieldValue]
    errors: tuple[FieldError, ...] = ()
    source_name: str = ""
    source_digest: str = ""
    ordinal: int = 0
    suspicions: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class StructuredRequest:
    """One call to a model for JSON of ``json_schema``. The texts are final; no templates left.

    ``token_budget``: no further request once so many tokens, read and written, were spent.
    """

    model: str
    system: str
    turns: tuple[Turn, ...]
    json_schema: Mapping[str, Json]
    schema_name: str
    max_output_tokens: int = 2048
    temperature: float = 0.0
    token_budget: int = 20_000
    prompt: PromptVersion | None = None


@dataclass(frozen=True, slots=True)
class StructuredAnswer:
    """What a model answered, as JSON; ``usage`` is that of the request which brought it.

    ``whole``: False for the beginning of an answer that its length limit cut.
    """

    data: Mapping[str, Json]
    usage: Usage
    whole: bool = True
