"""A ledger in memory: what was recorded is told back without a file or a database.

Invariant: passes the contract suite of the real ledger; an independent reading of the same
events, so a disagreement between the two is a defect in one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Self, TypeVar

from copilot.errors import NotFoundError, UsageError
from copilot.events import (
    AskedWith,
    CitationChecked,
    DocumentIndexed,
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
from copilot.figures import Freshness, RecordedFailure, Standing, StatsGroup, StatsRow
from copilot.messages import Answer, Usage
from copilot.records import ApprovalDecided, ExtractionFinished, FeedbackGiven, Record
from copilot.runs import (
    RecordedAttempt,
    RecordedCitation,
    RecordedDecision,
    RecordedExtraction,
    RecordedFeedback,
    RecordedHit,
    RecordedPrompt,
    RecordedSync,
    RecordedTurn,
    RecordedVerdict,
    RecordedWarning,
    RunDetail,
    RunFilter,
    RunSummary,
)
from copilot.testing.memory_figures import (
    CountedRun,
    IndexedRun,
    budget_states,
    chosen_by,
    fresh_within,
    recorded_failures,
    stats_rows,
)

E = TypeVar("E")


class MemoryLedger:
    """``RunWriter`` and ``RunReader`` in one; ``closed`` counts the calls of ``close``.

    ``records`` holds the events by run, ``outside`` the records that belong to no stream.
    """

    def __init__(self) -> None:
        self.records: dict[str, list[Event | RunStopped]] = defaultdict(list)
        self.outside: list[tuple[str, Record]] = []
        self.closed = 0
        self._open: set[str] = set()

    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        if isinstance(event, Record):
            self.outside.append((run_id, event))
            return
        self.records[run_id].append(event)
        if isinstance(event, RunFinished | RunStopped):
            self._open.discard(run_id)
        elif isinstance(event, RunStarted):
            self._open.add(run_id)

    def close(self) -> None:
        self.closed += 1
        self._open.clear()

    def at_once(self) -> AbstractContextManager[Self]:
        return nullcontext(self)

    @property
    def notices(self) -> tuple[Warned, ...]:
        return ()

    def runs(self, where: RunFilter, *, limit: int) -> list[RunSummary]:
        return [detail.summary for detail in self._chosen(where)[:limit]]

    def details(self, where: RunFilter, *, limit: int, rated: bool = False) -> list[RunDetail]:
        chosen = self._chosen(where)
        return [detail for detail in chosen if detail.feedback or not rated][:limit]

    def run(self, prefix: str) -> RunDetail:
        details = self._chosen(RunFilter())
        ids = [detail.summary.id for detail in details]
        found = ids[:1] if prefix == "last" else [one for one in ids if one.startswith(prefix)]
        if not found:
            raise NotFoundError(f"there is no run {prefix}")
        if len(found) > 1 and prefix not in found:
            raise UsageError(f"several runs begin with {prefix}")
        return details[ids.index(prefix if prefix in found else found[0])]

    def stats(self, where: RunFilter, *, by: StatsGroup) -> list[StatsRow]:
        return stats_rows(self._counted(where), self._synced(), by=by)

    def failures(self, where: RunFilter) -> list[RecordedFailure]:
        return recorded_failures(self._counted(where))

    def freshness(self, where: RunFilter, *, within_s: float) -> Freshness:
        period = RunFilter(since=where.since, until=where.until)
        return fresh_within(self._indexed(period), self._indexed(RunFilter()), within_s=within_s)

    def standing(self) -> Standing:
        return Standing(
            synced_at=max(self._synced(), default=None),
            budgets=budget_states(record for _, record in self.outside),
        )

    def _counted(self, where: RunFilter) -> list[CountedRun]:
        return [
            CountedRun(
                detail,
                searched=bool(_all(self.records[detail.summary.id], RetrievalFinished)),
                records=[one for run, one in self.outside if run == detail.summary.id],
            )
            for detail in self._chosen(where)
        ]

    def _synced(self) -> list[datetime]:
        """When the syncs of all sources began that came to their end."""
        ended = self._chosen(RunFilter(kind="index", status="answered"))
        return [
            detail.summary.started_at
            for detail in ended
            if any(one.whole for one in _all(self.records[detail.summary.id], SyncFinished))
        ]

    def _indexed(self, where: RunFilter) -> list[IndexedRun]:
        found = []
        for detail in self._chosen(where):
            events = self.records[detail.summary.id]
            found.append(
                IndexedRun(
                    detail.summary.started_at,
                    [e.arrival for e in _all(events, DocumentIndexed) if e.arrival is not None],
                    {source for e in _all(events, SyncFinished) for source in e.sources},
                )
            )
        return found

    def _chosen(self, where: RunFilter) -> list[RunDetail]:
        ended = (
            replace(
                _detail(run_id, events),
                feedback=self._feedback(run_id),
                extractions=self._extractions(run_id),
                decisions=self._decisions(run_id),
            )
            for run_id, events in self.records.items()
            if run_id not in self._open
        )
        chosen = [detail for detail in ended if chosen_by(where, detail)]
        return sorted(
            chosen, key=lambda one: (one.summary.started_at, one.summary.id), reverse=True
        )

    def _feedback(self, run_id: str) -> tuple[RecordedFeedback, ...]:
        return tuple(
            RecordedFeedback(
                rating=given.rating,
                principal=given.principal,
                tags=given.tags,
                comment=given.comment or None,
                correction=given.correction or None,
            )
            for rated, given in self.outside
            if rated == run_id and isinstance(given, FeedbackGiven)
        )

    def _extractions(self, run_id: str) -> tuple[RecordedExtraction, ...]:
        return tuple(
            RecordedExtraction(
                schema=read.schema,
                schema_version=read.schema_version,
                outcome=read.outcome,
                answers=read.answers,
                failed_fields=read.failed_fields,
                source=read.source,
                record=read.record or None,
            )
            for run, read in self.outside
            if run == run_id and isinstance(read, ExtractionFinished)
        )

    def _decisions(self, run_id: str) -> tuple[RecordedDecision, ...]:
        same = [one.name for one in fields(RecordedDecision) if one.name != "reason"]
        return tuple(
            RecordedDecision(**{n: getattr(said, n) for n in same}, reason=said.reason or None)
            for run, said in self.outside
            if run == run_id and isinstance(said, ApprovalDecided)
        )


def _all(events: Iterable[Event | RunStopped], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _last(events: Iterable[Event | RunStopped], kind: type[E]) -> E | None:
    return next(iter(_all(events, kind)[-1:]), None)


def _detail(run_id: str, events: Sequence[Event | RunStopped]) -> RunDetail:
    rewritten, retrieved = _last(events, QueryRewritten), _last(events, RetrievalFinished)
    rendered, chosen = _last(events, PromptRendered), _last(events, ModelChosen)
    finished, stopped = _last(events, RunFinished), _last(events, RunStopped)
    asked = _last(events, AskedWith)
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
        hits=tuple(_hit(retrieved, _last(events, HitsWeighed))) if retrieved else (),
        verdicts=tuple(_verdict(event) for event in _all(events, CitationChecked)),
        citations=tuple(_citations(answer)) if answer else (),
        attempts=tuple(_attempt(event) for event in _all(events, ModelAttempt)),
        warnings=(
            *(
                RecordedWarning("run", warned.message, warned.hint or None)
                for warned in _all(events, Warned)
            ),
            *(RecordedWarning("answer", note, None) for note in (answer.notes if answer else ())),
        ),
        sync=_sync(_last(events, SyncFinished)),
        inputs=asked.inputs if asked else None,
        history=tuple(RecordedTurn(t.role, t.text) for t in asked.history) if asked else (),
        prompts=tuple(
            dict.fromkeys(
                RecordedPrompt(used.prompt, used.template or None)
                for used in _all(events, PromptRendered)
            )
        ),
    )


def _summary(
    run_id: str, events: Sequence[Event | RunStopped], answer: Answer | None
) -> RunSummary:
    started, chosen = _last(events, RunStarted), _last(events, ModelChosen)
    finished, stopped = _last(events, RunFinished), _last(events, RunStopped)
    reported = _last(events, UsageReported)
    usage = reported.usage if reported else _spent(_all(events, ModelAttempt))
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
        cost_microusd=usage.cost_microusd,
        first_token_ms=event.first_token_ms,
        latency_ms=event.latency_ms,
        estimated=usage.estimated,
        operation=event.operation,
    )
