"""Builds the events of plausible runs, for tests of what records or shows them.

Invariant: what is built is a valid stream: it begins with ``RunStarted``, ends in its one
``RunFinished``, and its citations point into the passages of its hits.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from copilot.events import (
    AskedWith,
    CitationChecked,
    Event,
    HitsWeighed,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunKind,
    RunStarted,
    TextDelta,
    UsageReported,
    Warned,
)
from copilot.inputs import AnswerInputs, HitFate, Inputs
from copilot.messages import (
    Answer,
    BlockSpan,
    Citation,
    Hit,
    Locator,
    Passage,
    Principal,
    PromptVersion,
    SearchFilter,
    Sentence,
    Status,
    Support,
    Turn,
    Usage,
)

STARTED_AT = datetime(2026, 11, 21, 9, 30, 0, 250_001, tzinfo=UTC)
QUOTE = "Restart the gateway."
TEMPLATE = "# User\n\n{{ question }}"
PROMPT = PromptVersion("answer", "3", hashlib.sha256(TEMPLATE.encode()).hexdigest())
INPUTS = Inputs(
    where=SearchFilter(Principal(groups=("ops",)), path_prefix="/handbook"),
    limit=30,
    settings=AnswerInputs(120, model="openai/gpt-5-mini", max_output_tokens=800),
    program="0.1.0",
)


def passage(number: int = 1) -> Passage:
    """A small passage of a document of its own."""
    text = f"{QUOTE} Then wait {number} minutes."
    locator = Locator("lines", number, number + 2)
    return Passage(
        id=f"passage-{number}",
        document_id=f"document-{number}",
        path=f"/handbook/runbook-{number}.md",
        title=f"Runbook {number}",
        ordinal=0,
        text=text,
        heading_path=("Gateway",),
        locator=locator,
        spans=(BlockSpan("paragraph", 0, len(text), locator),),
        char_start=0,
        char_end=len(text),
        content_hash=f"hash-{number}",
    )


def hits(count: int) -> tuple[Hit, ...]:
    """Hits of rank 1 to ``count``, each on a passage of its own."""
    return tuple(
        Hit(
            rank=rank,
            score=1.0 / rank,
            scores={"fused": 1.0 / rank, "dense": 0.9 / rank, "lexical": 7.0 / rank},
            passage=passage(rank),
        )
        for rank in range(1, count + 1)
    )


def citation(n: int = 1, *, rank: int = 1) -> Citation:
    """Citation ``n`` of the quote in the passage of rank ``rank``."""
    cited = passage(rank)
    return Citation(
        n=n,
        passage_id=cited.id,
        document_id=cited.document_id,
        path=cited.path,
        title=cited.title,
        heading_path=cited.heading_path,
        locator=cited.locator,
        quote=QUOTE,
        quote_start=0,
        quote_end=len(QUOTE),
    )


def quoted_run(
    run_id: str,
    *,
    question: str = "How do I restart the gateway?",
    status: Status = Status.ANSWERED,
    kind: RunKind = "ask",
    started_at: datetime = STARTED_AT,
    cited_rank: int = 1,
    latency_ms: float = 120.0,
) -> list[Event]:
    """A run without a chat model: answered by one quote, or abstained."""
    answered = status in (Status.ANSWERED, Status.DEGRADED)
    cited = (citation(rank=cited_rank),) if answered else ()
    sentences = (Sentence(QUOTE, (1,), Support.VERBATIM),) if answered else ()
    answer = Answer(
        status=status,
        text=f"{QUOTE} [1]" if answered else "I could not find this in your documents.",
        sentences=sentences,
        citations=cited,
    )
    checked: list[Event] = [
        CitationChecked(QUOTE, Support.VERBATIM, cited, "quoted to the character", "shown")
    ]
    return [
        RunStarted(run_id, kind, question, "morning", "local", started_at),
        QueryRewritten(question, (question,), follow_up=False),
        RetrievalFinished(hits(5), index_version=7, latency_ms=12.5),
        ModelChosen("quoting", "no chat model is configured", route="quote"),
        *(checked if answered else []),
        TextDelta(answer.text),
        UsageReported(answer.usage),
        RunFinished(run_id, status, answer, latency_ms, first_token_ms=latency_ms / 2),
    ]


def written_run(
    run_id: str,
    *,
    model: str = "openai/gpt-5-mini",
    cost_microusd: int | None = 1_234,
    started_at: datetime = STARTED_AT,
) -> list[Event]:
    """A follow-up run with a chat model: one failed request, one sentence dropped."""
    usage = Usage(model, 900, 40, cost_microusd)
    cited = (citation(1), citation(2, rank=4))
    question = "And after that?"
    answer = Answer(
        status=Status.ANSWERED,
        text="Restart the gateway. [1][2]",
        sentences=(Sentence("Restart the gateway.", (1, 2), Support.SUPPORTED),),
        citations=cited,
        usage=usage,
        notes=("one sentence was dropped: its number is not in the source",),
    )
    return [
        RunStarted(run_id, "ask", question, "morning", "local", started_at, release="r1"),
        AskedWith(INPUTS, (Turn("user", "Restart the gateway?"), Turn("assistant", QUOTE))),
        QueryRewritten(question, (question, "restart the gateway, after that"), follow_up=True),
        RetrievalFinished(hits(5), index_version=8, latency_ms=14.0),
        PromptRendered(PROMPT, passages=5, template=TEMPLATE),
        ModelChosen(model, "configured", route="answer"),
        ModelAttempt(model, "failed", "ModelRateLimitError: slow down", None, None, 35.0),
        ModelAttempt(model, "ok", "", usage, 210.0, 900.0),
        CitationChecked(
            "Restart the gateway.", Support.SUPPORTED, cited, "terms and numbers agree", "shown"
        ),
        CitationChecked("It takes 9 s.", Support.UNSUPPORTED, (), "9 is not cited", "dropped"),
        HitsWeighed((HitFate("passage-1", True, "cited as [1]"), HitFate("passage-2", False, "-"))),
        TextDelta(answer.text),
        Warned("a sentence was dropped", hint="ask for the source"),
        UsageReported(usage),
        RunFinished(run_id, Status.ANSWERED, answer, 1_000.0, first_token_ms=250.0),
    ]
