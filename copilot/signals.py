"""What leaves the ledger for other people's dashboards, as values: runs to trace, spans, metrics.

Invariant: without texts. A ``TracedRun`` holds names, figures and times only, so that whatever
is made of it carries nothing that a person or a model wrote, unless it is given ``texts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from copilot.messages import PromptVersion

Value = str | bool | int | float | tuple[str, ...] | tuple[float, ...]


# --- runs, as an export reads them ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TracedHit:
    rank: int
    passage_id: str
    document_id: str
    score: float | None


@dataclass(frozen=True, slots=True)
class TracedAttempt:
    """One request to a provider, which ended at ``ended_at``.

    ``estimated``: the provider never said what it counted, so tokens and money are our count.
    """

    record_id: str
    model: str
    outcome: str
    error_type: str
    input_tokens: int
    output_tokens: int
    cost_microusd: int | None
    estimated: bool
    first_token_ms: float | None
    latency_ms: float
    operation: str
    ended_at: datetime

    @property
    def started_at(self) -> datetime:
        return _before(self.ended_at, self.latency_ms)


@dataclass(frozen=True, slots=True)
class TracedTool:
    """One call of a tool, which ended at ``ended_at``, or was denied then."""

    record_id: str
    tool: str
    effect: str
    outcome: str
    tainted: bool
    error_type: str
    latency_ms: float
    ended_at: datetime

    @property
    def started_at(self) -> datetime:
        return _before(self.ended_at, self.latency_ms)


@dataclass(frozen=True, slots=True)
class TracedVerdict:
    """What the check of one sentence came to at ``checked_at``."""

    support: str
    action: str
    citations: int
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class TracedPrompt:
    """A prompt that was rendered at ``rendered_at``."""

    id: str
    version: str
    rendered_at: datetime


@dataclass(frozen=True, slots=True)
class TracedGuard:
    """A check of a guard, which ended at ``ended_at``."""

    guard: str
    latency_ms: float
    ended_at: datetime

    @property
    def started_at(self) -> datetime:
        return _before(self.ended_at, self.latency_ms)


@dataclass(frozen=True, slots=True)
class TracedRun:
    """A run that ended. ``ended_at`` is its last record's time where no latency is known."""

    id: str
    kind: str
    status: str
    started_at: datetime
    ended_at: datetime
    conversation: str
    release: str
    model: str
    prompt: PromptVersion | None
    index_version: int | None
    follow_up: bool
    retrieval_ms: float | None
    first_token_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_microusd: int | None
    error_type: str
    hits: tuple[TracedHit, ...] = ()
    attempts: tuple[TracedAttempt, ...] = ()
    tools: tuple[TracedTool, ...] = ()
    verdicts: tuple[TracedVerdict, ...] = ()
    texts: TracedTexts | None = None
    prompts: tuple[TracedPrompt, ...] = ()
    guards: tuple[TracedGuard, ...] = ()

    @property
    def searched(self) -> tuple[datetime, datetime] | None:
        """The last search. When it began isn't recorded: it is put at the beginning."""
        if self.retrieval_ms is None:
            return None
        return self.started_at, self.started_at + timedelta(milliseconds=self.retrieval_ms)


def _before(moment: datetime, milliseconds: float) -> datetime:
    return moment - timedelta(milliseconds=max(0.0, milliseconds))


@dataclass(frozen=True, slots=True)
class TracedRating:
    """What somebody thought of a run, which may have left long before."""

    record_id: str
    run_id: str
    rating: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class TracedTexts:
    """What was asked and answered: only where a person opted in, and only redacted."""

    question: str | None
    answer: str | None


# --- spans ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Who says it, and in which version of which vocabulary."""

    name: str
    version: str
    schema_url: str
    resource: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class SpanEvent:
    name: str
    at: datetime
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Span:
    """``trace_id`` has 16 bytes, ``span_id`` 8; the root's ``parent_id`` is empty.

    ``failed`` says whether its status is an error; which one stands in its attributes.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    name: str
    kind: Literal["internal", "client"]
    started_at: datetime
    ended_at: datetime
    attributes: Mapping[str, Value]
    events: tuple[SpanEvent, ...] = ()
    failed: bool = False


# --- metrics ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of a counter or a gauge."""

    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """One histogram: how many values are at most each bound, the last bound being infinite."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of numbers; ``labels`` names what each number's own ``labels`` hold.

    A counter's name ends in ``_total`` for Prometheus, which has the ``unit`` in the name, too;
    an empty label is none. ``bounds`` are the finite bounds of a histogram.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    bounds: tuple[float, ...] = ()
    distributions: tuple[Distribution, ...] = field(default=())
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RequestTotals:
    """What all requests and calls of tools add up to since ``since``, the first record's time.

    The labels of each are named in its comment; an error is empty where there was none.
    """

    since: datetime | None = None
    seconds: tuple[Distribution, ...] = ()  # operation, model, error
    first_chunk_seconds: tuple[Distribution, ...] = ()  # operation, model
    tokens: tuple[Distribution, ...] = ()  # operation, model, input or output
    tool_seconds: tuple[Distribution, ...] = ()  # tool, error


@dataclass(frozen=True, slots=True)
class Totals:
    """What all runs of a ledger add up to. The labels of each are named in its comment."""

    runs: tuple[Sample, ...] = ()  # kind, status
    attempts: tuple[Sample, ...] = ()  # model, outcome, error
    input_tokens: tuple[Sample, ...] = ()  # model
    output_tokens: tuple[Sample, ...] = ()  # model
    cost_microusd: tuple[Sample, ...] = ()  # model
    unpriced: tuple[Sample, ...] = ()  # model
    sentences: tuple[Sample, ...] = ()  # support, action
    feedback: tuple[Sample, ...] = ()  # rating
    run_seconds: tuple[Distribution, ...] = ()  # kind
    first_text_seconds: tuple[Distribution, ...] = ()  # kind
    newest_run_at: datetime | None = None
    newest_sync_at: datetime | None = None
