"""Plots in the terminal: one bar a group, its figure beside it.

Invariant: a group without the figure has the words ``no data`` and no bar; bars are blocks where
the output can write them, else number signs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from copilot.cli.tables import duration, money, proportion, room, shortened
from copilot.errors import UsageError
from copilot.figures import StatsGroup, StatsRow
from copilot.guard.terminal import clean_line

_WIDTH = 80
_LABEL = 28
_EIGHTHS = " ▏▎▍▌▋▊▉"
# A plot by day shows the days between, too; beyond this many only those with runs.
_MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Figure:
    """What is plotted of a row, and how it is written."""

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


def plotted(rows: Sequence[StatsRow], figure: Figure, *, by: StatsGroup) -> list[str]:
    """A line a group, a day between without runs among them."""
    from rich.cells import cell_len

    values = [(row.group, figure.of(row)) for row in rows]
    if by == "day":
        values = _every_day(dict(values))
    texts = ["no data" if value is None else figure.shown(value) for _, value in values]
    labels = [shortened(clean_line(group), _LABEL) for group, _ in values]
    width, beside = max(map(cell_len, labels)), max(map(len, texts))
    space = max((room() or _WIDTH) - width - beside - 4, 8)
    most = figure.whole or max((value or 0 for _, value in values), default=0) or 1
    lines = []
    for label, text, (_, value) in zip(labels, texts, values, strict=True):
        named = label + " " * (width - cell_len(label))
        lines.append(f"{named}  {text:>{beside}}  {_bar((value or 0) / most, space)}".rstrip())
    return lines


def _every_day(values: Mapping[str, float | None]) -> list[tuple[str, float | None]]:
    first, last = (date.fromisoformat(day) for day in (min(values), max(values)))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if len(days) > _MOST_DAYS:
        return sorted(values.items())
    return [(str(day), values.get(str(day))) for day in days]


def _bar(part: float, space: int) -> str:
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        return "#" * round(part * space)
    eighths = round(part * space * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
