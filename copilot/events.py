"""What the core tells a front end and the ledger while a use case runs.

Invariant: a stream of events ends in exactly one ``RunFinished``, or raises; every
event survives a trip through JSON (``encode``, ``decode``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from copilot.codec import from_plain, to_plain
from copilot.extracted import ExtractedRecord
from copilot.inputs import HitFate, Inputs
from copilot.messages import (
    Answer,
    Citation,
    Hit,
    PromptVersion,
    Status,
    Support,
    Turn,
    Usage,
)

RunKind = Literal["ask", "search", "index", "replay", "extract", "test", "shadow"]
Operation = Literal["chat", "embeddings"]

# What is asked, or said, beside an answer; ``merge.sql`` has the same.
_JOBS_BESIDE = ("router", "rewrite", "judge", "summarise")
_PROMPTS_BESIDE = tuple(
    f"answering/{name}" for name in ("route", "rewrite", "judge", "summarise", "earlier")
)


@dataclass(frozen=True, slots=True)
class RunStarted:
    run_id: str
    kind: RunKind
    question: str
    conversation: str
    principal: str
    started_at: datetime
    release: str = ""


@dataclass(frozen=True, slots=True)
class AskedWith:
    """What the run depends on besides its question: enough to make it again.

    ``history``: the turns before it as they were read, oldest first. ``summary``: what was read
    of those before these.
    """

    inputs: Inputs
    history: tuple[Turn, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class QueryRewritten:
    """What was searched for. ``queries`` are the texts that were embedded, in order."""

    question: str
    queries: tuple[str, ...]
    follow_up: bool


@dataclass(frozen=True, slots=True)
class RetrievalFinished:
    hits: tuple[Hit, ...]
    index_version: int
    latency_ms: float


@dataclass(frozen=True, slots=True)
class PromptRendered:
    """``template`` is the prompt's body, without what was put in."""

    prompt: PromptVersion
    passages: int
    template: str = ""

    @property
    def beside(self) -> bool:
        """Whether it asks for something beside the answer or record."""
        return self.prompt.id in _PROMPTS_BESIDE


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """Which model answers and why; ``quoting`` is the answerer without one.

    ``route`` names the job that it was chosen for, such as ``answer``.
    """

    model: str
    reason: str
    route: str = ""

    @property
    def beside(self) -> bool:
        """Whether it is asked for something beside the answer or record."""
        return self.route in _JOBS_BESIDE


@dataclass(frozen=True, slots=True)
class ModelAttempt:
    """One request to a provider, also a failed one."""

    model: str
    outcome: Literal["ok", "failed"]
    error: str = ""
    usage: Usage | None = None
    first_token_ms: float | None = None
    latency_ms: float = 0.0
    operation: Operation = "chat"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text that may be shown at once: it has passed its checks."""

    text: str


@dataclass(frozen=True, slots=True)
class CitationChecked:
    """The verdict on one sentence. ``action`` says what became of it."""

    sentence: str
    support: Support
    citations: tuple[Citation, ...]
    reason: str
    action: Literal["shown", "dropped", "regenerated"]


@dataclass(frozen=True, slots=True)
class RecordExtracted:
    """A record that was read from a text; ``answers``: how often a model was asked for it."""

    record: ExtractedRecord
    answers: int = 0


@dataclass(frozen=True, slots=True)
class HitsWeighed:
    """What became of each hit, best first; told when the answer is known."""

    fates: tuple[HitFate, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the reader should know; ``hint`` is the remedy."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class UsageReported:
    usage: Usage


@dataclass(frozen=True, slots=True)
class RunFinished:
    run_id: str
    status: Status
    answer: Answer | None
    latency_ms: float
    first_token_ms: float | None = None


@dataclass(frozen=True, slots=True)
class RunStopped:
    """What the ledger keeps of a run that raised: recorded, never sent to a front end.

    ``error`` is the exception's type name, ``message`` its text.
    """

    run_id: str
    status: Literal["failed", "interrupted"]
    error: str
    message: str
    latency_ms: float


# --- indexing --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """``done`` of ``total`` files looked at; ``path`` is the one in hand."""

    phase: Literal["scanning", "reading", "embedding", "writing"]
    done: int
    total: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How long the new content of a document waited: from its file's time until it was committed.

    ``source`` tells its source from others, and from the same one as it was added before.
    """

    source: str
    changed_at: datetime
    answerable_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentIndexed:
    """``arrival`` is None where nothing new came: a removal, the same content made anew."""

    path: str
    passages: int
    change: Literal["added", "updated", "removed"]
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class DocumentSkipped:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentFailed:
    path: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SyncFinished:
    """The last event of a sync; the counts are documents.

    ``sources`` could be reached and were read to their end, named as in ``Arrival``; ``whole``:
    these are all that the index has.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    skipped: int
    failed: int
    passages: int
    index_version: int
    latency_ms: float
    sources: tuple[str, ...] = ()
    whole: bool = True


Event = (
    RunStarted
    | AskedWith
    | QueryRewritten
    | RetrievalFinished
    | PromptRendered
    | ModelChosen
    | ModelAttempt
    | TextDelta
    | CitationChecked
    | RecordExtracted
    | HitsWeighed
    | Warned
    | UsageReported
    | RunFinished
    | IngestProgress
    | DocumentIndexed
    | DocumentSkipped
    | DocumentFailed
    | SyncFinished
)

EVENT_TYPES: Mapping[str, type[Event]] = {
    t.__name__: t
    for t in (
        RunStarted,
        AskedWith,
        QueryRewritten,
        RetrievalFinished,
        PromptRendered,
        ModelChosen,
        ModelAttempt,
        TextDelta,
        CitationChecked,
        RecordExtracted,
        HitsWeighed,
        Warned,
        UsageReported,
        RunFinished,
        IngestProgress,
        DocumentIndexed,
        DocumentSkipped,
        DocumentFailed,
        SyncFinished,
    )
}


def encode(event: Event) -> dict[str, Any]:
    """An event as a JSON object whose ``event`` key names its type."""
    return {"event": type(event).__name__, **to_plain(event)}


def decode(data: Mapping[str, Any]) -> Event:
    """The event that ``encode`` wrote. Raises KeyError for an unknown type."""
    return from_plain(EVENT_TYPES[data["event"]], data)
