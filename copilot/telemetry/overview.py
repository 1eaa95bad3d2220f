"""What the runs of a period come to, beside the period before, by group, with what alerts find.

Invariant: all of it is of one moment, and the same figures that ``stats``, ``alerts`` and ``sql``
tell; nobody is told of an alert by looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from copilot.calls.dashboard import LookOver, Period
from copilot.charts import MOMENTS
from copilot.config.schema import Settings
from copilot.figures import GroupFigures, Overview, RuleState, StatsGroup, StatsRow
from copilot.ledger.queries import as_text, earlier, run_filter, since_when, within
from copilot.outlets import SampleReader
from copilot.ports import RunReader
from copilot.runs import RunFilter
from copilot.telemetry.alerting import quantity
from copilot.telemetry.rules import FIGURES, Finding, check

_DAYS: Mapping[Period, int] = {"today": 1, "7d": 7, "30d": 30}
# More months than these are looked at by the month.
_FEW_MONTHS = 3
_MOST_GROUPS = 100
# What to look at of the runs behind a share.
_BEHIND: Mapping[str, Mapping[str, str]] = {
    "error_rate": {"status": "failed"},
    "abstained_rate": {"status": "abstained"},
    "degraded_rate": {"status": "degraded"},
    "good_ratings": {"rating": "bad"},
}


class LedgerReader(RunReader, SampleReader, Protocol):
    """Tells of runs and of what searches found, at one moment."""


def look_over(
    reader: LedgerReader, call: LookOver, *, settings: Settings, now: datetime
) -> Overview:
    """Raises UsageError for a kind that there isn't, StorageError.

    A period begins with a whole minute, so that it can be read and typed.
    """
    minute = now.replace(second=0, microsecond=0)
    where = run_filter(since="", status="", kind=call.kind, now=now)
    where = replace(where, since=_begin(call.period, minute))
    book = _Book(reader, where)
    by = _grouping(call, reader, where)
    groups = book.groups(by)
    days = _DAYS.get(call.period)
    before = earlier(where, days=days, now=minute) if days else None
    return Overview(
        at=now,
        since=where.since,
        by=by,
        now=book.together(where),
        before=book.together(before) if before is not None else None,
        groups=groups[:_MOST_GROUPS],
        left_out=max(len(groups) - _MOST_GROUPS, 0),
        freshness=reader.freshness(where, within_s=settings.kpi.freshness_hours * 3_600),
        standing=reader.standing(),
        rules=tuple(
            _rule_state(finding, minute)
            for finding in check(settings.alerts.rules, runs=reader, samples=reader, now=now)
        ),
        recording=settings.ledger.enabled,
        ever=bool(reader.runs(RunFilter(), limit=1)),
        notices=tuple(f"{one.message} ({one.hint})" for one in reader.notices),
    )


def _begin(period: Period, now: datetime) -> datetime | None:
    """Today begins at local midnight, as ``stats --since`` with a day does."""
    if period == "today":
        return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return None if period == "all" else since_when(period, now)


def _grouping(call: LookOver, reader: RunReader, where: RunFilter) -> StatsGroup:
    if call.by != "time":
        return call.by
    if call.period == "today":
        return "hour"
    if call.period == "all" and len(reader.stats(where, by="month")) > _FEW_MONTHS:
        return "month"
    return "day"


class _Book:
    """Figures of every run and of asks alone, which are the same where kinds are told apart."""

    def __init__(self, reader: RunReader, where: RunFilter) -> None:
        self._reader = reader
        self._where = where

    def together(self, where: RunFilter) -> GroupFigures:
        [every] = self._reader.stats(where, by="")
        [asks] = [every] if where.kind else self._reader.stats(replace(where, kind="ask"), by="")
        return GroupFigures(every, asks, as_text(where))

    def groups(self, by: StatsGroup) -> tuple[GroupFigures, ...]:
        """Those of time in their order, others by what they cost and how many runs they hold."""
        where = self._where
        every = self._reader.stats(where, by=by)
        apart = bool(where.kind) or by == "kind"
        asks = every if apart else self._reader.stats(replace(where, kind="ask"), by=by)
        found = {row.group: row for row in asks}
        ordered = every if by in MOMENTS else sorted(every, key=_weight)
        return tuple(
            GroupFigures(
                row,
                found.get(row.group, StatsRow(group=row.group)),
                as_text(within(where, row.group, by=by)),
            )
            for row in ordered
        )


def _weight(row: StatsRow) -> tuple[int, int]:
    return -row.cost_microusd, -row.runs


def _rule_state(finding: Finding, now: datetime) -> RuleState:
    kinds: dict[str, str] = {name: figure.kind for name, figure in FIGURES.items()}
    kind = kinds.get(finding.figure, _watched(finding.figure))
    where = RunFilter(since=since_when(finding.window, now), kind=kind)
    return RuleState(
        rule=finding.rule,
        state=finding.state,
        figure=finding.figure,
        value=quantity(finding.value, finding.unit),
        fires=f"{finding.comparison} {quantity(finding.bound, finding.unit)}",
        window=finding.window,
        of=finding.runs,
        runs=as_text(replace(where, **_BEHIND.get(finding.figure, {}))),  # type: ignore[arg-type]
    )


def _watched(figure: str) -> Literal["index", ""]:
    """The kind of the runs behind what is no figure of a row."""
    return "index" if figure.startswith("index_") else ""
