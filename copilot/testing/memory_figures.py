"""What runs in memory add up to: the figures of the double of the ledger.

Invariant: counts from events and records themselves, with nothing of the real ledger's SQL, so
that a disagreement between the two is a defect in one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from copilot.events import Arrival
from copilot.figures import (
    NONE,
    BudgetState,
    FailureOrigin,
    Freshness,
    RecordedFailure,
    StatsGroup,
    StatsRow,
)
from copilot.records import (
    BudgetChanged,
    CacheUsed,
    ExtractionFinished,
    FeedbackGiven,
    GuardChecked,
    Record,
    ToolCalled,
)
from copilot.runs import RunDetail, RunFilter

R = TypeVar("R")
_SUPPORTED = ("verbatim", "supported")
_ON_ITS_WAY_OUT = ("egress", "output", "tool")


@dataclass(frozen=True)
class CountedRun:
    """A run with its records; ``searched``: it looked something up in the index."""

    detail: RunDetail
    searched: bool
    records: Sequence[Record]

    def of(self, kind: type[R]) -> list[R]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def shown(self) -> list[bool]:
        """Of each sentence that was shown, whether it is borne out."""
        verdicts = self.detail.verdicts
        return [one.support in _SUPPORTED for one in verdicts if one.action == "shown"]

    @property
    def ratings(self) -> list[str]:
        return _last_ratings(self.detail)

    @property
    def looks(self) -> list[CacheUsed]:
        """Looks into the caches of whole answers."""
        return [
            used
            for used in self.of(CacheUsed)
            if used.tier != "provider" and used.outcome in ("hit", "miss", "rejected")
        ]


@dataclass(frozen=True)
class IndexedRun:
    """What an index run brought, and the sources that it read to their end."""

    started_at: datetime
    arrivals: Sequence[Arrival]
    sources: Collection[str]


def stats_rows(
    runs: Iterable[CountedRun], synced: Sequence[datetime], *, by: StatsGroup
) -> list[StatsRow]:
    """One row a group; ``synced`` are the times at which whole syncs began."""
    groups: dict[str, list[CountedRun]] = defaultdict(list)
    if not by:
        groups[""] = []
    for run in runs:
        groups[_group(run.detail, by)].append(run)
    return [_add_up(group, members, synced) for group, members in sorted(groups.items())]


def fresh_within(
    period: Iterable[IndexedRun], runs: Sequence[IndexedRun], *, within_s: float
) -> Freshness:
    """How soon the arrivals of ``period`` were answerable; ``runs`` are those of all time."""
    lags = []
    for run in period:
        for arrival in run.arrivals:
            earlier = [
                other.started_at
                for other in runs
                if arrival.source in other.sources and other.started_at < run.started_at
            ]
            if earlier:
                waited = arrival.answerable_at - max(arrival.changed_at, *earlier)
                lags.append(max(waited.total_seconds(), 0.0))
    return Freshness(
        len(lags),
        _quantile(lags, 0.5),
        _quantile(lags, 0.95),
        sum(lag <= within_s for lag in lags),
        within_s,
    )


def recorded_failures(runs: Iterable[CountedRun]) -> list[RecordedFailure]:
    """Failures with the same text together, the most frequent first."""
    same: dict[tuple[FailureOrigin, str, str, str | None], list[tuple[datetime, str]]]
    same = defaultdict(list)
    for run in runs:
        summary = run.detail.summary
        met = (summary.started_at, summary.id)
        if summary.status in ("failed", "interrupted"):
            cause = run.detail.error_type or summary.status
            same["run", summary.kind, cause, run.detail.error].append(met)
        for attempt in run.detail.attempts:
            if attempt.outcome == "failed":
                same["model", attempt.model, attempt.error_type, attempt.error].append(met)
        for call in run.of(ToolCalled):
            if call.outcome != "ok":
                cause = call.error_type or call.outcome
                same["tool", call.tool, cause, call.error or None].append(met)
    found = [
        RecordedFailure(*key, len(met), min(met)[0], max(met)[0], max(met)[1])
        for key, met in same.items()
    ]
    return sorted(found, key=lambda one: (-one.count, -one.last_at.timestamp(), one.origin))


def budget_states(records: Iterable[Record]) -> tuple[BudgetState, ...]:
    """Where the last change of each budget left it, of records in the order of their coming."""
    last = {
        record.budget: BudgetState(
            record.budget,
            record.period,
            record.spent_microusd,
            record.limit_microusd,
            record.spent_tokens,
            record.limit_tokens,
        )
        for record in records
        if isinstance(record, BudgetChanged)
    }
    return tuple(last[budget] for budget in sorted(last))


def chosen_by(where: RunFilter, detail: RunDetail) -> bool:
    """Whether the filter chooses the run."""
    run = detail.summary
    wished = {"model": where.model, "route": where.route, "prompt": where.prompt}
    wished |= {"status": where.status, "kind": where.kind}
    return (
        (where.since is None or run.started_at >= where.since)
        and (where.until is None or run.started_at < where.until)
        and all(name in ("", _group(detail, by)) for by, name in wished.items())
        and where.rating in ("", *_last_ratings(detail))
    )


def _group(detail: RunDetail, by: str) -> str:
    run = detail.summary
    match by:
        case "model":
            return run.model or NONE
        case "hour":
            return f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:00}"
        case "day":
            return f"{run.started_at.astimezone(UTC):%Y-%m-%d}"
        case "month":
            return f"{run.started_at.astimezone(UTC):%Y-%m}"
        case "route":
            return detail.route or NONE
        case "prompt":
            return f"{detail.prompt.id} {detail.prompt.version}" if detail.prompt else NONE
        case "status":
            return run.status
        case "kind":
            return run.kind
        case "release":
            return run.release or NONE
        case _:
            return ""


def _last_ratings(detail: RunDetail) -> list[str]:
    """The last word of each person."""
    return list({given.principal: given.rating for given in detail.feedback}.values())


def _add_up(group: str, runs: Sequence[CountedRun], synced: Sequence[datetime]) -> StatsRow:
    summaries = [run.detail.summary for run in runs]
    cited = [run.detail for run in runs if run.detail.citations]
    latencies = [run.latency_ms for run in summaries if run.latency_ms is not None]
    firsts = [run.first_token_ms for run in summaries if run.first_token_ms is not None]
    ends = [_end(run.detail) for run in runs]
    answered, abstained, degraded = (ends.count(x) for x in ("answered", "abstained", "degraded"))
    done = ends.count("done")
    failed = ends.count("failed") + ends.count("interrupted")
    return StatsRow(
        group=group,
        runs=len(runs),
        answered=answered,
        abstained=abstained,
        degraded=degraded,
        done=done,
        failed=failed,
        other=len(runs) - answered - abstained - degraded - done - failed,
        interrupted=ends.count("interrupted"),
        limited=ends.count("limited"),
        succeeded=sum(
            run.detail.summary.status == "answered" and "bad" not in run.ratings for run in runs
        ),
        input_tokens=sum(run.input_tokens for run in summaries),
        output_tokens=sum(run.output_tokens for run in summaries),
        cost_microusd=sum(run.cost_microusd or 0 for run in summaries),
        unpriced=sum(run.cost_microusd is None for run in summaries),
        latency_p50_ms=_quantile(latencies, 0.5),
        latency_p95_ms=_quantile(latencies, 0.95),
        first_token_p50_ms=_quantile(firsts, 0.5),
        first_token_p95_ms=_quantile(firsts, 0.95),
        cited=len(cited),
        cited_top3=sum(_cites_top3(detail) for detail in cited),
        citations=sum(len(detail.citations) for detail in cited),
        dropped_sentences=sum(
            verdict.action == "dropped" for run in runs for verdict in run.detail.verdicts
        ),
        saved_tokens=sum(one.saved_tokens for run in runs for one in run.detail.attempts),
        calls=sum(len(run.detail.attempts) for run in runs),
        failed_calls=sum(one.outcome == "failed" for run in runs for one in run.detail.attempts),
        sentences=sum(len(run.shown) for run in runs),
        supported=sum(sum(run.shown) for run in runs),
        checked=sum(bool(run.shown) for run in runs),
        ungrounded=sum(not all(run.shown) for run in runs),
        index_aged=len(_ages(runs, synced)),
        index_age_p95_s=_quantile(_ages(runs, synced), 0.95),
        **_outside(runs),
        **_tools(runs),
    )


def _outside(runs: Sequence[CountedRun]) -> dict[str, Any]:
    """What the records that belong to no stream add."""
    extracted = [one.outcome for run in runs for one in run.of(ExtractionFinished)]
    ratings = [rating for run in runs for rating in run.ratings]
    used = [one for run in runs for one in run.of(CacheUsed)]
    return {
        "good": ratings.count("good"),
        "bad": ratings.count("bad"),
        "guarded": sum(bool(run.of(GuardChecked)) for run in runs),
        "violating": sum(any(map(_violates, run.of(GuardChecked))) for run in runs),
        "leaking": sum(any("leak" in one.tags for one in run.of(FeedbackGiven)) for run in runs),
        "extractions": len(extracted),
        "valid_at_first": extracted.count("valid"),
        "valid_at_last": extracted.count("valid") + extracted.count("repaired"),
        "cache_asked": sum(bool(run.looks) for run in runs),
        "cache_hits": sum(any(one.outcome == "hit" for one in run.looks) for run in runs),
        "cache_checked": sum(one.checked != "" for one in used),
        "cache_wrong": sum(one.checked == "wrong" for one in used),
        "cache_saved_microusd": sum(one.saved_microusd for one in used),
    }


def _tools(runs: Sequence[CountedRun]) -> dict[str, Any]:
    calls = [one for run in runs for one in run.of(ToolCalled)]
    latencies: dict[bool, list[float]] = {True: [], False: []}
    for run in runs:
        latency = run.detail.summary.latency_ms
        if latency is not None:
            latencies[bool(run.of(ToolCalled))].append(latency)
    return {
        "tool_calls": len(calls),
        "failed_tool_calls": sum(one.outcome != "ok" for one in calls),
        "with_tools": sum(bool(run.of(ToolCalled)) for run in runs),
        "tools_latency_p95_ms": _quantile(latencies[True], 0.95),
        "toolless_latency_p95_ms": _quantile(latencies[False], 0.95),
    }


def _violates(checked: GuardChecked) -> bool:
    return checked.stage in _ON_ITS_WAY_OUT and checked.verdict in ("flagged", "blocked")


def _ages(runs: Sequence[CountedRun], synced: Sequence[datetime]) -> list[float]:
    """Seconds between the last sync before a search and the search."""
    ages = []
    for run in runs:
        started_at = run.detail.summary.started_at
        before = [moment for moment in synced if moment <= started_at]
        if run.searched and before:
            ages.append((started_at - max(before)).total_seconds())
    return ages


_ANSWERLESS = ("search", "index", "extract", "test")


def _end(detail: RunDetail) -> str:
    """Its status; a search, a sync or an extraction answers nothing."""
    run = detail.summary
    return "done" if run.status == "answered" and run.kind in _ANSWERLESS else run.status


def _cites_top3(detail: RunDetail) -> bool:
    top = {hit.passage_id for hit in detail.hits if hit.rank <= 3}
    return any(citation.passage_id in top for citation in detail.citations)


def _quantile(values: Sequence[float], share: float) -> float | None:
    """Interpolated between the neighbours, as SQL's ``quantile_cont``."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
