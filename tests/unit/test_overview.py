"""What the runs of a period come to, beside the period before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.calls.dashboard import LookOver
from copilot.config.schema import AlertRule, AlertSettings, LedgerSettings, Settings
from copilot.errors import UsageError
from copilot.figures import Overview
from copilot.ledger.queries import from_text
from copilot.messages import Status
from copilot.records import FeedbackGiven
from copilot.telemetry.overview import look_over
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run

NOW = STARTED_AT + timedelta(hours=2)


def looked_over(ledger: Path, *, settings: Settings | None = None, **call: Any) -> Overview:
    with LedgerTraces(ledger).at_once() as reader:
        return look_over(reader, LookOver(**call), settings=settings or Settings(), now=NOW)


def record(ledger: Path, *runs: Any) -> None:
    writer = SpoolRunWriter(ledger, bodies=False)
    for events in runs:
        for event in events:
            writer.append(events[0].run_id, event)
    writer.close()


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def a_fortnight(ledger: Path) -> None:
    """Three asks and a search of this week, one ask of the week before, one of last year."""
    record(
        ledger,
        written_run("run-1", cost_microusd=2_000_000),
        quoted_run("run-2", status=Status.ABSTAINED, started_at=ago(days=2)),
        quoted_run("run-3", started_at=ago(days=2, hours=1)),
        quoted_run("run-4", kind="search", started_at=ago(days=3)),
        written_run("run-5", cost_microusd=500_000, started_at=ago(days=8)),
        quoted_run("run-6", started_at=ago(days=300)),
    )


def test_a_period_stands_beside_one_of_the_same_length_before_it(tmp_path: Path) -> None:
    a_fortnight(tmp_path)
    week = looked_over(tmp_path, period="7d")
    assert week.before is not None
    assert (week.now.every.runs, week.now.asks.runs, week.before.every.runs) == (4, 3, 1)
    assert (week.now.every.cost_microusd, week.before.every.cost_microusd) == (2_000_000, 500_000)
    assert week.now.asks.abstention_share == pytest.approx(1 / 3)
    everything = looked_over(tmp_path, period="all")
    assert (everything.since, everything.before, everything.now.every.runs) == (None, None, 6)


def test_a_period_begins_with_a_whole_minute_and_the_one_before_ends_there(tmp_path: Path) -> None:
    told = looked_over(tmp_path, period="7d")
    assert told.before is not None
    assert told.now.runs == "since=2026-11-14T11:30Z"
    assert told.before.runs == "since=2026-11-07T11:30Z until=2026-11-14T11:30Z"


def test_what_is_chosen_of_one_kind_is_of_that_kind_alone(tmp_path: Path) -> None:
    a_fortnight(tmp_path)
    searches = looked_over(tmp_path, period="7d", kind="search")
    assert searches.now.every == searches.now.asks
    assert (searches.now.every.runs, len(searches.groups)) == (1, 1)
    with pytest.raises(UsageError):
        looked_over(tmp_path, kind="chat")


@pytest.mark.parametrize(("period", "by"), [("today", "hour"), ("30d", "day"), ("all", "day")])
def test_time_is_cut_as_suits_the_period(tmp_path: Path, period: str, by: str) -> None:
    a_fortnight(tmp_path)
    assert looked_over(tmp_path, period=period).by == by


def test_many_months_are_looked_at_by_the_month(tmp_path: Path) -> None:
    months = [quoted_run(f"run-{n}", started_at=ago(days=31 * n)) for n in range(5)]
    record(tmp_path, *months)
    told = looked_over(tmp_path, period="all")
    assert (told.by, len(told.groups)) == ("month", 5)


@pytest.mark.parametrize("by", ["time", "model", "route", "kind", "status", "prompt"])
def test_the_runs_behind_each_group_are_those_that_it_counts(tmp_path: Path, by: str) -> None:
    a_fortnight(tmp_path)
    told = looked_over(tmp_path, period="7d", by=by)
    reader = LedgerTraces(tmp_path)
    assert sum(group.every.runs for group in told.groups) == told.now.every.runs == 4
    for group in told.groups:
        found = reader.runs(from_text(group.runs, NOW), limit=99)
        assert len(found) == group.every.runs


def test_more_groups_than_anybody_reads_are_counted_and_the_largest_told(tmp_path: Path) -> None:
    runs = [written_run(f"run-{n}", model=f"model-{n}") for n in range(105)]
    record(tmp_path, *runs, written_run("run-more", model="model-104"))
    told = looked_over(tmp_path, by="model", period="7d")
    assert (len(told.groups), told.left_out) == (100, 5)
    assert (told.groups[0].every.group, told.groups[0].every.runs) == ("model-104", 2)


def test_rules_say_what_they_found_and_where_to_look(tmp_path: Path) -> None:
    a_fortnight(tmp_path)
    rules = {
        "spend": AlertRule(figure="cost", above=1.5, window="1d"),
        "silence": AlertRule(figure="abstained_rate", above=0.9, window="7d", least_runs=1),
        "stale": AlertRule(figure="index_age", above=24.0),
    }
    settings = Settings(alerts=AlertSettings(rules=rules))
    spend, silence, stale = looked_over(tmp_path, settings=settings).rules
    assert (spend.state, spend.value, spend.fires) == ("firing", "$2.00", "above $1.50")
    assert (silence.state, silence.value) == ("ok", "33.3%")
    assert (stale.state, stale.value) == ("no data", "-")
    reader = LedgerTraces(tmp_path)
    [abstained] = reader.runs(from_text(silence.runs, NOW), limit=9)
    assert abstained.id == "run-2"
    assert [run.id for run in reader.runs(from_text(spend.runs, NOW), limit=9)] == ["run-1"]


def test_an_empty_ledger_is_told_from_an_empty_period_and_from_one_that_is_off(
    tmp_path: Path,
) -> None:
    nothing = looked_over(tmp_path)
    assert (nothing.ever, nothing.recording, nothing.groups) == (False, True, ())
    off = Settings(ledger=LedgerSettings(enabled=False))
    assert not looked_over(tmp_path, settings=off).recording
    record(tmp_path, quoted_run("run-1", started_at=ago(days=300)))
    quiet = looked_over(tmp_path, period="7d")
    assert (quiet.ever, quiet.now.every.runs) == (True, 0)


def test_ratings_count_in_the_period_of_their_run(tmp_path: Path) -> None:
    a_fortnight(tmp_path)
    writer = SpoolRunWriter(tmp_path, bodies=False)
    writer.append("run-1", FeedbackGiven("bad", "ann"))
    writer.close()
    told = looked_over(tmp_path, period="7d").now
    assert (told.every.good, told.every.bad) == (0, 1)
