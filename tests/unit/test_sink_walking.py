"""Walking through a tracker's issues for a mark, again and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copilot.adapters.sinks.walking import Walked
from copilot.errors import SinkUnavailableError

Issue = tuple[str, tuple[str, ...]]


class Tracker:
    """Issues by number, from 1; ``looked``: how many were looked at since it was asked last."""

    def __init__(self, count: int) -> None:
        self.marks: dict[int, tuple[str, ...]] = dict.fromkeys(range(1, count + 1), ())
        self.looked = 0

    def issues(self, *, breaks_after: int = 10**9) -> Iterator[Issue]:
        self.looked = 0
        for number in sorted(self.marks, reverse=True):
            if self.looked == breaks_after:
                raise SinkUnavailableError("it asks to slow down")
            self.looked += 1
            yield str(number), self.marks[number]


def test_what_was_walked_through_is_looked_at_again_for_a_page_alone() -> None:
    tracker, walked = Tracker(1000), Walked()
    tracker.marks[3] = ("old",)
    assert walked.find("none", tracker.issues()) is None
    assert tracker.looked == 1000
    tracker.marks[1001] = ("new",)
    assert walked.find("new", tracker.issues()) == "1001"
    assert tracker.looked == 101
    assert walked.find("old", tracker.issues()) == "3"
    assert tracker.looked == 100


def test_an_issue_that_shows_up_below_a_newer_one_is_seen() -> None:
    tracker, walked = Tracker(500), Walked()
    del tracker.marks[450]
    walked.find("late", tracker.issues())
    tracker.marks[450] = ("late",)
    assert walked.find("late", tracker.issues()) == "450"


def test_a_walk_that_broke_off_counts_for_nothing() -> None:
    tracker, walked = Tracker(1000), Walked()
    tracker.marks[3] = ("old",)
    with pytest.raises(SinkUnavailableError):
        walked.find("old", tracker.issues(breaks_after=700))
    assert walked.find("old", tracker.issues()) == "3"


def test_of_several_with_one_mark_the_oldest_is_it_whenever_the_others_were_made() -> None:
    tracker, walked = Tracker(300), Walked()
    tracker.marks[7] = tracker.marks[200] = ("ours",)
    assert walked.find("ours", tracker.issues()) == "7"
    tracker.marks[301] = ("ours",)
    assert walked.find("ours", tracker.issues()) == "7"
