"""Each KPI holds, misses or has no data, and never says more than was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from copilot.config.schema import KpiSettings
from copilot.figures import Freshness, StatsRow
from copilot.ledger.kpi import Kpi, Verdict, measure
from copilot.ledger.queries import earlier
from copilot.runs import RunFilter

NOTHING = StatsRow()
ASKS = StatsRow(
    runs=1_000,
    answered=900,
    degraded=50,
    failed=3,
    interrupted=2,
    succeeded=800,
    cost_microusd=1_600_000,
    cited=900,
    cited_top3=810,
    sentences=2_000,
    supported=1_960,
    checked=900,
    ungrounded=40,
    toolless_latency_p95_ms=2_400.0,
    index_aged=900,
    index_age_p95_s=7_200.0,
)
EVERYTHING = replace(
    ASKS,
    with_tools=10,
    tools_latency_p95_ms=4_100.0,
    extractions=200,
    valid_at_last=199,
    guarded=500,
    violating=1,
    good=9,
    bad=1,
    cache_asked=100,
    cache_hits=20,
    cache_checked=50,
    cache_wrong=1,
)
FRESH = Freshness(200, 600.0, 90_000.0, 188, 86_400.0)


def measured(
    asks: StatsRow = ASKS,
    everything: StatsRow = EVERYTHING,
    before: StatsRow = NOTHING,
    targets: KpiSettings | None = None,
    freshness: Freshness = FRESH,
) -> dict[str, Kpi]:
    found = measure(asks, everything, before, freshness=freshness, targets=targets or KpiSettings())
    return {kpi.name: kpi for kpi in found}


def test_a_ledger_without_runs_holds_and_misses_nothing() -> None:
    found = measured(NOTHING, NOTHING, freshness=Freshness())
    assert len(found) == 21
    assert {(kpi.value, kpi.verdict) for kpi in found.values()} == {(None, "no data")}


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("hallucination", 40 / 900, "holds"),
        ("grounding", 0.98, "holds"),
        ("format", 0.995, "holds"),
        ("violations", 0.002, "misses"),
        ("leaks", 0, "holds"),
        ("latency_p95", 2.4, "holds"),
        ("tools_latency_p95", 4.1, "misses"),
        ("availability", 997 / 998, "misses"),
        ("freshness", 0.94, "misses"),
        ("index_age", 2.0, "holds"),
        ("cache_hits", 0.2, "holds"),
        ("cache_false_hits", 0.02, "misses"),
        ("satisfaction", 0.9, "holds"),
    ],
)
def test_a_figure_is_held_against_its_target(name: str, value: float, verdict: Verdict) -> None:
    kpi = measured()[name]
    assert kpi.value == pytest.approx(value)
    assert kpi.verdict == verdict


def test_a_change_needs_a_baseline_and_is_counted_from_it() -> None:
    without = measured()
    changing = [kpi for kpi in without.values() if kpi.relative]
    assert len(changing) == 4
    assert {kpi.verdict for kpi in changing} == {"no data"}
    assert without["task_success"].value == 0.8
    before = replace(ASKS, succeeded=700, degraded=100, cost_microusd=1_700_000, cited_top3=850)
    after = measured(before=before)
    assert after["task_success"].measured == pytest.approx(1 / 7)
    assert after["fallback"].measured == pytest.approx(-0.5)
    assert {name: after[name].verdict for name in ("task_success", "fallback")} == {
        "task_success": "holds",
        "fallback": "holds",
    }
    assert after["cost_per_success"].verdict == "holds"
    assert after["retrieval"].verdict == "misses"


def test_an_unknown_price_leaves_the_cost_of_a_success_unknown() -> None:
    before = replace(ASKS, cost_microusd=9_000_000)
    assert measured(before=before)["cost_per_success"].verdict == "holds"
    unknown = replace(ASKS, unpriced=1)
    assert measured(unknown, before=before)["cost_per_success"].value is None
    assert measured(before=replace(before, unpriced=1))["cost_per_success"].verdict == "no data"


def test_a_target_is_what_the_configuration_says() -> None:
    strict = KpiSettings(
        grounding_min=0.99, index_age_hours=1.0, freshness_hours=0.5, freshness_min=0.9
    )
    found = measured(targets=strict)
    assert (found["grounding"].target, found["grounding"].verdict) == (0.99, "misses")
    assert found["index_age"].verdict == "misses"
    assert found["freshness"].title == "fresh within 0.5 h"
    assert (found["freshness"].target, found["freshness"].verdict) == (0.9, "holds")


def test_the_baseline_is_a_period_of_the_same_length_that_long_ago() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    where = RunFilter(since=now - timedelta(days=30), kind="ask")
    before = earlier(where, days=182, now=now)
    assert before.until == now - timedelta(days=182)
    assert before.since == now - timedelta(days=212)
    assert before.kind == "ask"
