"""What a rule finds: the figures of stats, freshness and drift, against its bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.config.schema import AlertRule, StatsFigure
from copilot.events import (
    Arrival,
    DocumentIndexed,
    Event,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
)
from copilot.messages import Status
from copilot.telemetry.rules import FIGURES, Finding, check
from copilot.testing.run_events import STARTED_AT, hits, quoted_run, written_run

NOW = STARTED_AT + timedelta(hours=2)
Runs = list[Event | RunStopped]


def found(ledger: Path, **rule: Any) -> Finding:
    [finding] = check(
        {"it": AlertRule(**{"window": "3h", "least_runs": 1, **rule})},
        runs=LedgerTraces(ledger),
        samples=LedgerTraces(ledger),
        now=NOW,
    )
    return finding


def record(ledger: Path, *runs: Any) -> None:
    writer = SpoolRunWriter(ledger, bodies=False)
    for events in runs:
        for event in events:
            writer.append(events[0].run_id, event)
    writer.close()


def stopped(run_id: str, status: Any) -> Runs:
    return [quoted_run(run_id)[0], RunStopped(run_id, status, "SomeError", "", 5.0)]


def test_every_figure_that_a_rule_may_name_can_be_read() -> None:
    assert set(FIGURES) == set(get_args(StatsFigure))


def test_cost_is_of_the_window_and_of_all_runs(tmp_path: Path) -> None:
    early = STARTED_AT - timedelta(hours=5)
    record(
        tmp_path,
        written_run("run-1", cost_microusd=3_000_000),
        written_run("run-2", cost_microusd=2_500_000),
        written_run("run-3", cost_microusd=9_000_000, started_at=early),
    )
    finding = found(tmp_path, figure="cost", above=5.0)
    assert (finding.state, finding.value, finding.runs) == ("firing", 5.5, 2)
    assert found(tmp_path, figure="cost", above=5.5).state == "ok"
    assert found(tmp_path, figure="cost", above=5.5, window="1d").state == "firing"


def test_a_sum_is_known_however_few_runs_there_are(tmp_path: Path) -> None:
    finding = found(tmp_path, figure="cost", above=1.0, least_runs=20)
    assert (finding.state, finding.value) == ("ok", 0.0)


def test_a_share_of_too_few_runs_says_nothing(tmp_path: Path) -> None:
    record(tmp_path, stopped("run-1", "failed"))
    assert found(tmp_path, figure="error_rate", above=0.5, least_runs=2).state == "no data"
    assert found(tmp_path, figure="error_rate", above=0.5).state == "firing"
    assert found(tmp_path, figure="error_rate", above=0.5, window="1h", least_runs=0).value is None


def test_a_persons_interruption_is_no_error(tmp_path: Path) -> None:
    record(tmp_path, stopped("run-1", "failed"), stopped("run-2", "interrupted"), quoted_run("r-3"))
    finding = found(tmp_path, figure="error_rate", above=0.4)
    assert (finding.state, finding.value, finding.runs) == ("firing", 0.5, 2)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("runs", 3),
        ("latency_p50", 0.2),
        ("latency_p95", pytest.approx(0.29)),
        ("first_text_p95", pytest.approx(0.145)),
        ("abstained_rate", pytest.approx(1 / 3)),
        ("degraded_rate", 0.0),
        ("grounded", 1.0),
        ("cites_top3", 0.5),
    ],
)
def test_a_figure_is_that_of_stats_in_its_unit(
    tmp_path: Path, figure: StatsFigure, value: float
) -> None:
    record(
        tmp_path,
        quoted_run("run-1", latency_ms=100.0),
        quoted_run("run-2", latency_ms=200.0, cited_rank=4),
        quoted_run("run-3", latency_ms=300.0, status=Status.ABSTAINED),
    )
    finding = found(tmp_path, figure=figure, above=-1.0)
    assert (finding.state, finding.value) == ("firing", value)
    assert found(tmp_path, figure=figure, below=-1.0).state == "ok"


def test_the_age_of_the_index_is_that_of_its_last_whole_sync(tmp_path: Path) -> None:
    assert found(tmp_path, figure="index_age", above=1.0).state == "no data"
    record(
        tmp_path,
        [
            RunStarted("run-1", "index", "/notes", "", "local", STARTED_AT),
            SyncFinished(1, 0, 0, 0, 0, 0, 4, 1, 9.0),
            RunFinished("run-1", Status.ANSWERED, None, 9.0),
        ],
    )
    finding = found(tmp_path, figure="index_age", above=1.0)
    assert (finding.state, finding.value) == ("firing", 2.0)


def test_the_lag_of_the_index_is_that_of_what_was_indexed_in_the_window(tmp_path: Path) -> None:
    def indexed(run_id: str, at: datetime, *changed: datetime) -> list[Event]:
        arrivals = [Arrival("notes", moment, at) for moment in changed]
        return [
            RunStarted(run_id, "index", "/notes", "", "local", at),
            *(DocumentIndexed("/notes/a.md", 1, "updated", arrival) for arrival in arrivals),
            SyncFinished(1, 0, 0, 0, 0, 0, 4, 1, 9.0, sources=("notes",)),
            RunFinished(run_id, Status.ANSWERED, None, 9.0),
        ]

    hour = timedelta(hours=1)
    record(tmp_path, indexed("run-1", NOW - 9 * hour))
    record(tmp_path, indexed("run-2", NOW - 5 * hour, NOW - 8 * hour))
    assert found(tmp_path, figure="index_lag_p95", above=1.0).state == "no data"
    record(tmp_path, indexed("run-3", NOW - hour, NOW - 3 * hour))
    lag = found(tmp_path, figure="index_lag_p95", above=1.0)
    assert (lag.state, lag.value, lag.unit, lag.runs) == ("firing", 2.0, "h", 1)
    assert found(tmp_path, figure="index_lag_p95", above=1.0, least_runs=2).state == "no data"
    assert found(tmp_path, figure="index_lag_p95", above=1.0, window="1d", least_runs=2).runs == 2


def searched(run_id: str, rank: int, *, days_ago: float = 0.0) -> list[Event]:
    """A run whose best hit was of the document ``rank``, and the less near the greater it is.

    A second hit was of the same document each time.
    """
    [*_, hit] = hits(rank)
    [other] = hits(1)
    at = STARTED_AT - timedelta(days=days_ago)
    best = (replace(hit, rank=1), replace(other, rank=2, score=0.0))
    return [
        RunStarted(run_id, "ask", "?", "", "local", at),
        RetrievalFinished(best, index_version=1, latency_ms=1.0),
        RunFinished(run_id, Status.ABSTAINED, None, 5.0),
    ]


@pytest.mark.parametrize("figure", ["query_drift", "score_drift"])
def test_drift_is_against_the_time_before_the_window(tmp_path: Path, figure: str) -> None:
    before = [searched(f"old-{n}", 1 + n % 4, days_ago=1 + n % 20) for n in range(80)]
    record(tmp_path, *before, *(searched(f"new-{n}", 1 + n % 4) for n in range(24)))
    steady = found(tmp_path, figure=figure, above=0.2, least_runs=20)
    assert (steady.state, steady.runs) == ("ok", 24)
    record(tmp_path, *(searched(f"other-{n}", 9) for n in range(24)))
    drifted = found(tmp_path, figure=figure, above=0.2, least_runs=20)
    assert (drifted.state, drifted.runs) == ("firing", 48)
    assert drifted.chance is not None
    assert drifted.chance < 0.01


@pytest.mark.parametrize("figure", ["query_drift", "score_drift"])
def test_drift_needs_runs_on_both_sides(tmp_path: Path, figure: str) -> None:
    record(tmp_path, *(searched(f"new-{n}", 1) for n in range(30)))
    assert found(tmp_path, figure=figure, above=0.0, least_runs=0).state == "no data"


def test_a_large_distance_of_few_runs_is_no_drift(tmp_path: Path) -> None:
    record(tmp_path, searched("old-1", 1, days_ago=2), searched("new-1", 2))
    finding = found(tmp_path, figure="score_drift", above=0.5)
    assert (finding.state, finding.value) == ("ok", 1.0)
