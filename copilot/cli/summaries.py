"""Figures as people read them: sums, groups, KPIs and causes of failure, line by line.

Invariant: a figure that nothing was recorded for reads ``no data``, or a dash in a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from copilot.cli.tables import csv_text, room, shortened, table
from copilot.codec import to_plain
from copilot.figures import DERIVED, BudgetState, Freshness, StatsGroup, StatsRow
from copilot.guard.terminal import clean_line
from copilot.ledger.failures import FailureCluster
from copilot.ledger.kpi import Kpi
from copilot.quantities import duration, money, proportion, share

NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the index stands at ``now``, and how soon it took what changed."""

    synced_at: datetime | None
    freshness: Freshness
    now: datetime


def overall(
    row: StatsRow, which: str, *, kind: str, index: IndexState, budgets: Sequence[BudgetState]
) -> Iterator[str]:
    """All runs together; what only asks have, for them alone."""
    asks = kind == "ask"
    yield _line("runs", f"{row.runs} {which}")
    for label, count in _ends(row):
        if count:
            yield _line(f"  {label}", f"{count} ({share(count, row.runs)})")
    if asks:
        yield _line("succeeded", share(row.succeeded, row.runs) + _each(row))
    yield _line("latency", _percentiles(row.latency_p50_ms, row.latency_p95_ms))
    if row.first_token_p50_ms is not None:
        yield _line("first text", _percentiles(row.first_token_p50_ms, row.first_token_p95_ms))
    saved = f", {row.saved_tokens:,} saved" if row.saved_tokens else ""
    yield _line("tokens", f"{row.input_tokens:,} in, {row.output_tokens:,} out{saved}")
    if row.calls:
        yield _line("requests", f"{row.calls:,} to models, {row.failed_calls:,} failed")
    unpriced = f", {row.unpriced} without a known price" if row.unpriced else ""
    yield _line("cost", f"{money(row.cost_microusd)}{unpriced}")
    if row.cited:
        yield _line("citing rank 1 to 3", f"{share(row.cited_top3, row.cited)} of cited answers")
        yield _line("citations per answer", f"{row.citations / row.cited:.1f}")
    if row.cited or row.dropped_sentences:
        yield _line("sentences dropped", str(row.dropped_sentences))
    if asks:
        yield from _goodness(row)
        yield _line("index age", _index_age(row, index))
        yield _line("index lag", _index_lag(index.freshness))
    for budget in budgets:
        if budget.left_microusd is not None:
            of = f"{money(budget.left_microusd)} of {money(budget.limit_microusd)} left"
            name = clean_line(f"{budget.budget} {budget.period}".strip())
            yield _line("budget", f"{of}, {name}")
        if budget.left_tokens is not None:
            name = clean_line(f"{budget.budget} {budget.period}".strip())
            of = f"{budget.left_tokens:,} of {budget.limit_tokens:,} tokens left"
            yield _line("budget", f"{of}, {name}")


def grouped(rows: Sequence[StatsRow], group: StatsGroup, *, kind: str) -> Sequence[str]:
    """A row each, with the ends that runs of the kind can have: only asks are answered."""

    def ends(row: StatsRow) -> dict[str, str]:
        which = kind or (row.group if group == "kind" else "")
        asks, others = which in ("", "ask"), which != "ask"
        answered, abstained, degraded, done = (
            share(count, row.runs) if fits else "-"
            for count, fits in (
                (row.answered, asks),
                (row.abstained, asks),
                (row.degraded, asks),
                (row.done, others),
            )
        )
        told = {"answ": answered, "abst": abstained, "degr": degraded, "done": done}
        return told if not kind else {name: told[name] for name in told if (name != "done") == asks}

    cells = [
        [
            row.group,
            str(row.runs),
            *ends(row).values(),
            share(row.failed, row.runs),
            duration(row.latency_p50_ms),
            duration(row.latency_p95_ms),
            f"{row.input_tokens + row.output_tokens:,}",
            _known(money(row.cost_microusd, places=4), row),
        ]
        for row in rows
    ]
    header = [group, "runs", *ends(rows[0]), "fail", "p50", "p95", "tokens", "cost"]
    return table(header, cells, right=set(header[1:]), elastic=0)


def graded(rows: Sequence[StatsRow], group: StatsGroup) -> Sequence[str]:
    """A row each, with what the runs were good for; a dash where nothing was recorded."""

    def whole(part: float | None) -> str:
        return "-" if part is None else f"{100 * part:.0f}%"

    cells = [
        [
            row.group,
            str(row.runs),
            whole(row.success_share),
            _each(row).strip(", ").removesuffix(" each") or "-",
            duration(row.first_token_p95_ms),
            whole(row.top3_share),
            whole(row.grounded_share),
            whole(row.good_share),
            whole(row.cache_hit_share),
            whole(row.valid_share),
        ]
        for row in rows
    ]
    header = [group, "runs", "succ", "each", "first", "top3", "grnd", "good", "hits", "valid"]
    return table(header, cells, right=set(header[1:]), elastic=0)


def csv_of(rows: Sequence[StatsRow]) -> str:
    """Every figure of every group."""
    names = [*(one.name for one in fields(StatsRow)), *DERIVED]
    return csv_text(names, ([getattr(row, name) for name in names] for row in rows))


def kpi_lines(kpis: Sequence[Kpi]) -> Sequence[str]:
    """A row a KPI: value, target, verdict, and what it was measured over."""
    cells = [
        [kpi.title, _value(kpi), _target(kpi), kpi.verdict, f"{kpi.of:,} {kpi.basis}"]
        for kpi in kpis
    ]
    return table(["kpi", "value", "target", "verdict", "over"], cells, right={"value"})


def kpi_csv(kpis: Sequence[Kpi]) -> str:
    names = [*(one.name for one in fields(Kpi)), "measured", "verdict"]
    return csv_text(names, ([getattr(kpi, name) for name in names] for kpi in kpis))


def failure_lines(clusters: Sequence[FailureCluster], *, limit: int) -> Iterator[str]:
    """Causes with how often, what and where, then the last run to look at."""
    total = sum(cluster.count for cluster in clusters)
    yield f"{total:,} failures of {len(clusters):,} causes"
    for cluster in clusters[:limit]:
        yield ""
        cause = cluster.error_type or "no known type"
        where = ", ".join(cluster.where[:3]) + (", …" if len(cluster.where) > 3 else "")
        origin = cluster.origin if cluster.origin == "run" else f"call of a {cluster.origin}"
        counted = f"{cluster.count:,} ({share(cluster.count, total)})"
        yield clean_line(f"{counted}  {cause}, {origin}" + (f": {where}" if where else ""))
        text = cluster.message or "(no text, or none that is kept)"
        yield "  " + shortened(clean_line(text), (room() or 10_000) - 2)
        last = f"{cluster.last_at.astimezone():%Y-%m-%d %H:%M}"
        yield "  " + clean_line(f"last {last}, copilot runs show {cluster.last_run}")


def failure_csv(clusters: Sequence[FailureCluster]) -> str:
    names = [one.name for one in fields(FailureCluster)]
    rows = (
        [" ".join(cell) if isinstance(cell, list) else cell for cell in to_plain(one).values()]
        for one in clusters
    )
    return csv_text(names, rows)


def _goodness(row: StatsRow) -> Iterator[str]:
    def of(part: float | None, whole: int, what: str) -> str:
        named = what.removesuffix("s") if whole == 1 else what
        return f"{proportion(part)} of {whole:,} {named}" if part is not None else NO_DATA

    rated = row.good + row.bad
    yield _line("grounded", of(row.grounded_share, row.sentences, "shown sentences"))
    yield _line("rated good", of(row.good_share, rated, "ratings"))
    false = f"; {proportion(row.cache_false_share)} false" if row.cache_checked else ""
    yield _line("cache hits", of(row.cache_hit_share, row.cache_asked, "looks") + false)
    if row.extractions:
        yield _line("schema-valid", of(row.valid_share, row.extractions, "extractions"))


def _index_age(row: StatsRow, index: IndexState) -> str:
    if index.synced_at is None:
        return NO_DATA
    last = f"last sync {_ago((index.now - index.synced_at).total_seconds())} ago"
    if row.index_age_p95_s is None:
        return last
    return f"p95 {_ago(row.index_age_p95_s)} when asked; {last}"


def _index_lag(freshness: Freshness) -> str:
    """From a document's change to its being answerable."""
    if freshness.lag_p50_s is None or freshness.lag_p95_s is None:
        return NO_DATA
    lags = f"p50 {_ago(freshness.lag_p50_s)}, p95 {_ago(freshness.lag_p95_s)}"
    within = f"{proportion(freshness.within_share)} within {_ago(freshness.within_s)}"
    return f"{lags}; {within}, of {freshness.documents:,} changed"


def _ago(seconds: float) -> str:
    """``40 s``, ``40 min``, ``5 h``, ``12 d``."""
    seconds = max(seconds, 0)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3_600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.0f} h" if seconds < 72 * 3_600 else f"{seconds / 86_400:.0f} d"


def _ends(row: StatsRow) -> Sequence[tuple[str, int]]:
    return (
        ("answered", row.answered),
        ("abstained", row.abstained),
        ("degraded", row.degraded),
        ("done", row.done),
        ("failed", row.failed),
        ("refused or limited", row.other),
    )


def _line(label: str, text: str) -> str:
    return f"{label:<22}{text}"


def _percentiles(p50: float | None, p95: float | None) -> str:
    return NO_DATA if p50 is None else f"p50 {duration(p50)}, p95 {duration(p95)}"


def _each(row: StatsRow) -> str:
    cost = row.microusd_per_success
    return "" if cost is None else f", {_known(money(round(cost)), row)} each"


def _known(text: str, row: StatsRow) -> str:
    """The sum of what is known: some runs may have no known price."""
    return text + ("+" if row.unpriced else "")


def _value(kpi: Kpi) -> str:
    if kpi.value is None:
        return NO_DATA
    return _in_units(kpi.value, kpi)


def _in_units(value: float, kpi: Kpi) -> str:
    match kpi.unit:
        case "share":
            return proportion(value)
        case "seconds":
            return f"{value:,.1f} s"
        case "hours":
            return f"{value:,.1f} h"
        case "usd":
            return money(round(value * 1_000_000))
        case "count":
            return f"{value:g}"


def _target(kpi: Kpi) -> str:
    sign = "≥" if kpi.bound == "at least" else "≤"
    if not kpi.relative:
        return f"{sign} {_in_units(kpi.target, kpi)}"
    base = "no baseline" if kpi.baseline is None else f"was {_in_units(kpi.baseline, kpi)}"
    return f"{sign} {'+' if kpi.target >= 0 else ''}{proportion(kpi.target)} ({base})"
