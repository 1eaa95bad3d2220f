"""The figures of the dashboard: what each reads, how its tile and its change are written.

Invariant: what nothing was recorded for is a dash, never 0, and a change is told by a sign and a
number before it is told by a colour.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from rich.cells import cell_len, set_cell_size

from copilot.charts import FIGURES, MOMENTS, Figure
from copilot.figures import GroupFigures, Overview, StatsGroup, StatsRow
from copilot.quantities import duration, money
from copilot.tui.wording import shown_line

Better = Literal["more", "less", ""]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Metric:
    """``asks``: of asks alone, as only they are answered. ``behind`` narrows the runs behind it.

    ``beside`` is drawn with it, under its own name; ``better`` says which way is the good one.
    """

    name: str
    title: str
    figure: Figure
    tile: Callable[[StatsRow], str]
    asks: bool = False
    better: Better = ""
    behind: str = ""
    lines: bool = False
    beside: tuple[str, Figure] | None = None

    def row(self, group: GroupFigures) -> StatsRow:
        return group.asks if self.asks else group.every

    def of(self, group: GroupFigures) -> float | None:
        """Its value; None where no run has one."""
        row = self.row(group)
        return self.figure.of(row) if row.runs else None

    def runs(self, group: GroupFigures) -> str:
        """The choice of the runs behind it; what the group is chosen by stays."""
        chosen = {word.partition("=")[0] for word in shlex.split(group.runs)}
        more = [*(["kind=ask"] if self.asks else []), *self.behind.split()]
        narrower = [word for word in more if word.partition("=")[0] not in chosen]
        return " ".join([*filter(None, [group.runs]), *narrower])


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn: ``groups`` in their order, of ``by``; ``ends`` are those of the period."""

    metric: Metric
    by: StatsGroup
    groups: tuple[GroupFigures, ...]
    ends: tuple[str, ...] = ()

    @staticmethod
    def of(told: Overview, metric: Metric) -> Drawn:
        """Of a period of time all of it, also where nothing ran."""
        ends: tuple[str, ...] = ()
        if told.by in MOMENTS and told.since is not None and told.groups:
            moments = (told.since.astimezone(UTC), told.at.astimezone(UTC))
            ends = tuple(f"{moment:{MOMENTS[told.by]}}" for moment in moments)
        return Drawn(metric, told.by, told.groups, ends)


def short(count: float) -> str:
    """``940``, ``12k``, ``1.2M``."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            scaled = count / size
            return f"{scaled:.0f}{unit}" if scaled >= 10 else f"{scaled:.1f}{unit}"
    return f"{count:.0f}"


def percent(value: float | None) -> str:
    """A share in whole points; two more places where it would read as all."""
    if value is None:
        return NOTHING
    return (
        f"{100 * value:.1f}%" if 0.995 <= value < 1 or 0 < value < 0.005 else f"{100 * value:.0f}%"
    )


def spent(row: StatsRow) -> str:
    """A plus sign where the price of some runs isn't known."""
    return dollars(row.cost_microusd) + ("+" if row.unpriced else "")


def dollars(microusd: int) -> str:
    """Whole cents, and what is less than a cent as it is."""
    return money(microusd, places=2 if microusd >= 10_000 else 6)


def took(milliseconds: float | None) -> str:
    return NOTHING if milliseconds is None else duration(milliseconds)


def _rated(row: StatsRow) -> str:
    """Of all ratings, those that are good."""
    rated = row.good + row.bad
    return f"{percent(row.good_share)} of {short(rated)} good" if rated else NOTHING


def _cached(row: StatsRow) -> str:
    return percent(row.cache_hit_share)


METRICS: tuple[Metric, ...] = (
    Metric("runs", "Runs", FIGURES["runs"], lambda row: f"{row.runs:,}"),
    Metric("cost", "Cost", FIGURES["cost"], spent, better="less"),
    Metric(
        "tokens",
        "Tokens",
        FIGURES["tokens"],
        lambda row: f"{short(row.input_tokens)} in, {short(row.output_tokens)} out",
    ),
    Metric(
        "latency",
        "Latency p50, p95",
        FIGURES["latency"],
        lambda row: f"{took(row.latency_p50_ms)}, {took(row.latency_p95_ms)}",
        asks=True,
        better="less",
        lines=True,
        beside=("p50", Figure(lambda row: row.latency_p50_ms, duration)),
    ),
    Metric(
        "grounding",
        "Grounded",
        FIGURES["grounding"],
        lambda row: percent(row.grounded_share),
        asks=True,
        better="more",
        lines=True,
    ),
    Metric(
        "abstention",
        "Abstained",
        FIGURES["abstention"],
        lambda row: percent(row.abstention_share),
        asks=True,
        behind="status=abstained",
        lines=True,
    ),
    Metric(
        "satisfaction",
        "Feedback",
        FIGURES["satisfaction"],
        _rated,
        better="more",
        behind="rating=bad",
        lines=True,
    ),
    Metric("cache-hits", "Cache hits", FIGURES["cache-hits"], _cached, better="more", lines=True),
)
BY_NAME: Mapping[str, Metric] = {one.name: one for one in METRICS}
NAMES: Mapping[StatsGroup, str] = {
    "": "all together",
    "hour": "hour",
    "day": "day",
    "month": "month",
    "model": "model",
    "route": "route",
    "prompt": "prompt",
    "status": "status",
    "kind": "kind",
    "release": "release",
}


def change(metric: Metric, now: GroupFigures, before: GroupFigures | None) -> tuple[str, Better]:
    """``▲ 12%`` and which way it went; nothing where there is nothing to compare."""
    if before is None:
        return "", ""
    this, that = metric.of(now), metric.of(before)
    if this is None or that is None or (not this and not that):
        return "", ""
    if metric.figure.whole:
        by, unit = 100 * (this - that), " pt"
    elif that:
        by, unit = 100 * (this - that) / that, "%"
    else:
        return "▲ new", "more"
    if abs(by) < 0.5:
        return "=", ""
    size = f"{abs(by):,.0f}{unit}" if abs(by) < 1_000 else f"× {this / that:,.0f}"
    return (f"▲ {size}", "more") if by > 0 else (f"▼ {size}", "less")


def totals(told: Overview) -> list[str]:
    """The figures of the whole period, a line each, with their change."""
    lines = []
    for metric in METRICS:
        row = metric.row(told.now)
        value = metric.tile(row) if row.runs else NOTHING
        lines.append(f"{metric.title:<18}{value}  {change(metric, told.now, told.before)[0]}")
    return lines


def cut(name: str, width: int) -> str:
    """A group's name, fit for a screen, in so many columns at most."""
    line = shown_line(name)
    return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"
