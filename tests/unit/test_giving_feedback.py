"""What a person types about a run, and what becomes of it."""

from __future__ import annotations

import pytest

from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.events import Event, RunStopped
from copilot.ledger.feedback import MOST_TAGS, feedback, give, rated_run
from copilot.records import FeedbackGiven, Record
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import quoted_run


class FullDisk(MemoryLedger):
    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        raise StorageError("the disk is full", hint="make room")


def typed(**changes: object) -> FeedbackGiven:
    given = {"rating": "good", "principal": "ann", "tags": (), "comment": "", "correction": None}
    return feedback(**{**given, **changes})  # type: ignore[arg-type]


def test_tags_are_lower_case_and_each_counts_once() -> None:
    assert typed(tags=["Stale", " stale ", "v2_draft"]).tags == ("stale", "v2_draft")


@pytest.mark.parametrize("tag", ["", "-x", "two words", "x" * 33, "naïve", "a\nb"])
def test_what_could_hold_a_sentence_is_no_tag(tag: str) -> None:
    with pytest.raises(UsageError, match="no tag"):
        typed(tags=[tag])


def test_too_many_tags_are_refused() -> None:
    tags = [f"t{n}" for n in range(MOST_TAGS + 1)]
    assert len(typed(tags=tags[:-1]).tags) == MOST_TAGS
    with pytest.raises(UsageError, match="too many"):
        typed(tags=tags)


def test_a_correction_that_came_out_empty_is_refused() -> None:
    assert typed(correction=" At nine.\n").correction == "At nine."
    for empty in ("", " \n"):
        with pytest.raises(UsageError, match="corrected answer is empty"):
            typed(correction=empty)


def test_a_run_that_read_documents_has_no_answer_to_rate() -> None:
    ledger = MemoryLedger()
    for event in quoted_run("run-1", kind="index"):
        ledger.append("run-1", event)
    with pytest.raises(UsageError, match="run-1 read documents"):
        rated_run(ledger, "run-1")


def test_of_searches_and_asks_the_last_ask_is_rated() -> None:
    ledger = MemoryLedger()
    with pytest.raises(NotFoundError, match="nothing was asked"):
        rated_run(ledger, "")
    for run_id, kind in (("run-1", "ask"), ("run-2", "search")):
        for event in quoted_run(run_id, kind=kind):  # type: ignore[arg-type]
            ledger.append(run_id, event)
    assert rated_run(ledger, "").id == "run-1"
    assert rated_run(ledger, "run-2").id == "run-2"


def test_feedback_that_can_not_be_written_says_so_and_lets_go_of_its_file() -> None:
    ledger = FullDisk()
    with pytest.raises(StorageError, match="not kept: the disk is full") as caught:
        give(ledger, "run-1", typed())
    assert (caught.value.hint, ledger.closed) == ("make room", 1)
