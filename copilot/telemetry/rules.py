"""The figures that a rule may watch, and what a rule finds when it looks.

Invariant: a figure that isn't known, or rests on fewer runs than the rule asks for, fires
nothing and clears nothing: it is ``no data``, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, get_args

from copilot.config.schema import AlertRule, DriftFigure, StatsFigure
from copilot.figures import Freshness, StatsRow, share
from copilot.ledger.queries import since_when
from copilot.outlets import RetrievalSample, SampleReader
from copilot.ports import RunReader
from copilot.runs import RunFilter
from copilot.telemetry.drift import Drift, kolmogorov_smirnov, population_stability

State = Literal["firing", "ok", "no data"]
Unit = Literal["", "usd", "s", "h", "share"]
# A drift that is no surprise is none, whatever its size.
_SURPRISING = 0.01


@dataclass(frozen=True, slots=True)
class Figure:
    """How a figure over runs is read. ``of`` are the runs that it rests on, of ``kind``.

    ``counts``: it is a sum, which is known however few runs there are.
    """

    unit: Unit
    value: Callable[[StatsRow], float | None]
    of: Callable[[StatsRow], int]
    kind: str = "ask"
    counts: bool = False


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


FIGURES: Mapping[StatsFigure, Figure] = {
    "runs": Figure("", lambda row: row.runs, lambda row: row.runs, kind="", counts=True),
    "cost": Figure(
        "usd", lambda row: row.cost_microusd / 1e6, lambda row: row.runs, kind="", counts=True
    ),
    "cost_per_success": Figure(
        "usd", lambda row: _scaled(row.microusd_per_success, 1e6), lambda row: row.runs
    ),
    # A person's Ctrl-C is no error.
    "error_rate": Figure(
        "share",
        lambda row: share(row.failed - row.interrupted, row.runs - row.interrupted),
        lambda row: row.runs - row.interrupted,
    ),
    "degraded_rate": Figure("share", lambda row: row.degradation_share, lambda row: row.runs),
    "abstained_rate": Figure("share", lambda row: row.abstention_share, lambda row: row.runs),
    "latency_p50": Figure("s", lambda row: _scaled(row.latency_p50_ms, 1000), lambda row: row.runs),
    "latency_p95": Figure("s", lambda row: _scaled(row.latency_p95_ms, 1000), lambda row: row.runs),
    "first_text_p95": Figure(
        "s", lambda row: _scaled(row.first_token_p95_ms, 1000), lambda row: row.runs
    ),
    "grounded": Figure("share", lambda row: row.grounded_share, lambda row: row.checked),
    "cites_top3": Figure("share", lambda row: row.top3_share, lambda row: row.cited),
    "good_ratings": Figure("share", lambda row: row.good_share, lambda row: row.good + row.bad),
    "violations": Figure("share", lambda row: row.violating_share, lambda row: row.guarded),
    "cache_false_hits": Figure(
        "share", lambda row: row.cache_false_share, lambda row: row.cache_checked
    ),
}
UNITS: Mapping[str, Unit] = {
    **{name: figure.unit for name, figure in FIGURES.items()},
    "index_age": "h",
    "index_lag_p95": "h",
    "query_drift": "",
    "score_drift": "",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found. ``value`` is in the figure's unit; ``chance`` is a drift's alone."""

    rule: str
    state: State
    figure: str
    unit: Unit
    value: float | None
    runs: int
    comparison: Literal["above", "below"]
    bound: float
    window: str
    chance: float | None = None


def check(
    rules: Mapping[str, AlertRule], *, runs: RunReader, samples: SampleReader, now: datetime
) -> list[Finding]:
    """What each rule finds, in the rules' order. Raises StorageError."""
    book = _Book(runs, samples, now)
    return [_finding(name, rule, book) for name, rule in rules.items()]


def _finding(name: str, rule: AlertRule, book: _Book) -> Finding:
    value, known, drift = _measured(rule, book)
    bound = rule.above if rule.above is not None else rule.below
    assert bound is not None
    if value is None:
        state: State = "no data"
    else:
        beyond = value > bound if rule.above is not None else value < bound
        surprising = drift is None or drift.chance < _SURPRISING
        state = "firing" if beyond and surprising else "ok"
    return Finding(
        rule=name,
        state=state,
        figure=rule.figure,
        unit=UNITS[rule.figure],
        value=value,
        runs=known,
        comparison="above" if rule.above is not None else "below",
        bound=bound,
        window=rule.window,
        chance=drift.chance if drift is not None else None,
    )


def _measured(rule: AlertRule, book: _Book) -> tuple[float | None, int, Drift | None]:
    """The figure, None where it says nothing; the runs that it rests on; the drift it is."""
    if rule.figure == "index_age":
        return book.index_age_h, 0, None
    if rule.figure == "index_lag_p95":
        fresh = book.freshness(rule.window)
        enough = fresh.documents >= rule.least_runs
        return (_scaled(fresh.lag_p95_s, 3600) if enough else None), fresh.documents, None
    if rule.figure in get_args(DriftFigure):
        return _drifted(rule, book)
    figure = FIGURES[rule.figure]  # type: ignore[index]
    row = book.row(rule.window, figure.kind)
    known = figure.of(row)
    enough = figure.counts or known >= rule.least_runs
    return (figure.value(row) if enough else None), known, None


def _drifted(rule: AlertRule, book: _Book) -> tuple[float | None, int, Drift | None]:
    now, before = book.drifting(rule.window, rule.reference)
    if rule.figure == "query_drift":
        known, known_before = len(now.documents), len(before.documents)
    else:
        known, known_before = len(now.scores), len(before.scores)
    if min(known, known_before) < max(rule.least_runs, 1):
        return None, known, None
    if rule.figure == "query_drift":
        drift = population_stability(before.documents, now.documents)
    else:
        drift = kolmogorov_smirnov(before.scores, now.scores)
    return drift.distance, known, drift


class _Book:
    """Figures at one moment, each read once however many rules ask for it."""

    def __init__(self, runs: RunReader, samples: SampleReader, now: datetime) -> None:
        self._runs = runs
        self._samples = samples
        self._now = now
        self._rows: dict[tuple[str, str], StatsRow] = {}
        self._fresh: dict[str, Freshness] = {}
        self._sampled: dict[tuple[str, str], tuple[RetrievalSample, RetrievalSample]] = {}

    def row(self, window: str, kind: str) -> StatsRow:
        if (window, kind) not in self._rows:
            where = RunFilter(since=since_when(window, self._now), kind=kind)
            self._rows[window, kind] = self._runs.stats(where, by="")[0]
        return self._rows[window, kind]

    @cached_property
    def index_age_h(self) -> float | None:
        """Hours since the last whole sync began; None when there was none."""
        synced = self._runs.standing().synced_at
        return None if synced is None else (self._now - synced) / timedelta(hours=1)

    def freshness(self, window: str) -> Freshness:
        """How soon what was indexed in the window was answerable."""
        if window not in self._fresh:
            where = RunFilter(since=since_when(window, self._now))
            self._fresh[window] = self._runs.freshness(where, within_s=0.0)
        return self._fresh[window]

    def drifting(self, window: str, reference: str) -> tuple[RetrievalSample, RetrievalSample]:
        """What searches of the window found, and what those of the time before it did."""
        if (window, reference) not in self._sampled:
            begun = since_when(window, self._now)
            self._sampled[window, reference] = (
                self._samples.sample(begun, None),
                self._samples.sample(since_when(reference, begun), begun),
            )
        return self._sampled[window, reference]
