"""What is done with kept conversations: listed, searched, written out, deleted."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from copilot.answering.conversations import as_json, as_markdown, holding, listed, the, write_out
from copilot.answering.recalling import recall, recalled
from copilot.codec import from_plain
from copilot.errors import NotFoundError, UsageError
from copilot.messages import Status, Support, Turn
from copilot.runs import RecordedFeedback
from copilot.talks import KeptTurns
from copilot.testing.memory_conversations import MemoryConversations
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import QUOTE, quoted_run, written_run


def said(asked: str, told: str) -> list[Turn]:
    return [Turn("user", asked), Turn("assistant", told)]


@pytest.fixture
def store() -> MemoryConversations:
    made = MemoryConversations()
    made.append("monday", said("Where is the printer?", "In room 12 [1]."), run_id="run-1")
    made.append("tuesday", said("Who is on call?", "Mia. " * 100 + "Ask her for the PRINTER code."))
    made.append("friday", said("Wo steht die Straße?", "Dort."), by="ana")
    return made


@pytest.fixture
def ledger() -> MemoryLedger:
    made = MemoryLedger()
    for run_id, events in (("run-1", quoted_run("run-1")), ("run-2", written_run("run-2"))):
        for event in events:
            made.append(run_id, event)
    return made


def test_pinned_ones_come_first_and_the_latest_within_each(store: MemoryConversations) -> None:
    store.pin("monday", pinned=True)
    assert [one.name for one in listed(store)] == ["monday", "friday", "tuesday"]


def test_words_are_looked_for_in_titles_and_in_every_turn(store: MemoryConversations) -> None:
    store.rename("friday", "The printer's street", by="ana")
    found = {one.conversation.name: one.snippet for one in holding(store, "Printer")}
    assert [*found] == ["friday", "tuesday", "monday"]
    assert found["friday"] == ""
    assert found["tuesday"].startswith("…")
    assert found["tuesday"].endswith("PRINTER code.")
    assert found["monday"] == "Where is the printer?"
    assert [one.conversation.name for one in holding(store, "room PRINTER")] == ["monday"]
    assert [one.conversation.name for one in holding(store, "strasse")] == ["friday"]
    assert [*holding(store, "printer scanner")] == [*holding(store, "  ")] == []


def test_a_search_that_nobody_waits_for_ends(store: MemoryConversations) -> None:
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 1

    assert len([*holding(store, "e", stopped=stopped)]) == 1


def test_an_answer_is_recalled_with_verdicts_citations_and_ones_own_rating(
    ledger: MemoryLedger,
) -> None:
    [first, second] = recall(ledger, ["run-1", "gone", "run-2"], principal="local")
    assert first.answer.status is Status.ANSWERED
    assert [(one.n, one.quote) for one in first.answer.citations] == [(1, QUOTE)]
    assert [(one.text, one.support) for one in first.answer.sentences] == [
        (QUOTE, Support.VERBATIM)
    ]
    assert len(first.answer.searched) == 5
    assert [(one.text, one.reason) for one in second.left_out] == [
        ("It takes 9 s.", "9 is not cited")
    ]
    detail = ledger.run("run-1")
    given = [
        RecordedFeedback(rating, who, (), None, None)
        for rating, who in (("good", "local"), ("bad", "local"), ("good", "bob"))
    ]
    assert recalled(replace(detail, feedback=tuple(given)), principal="local").rating == "bad"
    assert recalled(replace(detail, feedback=tuple(given)), principal="eve").rating == ""


def test_what_retention_deleted_leaves_the_places(ledger: MemoryLedger) -> None:
    detail = ledger.run("run-1")
    bare = replace(
        detail,
        answer=None,
        citations=tuple(replace(one, quote=None) for one in detail.citations),
        verdicts=tuple(replace(one, sentence=None, reason=None) for one in detail.verdicts),
    )
    found = recalled(bare, principal="local")
    assert found.answer.text == ""
    assert [(one.path, one.quote) for one in found.answer.citations] == [
        ("/handbook/runbook-1.md", "")
    ]


def test_a_page_for_people_names_the_sources_below_each_answer(
    store: MemoryConversations, ledger: MemoryLedger
) -> None:
    store.append("monday", said("Again?\nPlease.", "Yes."), run_id="run-9", instead_of="run-1")
    runs = {one.run_id: one for one in recall(ledger, ["run-1"], principal="local")}
    page = as_markdown(the(store, "monday"), store.kept("monday"), runs)
    assert page == (
        "# Where is the printer?\n\n## Where is the printer?\n\nIn room 12 [1].\n\n"
        "- [1] Runbook 1, `/handbook/runbook-1.md`, lines 1-3\n\n*Asked anew below.*\n\n"
        "## Again?\n\nPlease.\n\nYes.\n"
    )


def test_json_holds_the_turns_as_they_are_kept_and_their_runs(
    store: MemoryConversations, ledger: MemoryLedger
) -> None:
    kept = store.kept("monday")
    runs = {one.run_id: one for one in recall(ledger, ["run-1"], principal="local")}
    whole = json.loads(as_json(the(store, "monday"), kept, runs))
    assert (whole["kind"], whole["name"], whole["title"]) == (
        "conversation",
        "monday",
        "Where is the printer?",
    )
    [exchange] = whole["exchanges"]
    assert from_plain(KeptTurns, exchange) == kept[0]
    assert (exchange["status"], exchange["citations"][0]["quote"]) == ("answered", QUOTE)
    [alone] = json.loads(as_json(the(store, "friday"), store.kept("friday"), {}))["exchanges"]
    assert (alone["by"], alone["status"], alone["citations"]) == ("ana", None, [])


def test_one_that_is_not_there_is_named(store: MemoryConversations) -> None:
    with pytest.raises(NotFoundError, match="'sunday'"):
        the(store, "sunday")


def test_a_file_is_written_for_its_owner_and_never_over_another_unasked(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    assert write_out(path, "one", replace=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not write_out(path, "two", replace=False)
    assert path.read_text() == "one"
    assert write_out(path, "three\ud800", replace=True)
    assert path.read_text() == "three?"
    assert [found.name for found in tmp_path.iterdir()] == ["talk.md"]


@pytest.mark.parametrize("replace_it", [True, False])
def test_a_place_that_can_not_be_written_is_named_and_nothing_is_left(
    tmp_path: Path, replace_it: bool
) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        write_out(tmp_path / "no" / "talk.md", "x", replace=replace_it)
    with pytest.raises(UsageError, match="can't be written"):
        write_out(tmp_path / "nul\0", "x", replace=replace_it)
    (tmp_path / "folder").mkdir()
    if replace_it:
        with pytest.raises(UsageError, match="can't be written"):
            write_out(tmp_path / "folder", "x", replace=True)
    else:
        assert not write_out(tmp_path / "folder", "x", replace=False)
    assert [found.name for found in tmp_path.iterdir()] == ["folder"]
