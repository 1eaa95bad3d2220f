"""What the ledger tells about runs: values that its reader returns and its commands print.

Invariant: frozen, JSON-ready through ``messages.to_plain``; money is whole micro-dollars,
durations are milliseconds, and a text that isn't kept any more is None, never empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.inputs import Inputs
from copilot.messages import Locator, PromptVersion, Role


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs: ``since`` and later, before ``until``; what is empty is any.

    ``model``, ``route`` and ``prompt`` are named as groups of figures are (``figures.NONE``:
    without one); ``rating`` is ``good`` or ``bad``, somebody's last word on the run.
    """

    since: datetime | None = None
    status: str = ""
    kind: str = ""
    until: datetime | None = None
    model: str = ""
    route: str = ""
    prompt: str = ""
    rating: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run in a list. ``status`` is a ``messages.Status`` value or ``interrupted``.

    ``cost_microusd`` is None when a price is unknown; ``citations`` counts those shown.
    """

    id: str
    kind: str
    status: str
    started_at: datetime
    question: str | None
    conversation: str
    principal: str
    release: str
    model: str
    latency_ms: float | None
    first_token_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_microusd: int | None
    citations: int


@dataclass(frozen=True, slots=True)
class RecordedHit:
    """A hit as it was ranked then; the passage itself stays in the index.

    ``kept``: whether the answer quotes or cites it, and the ``reason``; None for a search.
    """

    rank: int
    passage_id: str
    document_id: str
    path: str
    title: str
    locator: Locator
    score: float | None
    scores: Mapping[str, float]
    kept: bool | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """What the citation check said of one sentence, and what became of it."""

    sentence: str | None
    support: str
    reason: str | None
    action: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RecordedCitation:
    """A citation as it was shown."""

    n: int
    passage_id: str
    document_id: str
    path: str
    title: str
    locator: Locator
    quote: str | None
    quote_start: int
    quote_end: int


@dataclass(frozen=True, slots=True)
class RecordedAttempt:
    """One request to a provider. ``error_type`` is kept when the error's text is not.

    ``estimated``: the tokens are our own count, since the provider's never came.
    ``saved_tokens``: about how many more passages would have been, given whole.
    """

    model: str
    outcome: str
    error_type: str
    error: str | None
    input_tokens: int
    output_tokens: int
    cost_microusd: int | None
    first_token_ms: float | None
    latency_ms: float
    estimated: bool = False
    operation: str = "chat"
    saved_tokens: int = 0


@dataclass(frozen=True, slots=True)
class RecordedWarning:
    """Something that the reader was told; ``origin`` is ``run`` or ``answer`` (its notes)."""

    origin: str
    message: str | None
    hint: str | None


@dataclass(frozen=True, slots=True)
class RecordedSync:
    """What an index run came to; the counts are documents, but for ``passages``."""

    added: int
    updated: int
    removed: int
    unchanged: int
    skipped: int
    failed: int
    passages: int


@dataclass(frozen=True, slots=True)
class RecordedFeedback:
    """What a person said of the run; of several by one person the last one counts."""

    rating: str
    principal: str
    tags: tuple[str, ...]
    comment: str | None
    correction: str | None


@dataclass(frozen=True, slots=True)
class RecordedExtraction:
    """A record that the run read from a text; ``record`` is its JSON.

    ``outcome``: ``valid``, ``repaired`` or ``invalid``; ``failed_fields`` are the paths at fault.
    """

    schema: str
    schema_version: str
    outcome: str
    answers: int
    failed_fields: tuple[str, ...]
    source: str
    record: str | None


@dataclass(frozen=True, slots=True)
class RecordedTool:
    """A call of a tool that ended, or wasn't allowed; ``arguments`` and ``result`` are JSON."""

    tool: str
    effect: str
    outcome: str
    tainted: bool
    error_type: str
    arguments: str | None
    result: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RecordedGuard:
    """What a guard said of ``subject`` at a ``stage`` of the run, by which ``rule``."""

    guard: str
    stage: str
    verdict: str
    rule: str
    subject: str
    findings: int
    score: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """What a person or a rule said of a proposal that came of the run; ``action``: ``desk.create``.

    ``decision``: ``approved``, ``edited`` or ``rejected``.
    """

    proposal: str
    action: str
    decision: str
    decided_by: str
    principal: str
    rule: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RecordedPrompt:
    """A prompt that the run rendered, and its body without what was put in."""

    version: PromptVersion
    body: str | None


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn of the conversation before the question, as it was read."""

    role: Role
    text: str | None


@dataclass(frozen=True, slots=True)
class RecordedSummary:
    """What was read of the turns before those."""

    text: str | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """All that explains one run.

    ``index_version`` is None when nothing was retrieved or indexed, ``sync`` when nothing was
    indexed. ``route`` names the job that the model was chosen for.
    """

    summary: RunSummary
    queries: tuple[str | None, ...]
    follow_up: bool
    index_version: int | None
    retrieval_ms: float | None
    prompt: PromptVersion | None
    model_reason: str
    answer: str | None
    error_type: str
    error: str | None
    hits: tuple[RecordedHit, ...] = ()
    verdicts: tuple[RecordedVerdict, ...] = ()
    citations: tuple[RecordedCitation, ...] = ()
    attempts: tuple[RecordedAttempt, ...] = ()
    warnings: tuple[RecordedWarning, ...] = ()
    sync: RecordedSync | None = None
    inputs: Inputs | None = None
    history: tuple[RecordedTurn, ...] = ()
    summarised: RecordedSummary | None = None
    prompts: tuple[RecordedPrompt, ...] = ()
    feedback: tuple[RecordedFeedback, ...] = ()
    extractions: tuple[RecordedExtraction, ...] = ()
    decisions: tuple[RecordedDecision, ...] = ()
    route: str = ""
    tools: tuple[RecordedTool, ...] = ()
    guards: tuple[RecordedGuard, ...] = ()


# --- how a run went, step by step -------------------------------------------------------

StepKind = Literal[
    "asked",
    "rewritten",
    "search",
    "prompt",
    "model",
    "request",
    "first text",
    "check",
    "tool",
    "guard",
    "record",
    "index",
    "warning",
    "end",
    "decision",
    "feedback",
    "replay",
]


@dataclass(frozen=True, slots=True)
class RunPart:
    """Something to read about a step: a line, and texts below it; None is one that isn't kept.

    ``passage_id`` names the passage that it is about, whose text the index may still have.
    """

    head: str
    texts: tuple[str | None, ...] = ()
    passage_id: str = ""


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run, in the order in which it went.

    ``start_ms`` counts from the run's start and is None where no record tells it; ``took_ms`` is
    None for a moment. ``wait_ms`` of a request went by before its first token. Tokens and money
    are those of a request; ``cost_microusd`` is None when the price is unknown or nothing is paid.
    """

    kind: StepKind
    title: str
    told: str | None = ""
    start_ms: float | None = None
    took_ms: float | None = None
    wait_ms: float | None = None
    failed: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost_microusd: int | None = None
    parts: tuple[RunPart, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedRun:
    """A run with its steps; ``took_ms`` spans them all, to the last that a record tells of."""

    run: RunDetail
    steps: tuple[RunStep, ...]
    took_ms: float
