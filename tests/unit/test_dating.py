"""Runs that are dated ahead of a clock that was set back are said to be so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from copilot.ledger.dating import dated_ahead
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import quoted_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(*ahead: timedelta) -> tuple[str, ...]:
    """What is said of runs that begin so much after now, the latest first."""
    ledger = MemoryLedger()
    for event in quoted_run("run-0"):
        ledger.append("run-0", event)
    summary = ledger.run("run-0").summary
    runs = [replace(summary, id=f"run-{n}", started_at=NOW + d) for n, d in enumerate(ahead)]
    return dated_ahead(runs, NOW)


def test_of_runs_of_the_past_and_of_clocks_that_differ_a_little_nothing_is_said() -> None:
    assert told() == ()
    assert told(timedelta(minutes=4), timedelta(0), timedelta(days=-400)) == ()


def test_runs_from_the_future_are_counted_and_the_latest_is_named_with_its_time() -> None:
    [said] = told(timedelta(hours=2), timedelta(minutes=6), timedelta(minutes=4))
    assert said.startswith("2 run(s) are dated ahead of the clock")
    assert "run-0, counts as the last run until 2026-11-22 14:00 UTC" in said
