"""One run's events as the ledger in memory tells them: an independent reading of the same records.

Invariant: what the real ledger leaves out or counts otherwise shows in the contract suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

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
    RunStarted,
    RunStopped,
    SyncFinished,
    UsageReported,
    Warned,
)
from copilot.messages import Answer, Usage
from copilot.runs import (
    RecordedAttempt,
    RecordedCitation,
    RecordedHit,
    RecordedPrompt,
    RecordedSummary,
    RecordedSync,
    RecordedTurn,
    RecordedVerdict,
    RecordedWarning,
    RunDetail,
    RunSummary,
)

E = TypeVar("E")
Asking = TypeVar("Asking", PromptRendered, ModelChosen)


def all_of(events: Iterable[Event | RunStopped], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def last_of(events: Iterable[Event | RunStopped], kind: type[E]) -> E | None:
    return next(iter(all_of(events, kind)[-1:]), None)


def _of_answer(events: Iterable[Event | RunStopped], kind: type[Asking]) -> Asking | None:
    """The last that isn't for something beside the answer."""
    return last_of([event for event in all_of(events, kind) if not event.beside], kind)


def detail_of(run_id: str, events: Sequence[Event | RunStopped]) -> RunDetail:
    rewritten, retrieved = last_of(events, QueryRewritten), last_of(events, RetrievalFinished)
    rendered, chosen = _of_answer(events, PromptRendered), _of_answer(events, ModelChosen)
    finished, stopped = last_of(events, RunFinished), last_of(events, RunStopped)
    asked = last_of(events, AskedWith)
    answer = finished.answer if finished is not None else None
    versions = [
        event.index_version
        for event in events
        if isinstance(event, RetrievalFinished | SyncFinished)
    ]
    return RunDetail(
        summary=_summary(run_id, events, answer),
        queries=rewritten.queries if rewritten else (),
        follow_up=rewritten.follow_up if rewritten else False,
        index_version=versions[-1] if versions else None,
        retrieval_ms=retrieved.latency_ms if retrieved else None,
        prompt=rendered.prompt if rendered else None,
        model_reason=chosen.reason if chosen else "",
        route=chosen.route if chosen else "",
        answer=answer.text if answer else None,
        error_type=stopped.error if stopped else "",
        error=(stopped.message or None) if stopped else None,
        hits=tuple(_hit(retrieved, last_of(events, HitsWeighed))) if retrieved else (),
        verdicts=tuple(_verdict(event) for event in all_of(events, CitationChecked)),
        citations=tuple(_citations(answer)) if answer else (),
        attempts=tuple(_attempt(event) for event in all_of(events, ModelAttempt)),
        warnings=(
            *(
                RecordedWarning("run", warned.message, warned.hint or None)
                for warned in all_of(events, Warned)
            ),
            *(RecordedWarning("answer", note, None) for note in (answer.notes if answer else ())),
        ),
        sync=_sync(last_of(events, SyncFinished)),
        inputs=asked.inputs if asked else None,
        history=tuple(RecordedTurn(t.role, t.text) for t in asked.history) if asked else (),
        summarised=RecordedSummary(asked.summary) if asked and asked.summary else None,
        prompts=tuple(
            dict.fromkeys(
                RecordedPrompt(used.prompt, used.template or None)
                for used in all_of(events, PromptRendered)
            )
        ),
    )


def _summary(
    run_id: str, events: Sequence[Event | RunStopped], answer: Answer | None
) -> RunSummary:
    started, chosen = last_of(events, RunStarted), _of_answer(events, ModelChosen)
    finished, stopped = last_of(events, RunFinished), last_of(events, RunStopped)
    reported = last_of(events, UsageReported)
    usage = reported.usage if reported else _spent(all_of(events, ModelAttempt))
    usage = answer.usage if answer is not None else usage
    end = finished or stopped
    status = "interrupted" if end is None else str(end.status)
    return RunSummary(
        id=run_id,
        kind=started.kind if started else "",
        status=status,
        started_at=started.started_at if started else datetime(1970, 1, 1, tzinfo=UTC),
        question=started.question if started else None,
        conversation=started.conversation if started else "",
        principal=started.principal if started else "",
        release=started.release if started else "",
        model=usage.model or (chosen.model if chosen else ""),
        latency_ms=end.latency_ms if end else None,
        first_token_ms=finished.first_token_ms if finished else None,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_microusd=usage.cost_microusd,
        citations=len(answer.citations) if answer else 0,
    )


def _spent(attempts: Sequence[ModelAttempt]) -> Usage:
    """What the requests of a run without an answer add up to; its model isn't known by them."""
    known = [attempt.usage for attempt in attempts if attempt.usage is not None]
    costs = [usage.cost_microusd for usage in known]
    return Usage(
        model="",
        input_tokens=sum(usage.input_tokens for usage in known),
        output_tokens=sum(usage.output_tokens for usage in known),
        cost_microusd=None if None in costs else sum(cost or 0 for cost in costs),
    )


def _hit(retrieved: RetrievalFinished, weighed: HitsWeighed | None) -> list[RecordedHit]:
    fates = {fate.passage_id: fate for fate in weighed.fates} if weighed else {}
    return [
        RecordedHit(
            rank=hit.rank,
            passage_id=hit.passage.id,
            document_id=hit.passage.document_id,
            path=hit.passage.path,
            title=hit.passage.title,
            locator=hit.passage.locator,
            score=hit.score,
            scores=dict(hit.scores),
            kept=fates[hit.passage.id].kept if hit.passage.id in fates else None,
            reason=fates[hit.passage.id].reason if hit.passage.id in fates else "",
        )
        for hit in retrieved.hits
    ]


def _sync(event: SyncFinished | None) -> RecordedSync | None:
    if event is None:
        return None
    return RecordedSync(
        added=event.added,
        updated=event.updated,
        removed=event.removed,
        unchanged=event.unchanged,
        skipped=event.skipped,
        failed=event.failed,
        passages=event.passages,
    )


def _verdict(event: CitationChecked) -> RecordedVerdict:
    return RecordedVerdict(
        sentence=event.sentence,
        support=event.support.value,
        reason=event.reason or None,
        action=event.action,
        citations=tuple(citation.n for citation in event.citations),
    )


def _citations(answer: Answer) -> list[RecordedCitation]:
    return [
        RecordedCitation(
            n=citation.n,
            passage_id=citation.passage_id,
            document_id=citation.document_id,
            path=citation.path,
            title=citation.title,
            locator=citation.locator,
            quote=citation.quote,
            quote_start=citation.quote_start,
            quote_end=citation.quote_end,
        )
        for citation in answer.citations
    ]


def _attempt(event: ModelAttempt) -> RecordedAttempt:
    usage = event.usage or Usage()
    word = event.error.split(":")[0]
    return RecordedAttempt(
        model=event.model,
        outcome=event.outcome,
        error_type=word
        if word.isascii() and word.isidentifier() and word.endswith("Error")
        else "",
        error=event.error or None,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        saved_tokens=usage.saved_tokens,
        cost_microusd=usage.cost_microusd,
        first_token_ms=event.first_token_ms,
        latency_ms=event.latency_ms,
        estimated=usage.estimated,
        operation=event.operation,
    )
