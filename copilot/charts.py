"""Figures drawn by group: what each is of a row, how it is written, which groups there are.

Invariant: a group of time that nothing was recorded in stands between its neighbours, without a
figure, so that no drawing makes a gap look like a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from copilot.errors import UsageError
from copilot.figures import StatsGroup, StatsRow
from copilot.quantities import duration, money, proportion

# How the ledger names a stretch of time.
MOMENTS: Mapping[StatsGroup, str] = {
    "hour": "%Y-%m-%d %H:00",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
}
# Beyond so many, only the stretches with runs are drawn.
_MOST = 366


@dataclass(frozen=True, slots=True)
class Figure:
    """What is drawn of a row, and how it is written."""

    of: Callable[[StatsRow], float | None]
    shown: Callable[[float], str]
    # A share is drawn against all there could be, any other figure against the largest.
    whole: float = 0.0


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _money(value: float) -> str:
    return money(round(value), places=4)


FIGURES: Mapping[str, Figure] = {
    "runs": Figure(lambda row: row.runs, _count),
    "cost": Figure(lambda row: row.cost_microusd, _money),
    "cost-per-success": Figure(lambda row: row.microusd_per_success, _money),
    "tokens": Figure(lambda row: row.input_tokens + row.output_tokens, _count),
    "requests": Figure(lambda row: row.calls, _count),
    "latency": Figure(lambda row: row.latency_p95_ms, duration),
    "first-text": Figure(lambda row: row.first_token_p95_ms, duration),
    "success": Figure(lambda row: row.success_share, proportion, 1.0),
    "abstention": Figure(lambda row: row.abstention_share, proportion, 1.0),
    "degradation": Figure(lambda row: row.degradation_share, proportion, 1.0),
    "failures": Figure(lambda row: row.failed, _count),
    "grounding": Figure(lambda row: row.grounded_share, proportion, 1.0),
    "citing-top3": Figure(lambda row: row.top3_share, proportion, 1.0),
    "cache-hits": Figure(lambda row: row.cache_hit_share, proportion, 1.0),
    "satisfaction": Figure(lambda row: row.good_share, proportion, 1.0),
}


def figure_named(name: str) -> Figure:
    """Raises UsageError."""
    if name not in FIGURES:
        raise UsageError(f"{name} can't be plotted", hint=f"one of: {', '.join(FIGURES)}")
    return FIGURES[name]


def unbroken(groups: Sequence[str], *, by: StatsGroup) -> list[str]:
    """The groups with those of time between them that hold no run; in order."""
    if by not in MOMENTS or not groups:
        return list(groups)
    found: list[str] = []
    for name in _names(min(groups), max(groups), by):
        if len(found) == _MOST:
            return sorted(set(groups))
        found.append(name)
    return found


def stretch(group: str, *, by: StatsGroup) -> tuple[datetime, datetime]:
    """When a group of time begins, and when the next one does; in UTC."""
    begins = datetime.strptime(group, MOMENTS[by]).replace(tzinfo=UTC)
    if by == "month":
        return begins, (begins + timedelta(days=31)).replace(day=1)
    return begins, begins + timedelta(**{f"{by}s": 1})


def _names(first: str, last: str, by: StatsGroup) -> Iterator[str]:
    at, end = stretch(first, by=by)[0], stretch(last, by=by)[0]
    while at <= end:
        name = f"{at:{MOMENTS[by]}}"
        yield name
        at = stretch(name, by=by)[1]
