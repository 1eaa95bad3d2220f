"""Figures that are drawn by group."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.charts import MOMENTS, stretch, unbroken
from copilot.figures import StatsGroup


@pytest.mark.parametrize(
    ("by", "groups", "between"),
    [
        (
            "hour",
            ["2026-02-28 22:00", "2026-03-01 01:00"],
            ["2026-02-28 23:00", "2026-03-01 00:00"],
        ),
        ("day", ["2026-12-30", "2027-01-01"], ["2026-12-31"]),
        ("month", ["2026-11", "2027-02"], ["2026-12", "2027-01"]),
    ],
)
def test_stretches_of_time_without_runs_stand_between_their_neighbours(
    by: StatsGroup, groups: list[str], between: list[str]
) -> None:
    first, last = groups
    assert unbroken([last, first], by=by) == [first, *between, last]


def test_what_is_no_time_has_nothing_between() -> None:
    assert unbroken(["b", "a"], by="model") == ["b", "a"]
    assert unbroken([], by="day") == []


def test_beyond_a_year_of_days_only_those_with_runs_are_drawn() -> None:
    assert unbroken(["2026-01-01", "2020-01-01"], by="day") == ["2020-01-01", "2026-01-01"]


@pytest.mark.parametrize("by", MOMENTS)
def test_a_stretch_ends_where_the_next_begins(by: StatsGroup) -> None:
    at = datetime(2027, 12, 31, 23, tzinfo=UTC)
    begins, ends = stretch(f"{at:{MOMENTS[by]}}", by=by)
    assert begins <= at < ends == datetime(2028, 1, 1, tzinfo=UTC)
