"""Periods, states and kinds as people type them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from copilot.errors import UsageError
from copilot.figures import NONE
from copilot.ledger.queries import (
    as_text,
    choice,
    from_text,
    run_filter,
    since_when,
    stats_group,
    within,
)
from copilot.runs import RunFilter

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        (" 7D ", timedelta(days=7)),
        ("4w", timedelta(weeks=4)),
    ],
)
def test_a_period_counts_back_from_now(text: str, ago: timedelta) -> None:
    assert since_when(text, NOW) == NOW - ago


def test_a_moment_with_a_zone_is_that_moment() -> None:
    assert since_when("2026-11-01T02:00+02:00", NOW) == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_day_begins_at_local_midnight() -> None:
    assert since_when("2026-11-01", NOW) == datetime(2026, 11, 1).astimezone(UTC)


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7y", "yesterday", "999999w", "2026-13-01"])
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        since_when(text, NOW)
    assert "--since" in caught.value.hint


def test_an_unknown_status_or_kind_or_group_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        run_filter(since="", status="done", kind="", now=NOW)
    assert "abstained" in caught.value.hint
    assert "interrupted" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        run_filter(since="", status="", kind="chat", now=NOW)
    assert "ask" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        stats_group("week")
    assert "day" in caught.value.hint


def test_nothing_given_means_everything() -> None:
    where = run_filter(since="", status="", kind="", now=NOW)
    assert (where.since, where.status, where.kind, stats_group("")) == (None, "", "", "")


@pytest.mark.parametrize(
    "where",
    [
        RunFilter(),
        RunFilter(since=NOW, until=NOW + timedelta(days=1), kind="ask", status="abstained"),
        RunFilter(since=NOW + timedelta(microseconds=3)),
        RunFilter(model='it\'s a "model"', route=NONE, prompt="answer 3", rating="bad"),
    ],
)
def test_a_choice_of_runs_survives_being_written_as_a_line(where: RunFilter) -> None:
    assert from_text(as_text(where), NOW) == where


def test_a_choice_of_runs_is_written_as_people_type_it() -> None:
    where = RunFilter(since=datetime(2026, 11, 1, tzinfo=UTC), kind="ask", model="gpt-x")
    assert as_text(where) == "since=2026-11-01T00:00Z kind=ask model=gpt-x"
    assert from_text("since=7d  status=failed", NOW) == RunFilter(
        since=NOW - timedelta(days=7), status="failed"
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("color=red", "color=red"),
        ("gpt-x", "gpt-x"),
        ("model='gpt", "left open"),
        ("kind=chat", "chat"),
        ("rating=fine", "fine"),
        ("since=soon", "soon"),
    ],
)
def test_what_chooses_no_runs_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        from_text(text, NOW)
    assert caught.value.hint


def test_a_group_of_time_is_cut_at_the_ends_of_its_period() -> None:
    week = RunFilter(since=NOW - timedelta(days=7), until=NOW, kind="ask")
    first, last = (within(week, day, by="day") for day in ("2026-11-14", "2026-11-21"))
    assert (first.since, first.until) == (week.since, datetime(2026, 11, 15, tzinfo=UTC))
    assert (last.since, last.until) == (datetime(2026, 11, 21, tzinfo=UTC), NOW)
    assert within(RunFilter(), "2026-11", by="month").until == datetime(2026, 12, 1, tzinfo=UTC)
    assert within(week, "gpt-x", by="model") == replace(week, model="gpt-x")
    assert within(week, "", by="") == week


@pytest.mark.parametrize(
    ("typed", "where", "words"),
    [
        ("", RunFilter(), ""),
        ("what's up  today", RunFilter(), "what's up today"),
        ("a=b status=failed 100% (x)", RunFilter(status="failed"), "a=b 100% (x)"),
        ("gateway model='gpt x' down", RunFilter(model="gpt x"), "gateway down"),
        ("kind=ask rating=bad", RunFilter(kind="ask", rating="bad"), ""),
        ("mystatus=failed", RunFilter(), "mystatus=failed"),
    ],
)
def test_words_beside_a_choice_of_runs_are_looked_for(
    typed: str, where: RunFilter, words: str
) -> None:
    assert choice(typed, NOW) == (where, words)


def test_a_written_choice_of_runs_is_typed_again_whole() -> None:
    where = RunFilter(since=NOW, model='it\'s "x" y', prompt="answer 3")
    assert choice(f"down {as_text(where)} up", NOW) == (where, "down up")


def test_a_state_that_is_none_is_refused_beside_words_too() -> None:
    with pytest.raises(UsageError, match="no status soon"):
        choice("gateway status=soon", NOW)
