"""A ledger in memory: what was recorded is told back without a file or a database.

Invariant: passes the contract suite of the real ledger; an independent reading of the same
events, so a disagreement between the two is a defect in one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from datetime import datetime
from typing import Self, TypeVar

from copilot.errors import NotFoundError, UsageError
from copilot.events import (
    DocumentIndexed,
    Event,
    ModelAttempt,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
    Warned,
)
from copilot.figures import Freshness, ModelTime, RecordedFailure, Standing, StatsGroup, StatsRow
from copilot.records import (
    ApprovalDecided,
    ExtractionFinished,
    FeedbackGiven,
    GuardChecked,
    Record,
    ToolCalled,
    texts_of,
)
from copilot.runs import (
    RecordedDecision,
    RecordedExtraction,
    RecordedFeedback,
    RecordedGuard,
    RecordedTool,
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
from copilot.testing.memory_runs import all_of, detail_of

E = TypeVar("E")
R = TypeVar("R", bound=Record)
V = TypeVar("V")


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

    def runs(
        self,
        where: RunFilter,
        *,
        limit: int,
        text: str = "",
        after: RunSummary | None = None,
    ) -> list[RunSummary]:
        found = [one.summary for one in self._chosen(where) if _is_sought(one.summary, text)]
        if after is not None:
            end = (after.started_at, after.id)
            found = [one for one in found if (one.started_at, one.id) < end]
        return found[:limit]

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

    def model_times(self) -> Mapping[str, ModelTime]:
        return {
            one.model: ModelTime(start.started_at, one.latency_ms, one.first_token_ms)
            for events in self.records.values()
            for start in all_of(events, RunStarted)
            for one in all_of(events, ModelAttempt)
            if one.outcome == "ok" and one.operation == "chat"
        }

    def standing(self) -> Standing:
        return Standing(
            synced_at=max(self._synced(), default=None),
            budgets=budget_states(record for _, record in self.outside),
            sources={
                source: detail.summary.started_at
                for detail in sorted(self._ended_syncs(), key=lambda one: one.summary.started_at)
                for one in all_of(self.records[detail.summary.id], SyncFinished)
                for source in one.sources
            },
        )

    def _counted(self, where: RunFilter) -> list[CountedRun]:
        return [
            CountedRun(
                detail,
                searched=bool(all_of(self.records[detail.summary.id], RetrievalFinished)),
                records=[one for run, one in self.outside if run == detail.summary.id],
            )
            for detail in self._chosen(where)
        ]

    def _ended_syncs(self) -> Iterable[RunDetail]:
        return self._chosen(RunFilter(kind="index", status="answered"))

    def _synced(self) -> list[datetime]:
        """When the syncs of all sources began that came to their end."""
        return [
            detail.summary.started_at
            for detail in self._ended_syncs()
            if any(one.whole for one in all_of(self.records[detail.summary.id], SyncFinished))
        ]

    def _indexed(self, where: RunFilter) -> list[IndexedRun]:
        found = []
        for detail in self._chosen(where):
            events = self.records[detail.summary.id]
            found.append(
                IndexedRun(
                    detail.summary.started_at,
                    [e.arrival for e in all_of(events, DocumentIndexed) if e.arrival is not None],
                    {source for e in all_of(events, SyncFinished) for source in e.sources},
                )
            )
        return found

    def _chosen(self, where: RunFilter) -> list[RunDetail]:
        ended = (
            replace(
                detail_of(run_id, events),
                feedback=self._feedback(run_id),
                extractions=self._extractions(run_id),
                decisions=self._decisions(run_id),
                tools=tuple(_said(one, RecordedTool) for one in self._told(run_id, ToolCalled)),
                guards=tuple(_said(one, RecordedGuard) for one in self._told(run_id, GuardChecked)),
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
        return tuple(_said(one, RecordedDecision) for one in self._told(run_id, ApprovalDecided))

    def _told(self, run_id: str, kind: type[R]) -> list[R]:
        return [one for run, one in self.outside if run == run_id and isinstance(one, kind)]


def _is_sought(run: RunSummary, text: str) -> bool:
    asked = (run.question or "").lower()
    return all(word in asked for word in text.lower().split()) or run.id.startswith(text)


def _said(record: Record, kind: type[V]) -> V:
    """The record as a run tells it: the same fields, an empty text None."""
    texts = texts_of(type(record))
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    values = {name: getattr(record, name) for name in names}
    return kind(
        **{name: value or None if name in texts else value for name, value in values.items()}
    )
