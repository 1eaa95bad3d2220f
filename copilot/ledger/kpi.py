"""The figures that an LLM team is measured by, each held against its target.

Invariant: what nothing was recorded for has no value and the verdict ``no data``; a target is
neither held nor missed by nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.config.schema import KpiSettings
from copilot.figures import Freshness, StatsRow

Unit = Literal["share", "seconds", "hours", "usd", "count"]
Bound = Literal["at least", "at most"]
Verdict = Literal["holds", "misses", "no data"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure with its target; ``of`` is how many ``basis`` it was measured over.

    With ``relative`` the target is a change from ``baseline``, the same figure of an earlier
    period: 0.1 is ten per cent above it.
    """

    name: str
    title: str
    value: float | None
    unit: Unit
    bound: Bound
    target: float
    of: int = 0
    basis: str = "runs"
    relative: bool = False
    baseline: float | None = None

    @property
    def measured(self) -> float | None:
        """What the target speaks of: the value, or its change from the baseline."""
        if not self.relative or self.value is None:
            return self.value
        return self.value / self.baseline - 1 if self.baseline else None

    @property
    def verdict(self) -> Verdict:
        if self.measured is None:
            return "no data"
        at_least = self.bound == "at least"
        held = self.measured >= self.target if at_least else self.measured <= self.target
        return "holds" if held else "misses"


def measure(
    asks: StatsRow,
    everything: StatsRow,
    before: StatsRow,
    *,
    freshness: Freshness,
    targets: KpiSettings,
    decided_monthly: float | None = None,
) -> list[Kpi]:
    """All KPIs: ``asks`` of the period, runs of every kind, and the asks of the baseline.

    ``freshness`` of the period, within ``targets.freshness_hours``. ``decided_monthly``: the
    experiments that were ended in it, a month of 30 days.
    """
    return [
        *_answers(asks, before, targets),
        *_safety(everything, targets),
        *_service(asks, everything, targets),
        *_index(asks, freshness, targets),
        *_economy(asks, everything, before, targets),
        *_practice(targets, decided_monthly),
    ]


def _answers(asks: StatsRow, before: StatsRow, targets: KpiSettings) -> list[Kpi]:
    return [
        Kpi(
            "task_success",
            "task success",
            asks.success_share,
            "share",
            "at least",
            targets.task_success_change,
            of=asks.runs,
            relative=True,
            baseline=before.success_share,
        ),
        Kpi(
            "fallback",
            "escalation, fallback",
            asks.degradation_share,
            "share",
            "at most",
            targets.fallback_change,
            of=asks.runs,
            relative=True,
            baseline=before.degradation_share,
        ),
        Kpi(
            "hallucination",
            "hallucination",
            asks.ungrounded_share,
            "share",
            "at most",
            targets.hallucination_max,
            of=asks.checked,
            basis="answers",
        ),
        Kpi("critical_cases", "critical cases", None, "share", "at most", targets.critical_max),
        Kpi(
            "grounding",
            "grounding",
            asks.grounded_share,
            "share",
            "at least",
            targets.grounding_min,
            of=asks.sentences,
            basis="sentences",
        ),
    ]


def _safety(everything: StatsRow, targets: KpiSettings) -> list[Kpi]:
    watched = everything.guarded + everything.good + everything.bad
    return [
        Kpi(
            "format",
            "format adherence",
            everything.valid_share,
            "share",
            "at least",
            targets.format_min,
            of=everything.extractions,
            basis="extractions",
        ),
        Kpi(
            "violations",
            "safety violations",
            everything.violating_share,
            "share",
            "at most",
            targets.violation_max,
            of=everything.guarded,
            basis="guarded runs",
        ),
        Kpi(
            "leaks",
            "confirmed leaks",
            everything.leaking if watched else None,
            "count",
            "at most",
            targets.leaks_max,
            of=watched,
            basis="checks, ratings",
        ),
    ]


def _service(asks: StatsRow, everything: StatsRow, targets: KpiSettings) -> list[Kpi]:
    return [
        Kpi(
            "latency_p95",
            "latency p95",
            _over(asks.toolless_latency_p95_ms, 1_000),
            "seconds",
            "at most",
            targets.latency_p95_s,
            of=asks.runs - asks.with_tools,
        ),
        Kpi(
            "tools_latency_p95",
            "latency p95, tools",
            _over(everything.tools_latency_p95_ms, 1_000),
            "seconds",
            "at most",
            targets.tools_latency_p95_s,
            of=everything.with_tools,
        ),
        Kpi(
            "availability",
            "availability",
            asks.available_share,
            "share",
            "at least",
            targets.availability_min,
            of=asks.runs - asks.interrupted,
        ),
    ]


def _index(asks: StatsRow, freshness: Freshness, targets: KpiSettings) -> list[Kpi]:
    return [
        Kpi(
            "freshness",
            f"fresh within {targets.freshness_hours:g} h",
            freshness.within_share,
            "share",
            "at least",
            targets.freshness_min,
            of=freshness.documents,
            basis="documents",
        ),
        Kpi(
            "index_age",
            "index age p95",
            _over(asks.index_age_p95_s, 3_600),
            "hours",
            "at most",
            targets.index_age_hours,
            of=asks.index_aged,
            basis="searches",
        ),
    ]


def _economy(
    asks: StatsRow, everything: StatsRow, before: StatsRow, targets: KpiSettings
) -> list[Kpi]:
    return [
        Kpi(
            "cost_per_success",
            "cost of a success",
            _usd_per_success(asks),
            "usd",
            "at most",
            targets.cost_change,
            of=asks.succeeded,
            basis="successes",
            relative=True,
            baseline=_usd_per_success(before),
        ),
        Kpi(
            "cache_hits",
            "cache hits",
            everything.cache_hit_share,
            "share",
            "at least",
            targets.cache_hit_min,
            of=everything.cache_asked,
            basis="looks",
        ),
        Kpi(
            "cache_false_hits",
            "false cache hits",
            everything.cache_false_share,
            "share",
            "at most",
            targets.cache_false_max,
            of=everything.cache_checked,
            basis="checked hits",
        ),
        Kpi(
            "retrieval",
            "citing rank 1 to 3",
            asks.top3_share,
            "share",
            "at least",
            targets.top3_change,
            of=asks.cited,
            basis="answers",
            relative=True,
            baseline=before.top3_share,
        ),
        Kpi(
            "satisfaction",
            "satisfaction",
            everything.good_share,
            "share",
            "at least",
            targets.satisfaction_min,
            of=everything.good + everything.bad,
            basis="ratings",
        ),
    ]


def _practice(targets: KpiSettings, decided_monthly: float | None) -> list[Kpi]:
    """How it is worked on. What only evaluations can tell nothing records yet."""
    return [
        Kpi("eval_coverage", "eval coverage", None, "share", "at least", targets.eval_coverage_min),
        Kpi(
            "regressions", "release regressions", None, "count", "at most", targets.regressions_max
        ),
        Kpi(
            "experiments",
            "experiments a month",
            decided_monthly,
            "count",
            "at least",
            targets.experiments_min,
        ),
    ]


def _over(value: float | None, divisor: float) -> float | None:
    return None if value is None else value / divisor


def _usd_per_success(row: StatsRow) -> float | None:
    """None also when a price is unknown: what is missing might be most of it."""
    return None if row.unpriced else _over(row.microusd_per_success, 1_000_000)
