"""A summary of a conversation goes with any of the people who took part in it, wherever it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.errors import DeniedError
from copilot.events import AskedWith, Event, RunStarted
from copilot.keeping import Cutoffs
from copilot.ledger.erasing import delete_conversation, forget, hold, purge
from copilot.messages import Turn
from copilot.talks import Summary, fingerprint
from copilot.testing.run_events import INPUTS
from tests.integration.people_in_ledgers import MARK, found, made_home, record, records, run_of

SUMMARY = f"Somebody asked about {MARK}, and was answered."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A conversation of Alice and Bob, its summary, and Bob's runs that were given it."""
    home = made_home(tmp_path)
    record(home, run_of("alice", "run-a", word=MARK, conversation="both"), "run-a")
    record(home, given("bob", "run-b", conversation="both"), "run-b")
    record(home, given("bob", "run-d", conversation="both", kind="replay"), "run-d")
    kept = records(home).conversations
    for name, word in (("alice", MARK), ("bob", "Amsel")):
        said = [Turn("user", f"{word}?"), Turn("assistant", f"{word} it is.")]
        kept.append("both", said, by=name)
    turns = kept.load("both")
    summary = Summary(SUMMARY, len(turns), fingerprint(turns))
    assert kept.summarise("both", summary, kept.kept("both"))
    return home


def given(principal: str, run_id: str, *, conversation: str, kind: str = "ask") -> list[Event]:
    """A run that read the summary; one that is made again belongs to no conversation."""
    [started, _, *rest] = run_of(principal, run_id, word="Amsel", conversation=conversation)
    assert isinstance(started, RunStarted)
    if kind == "replay":
        started = replace(started, kind="replay", conversation="")
    return [started, AskedWith(INPUTS, (Turn("user", "Amsel before"),), SUMMARY), *rest]


def sessions(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((home / "sessions").iterdir()))


def test_a_run_says_which_summary_it_was_given(home: Path) -> None:
    run = LedgerReader(home / "ledger").run("run-b")
    assert run.summarised is not None
    assert run.summarised.text == SUMMARY
    assert [turn.text for turn in run.history] == ["Amsel before"]
    other = LedgerReader(home / "ledger").run("run-a")
    assert other.summarised is None


def test_no_byte_of_it_stays_when_somebody_who_took_part_is_forgotten(home: Path) -> None:
    assert MARK.encode() in sessions(home)
    assert forget(records(home), "alice").exchanges == 1
    assert found(home) == []
    assert MARK.encode() not in sessions(home)
    kept = records(home).conversations
    assert kept.summary("both") is None
    assert [turn.text for turn in kept.load("both")] == ["Amsel?", "Amsel it is."]
    for name in ("run-b", "run-d"):
        run = LedgerReader(home / "ledger").run(name)
        assert run.summarised is not None
        assert run.summarised.text is None
        assert [turn.text for turn in run.history] == ["Amsel before"]


def test_one_of_a_conversation_that_the_person_has_no_part_in_stays(home: Path) -> None:
    record(home, run_of("carol", "run-c", word="Specht", conversation="other"), "run-c")
    forget(records(home), "carol")
    assert records(home).conversations.summary("both") is not None
    run = LedgerReader(home / "ledger").run("run-b")
    assert run.summarised is not None
    assert run.summarised.text == SUMMARY


def test_it_is_deleted_and_purged_with_its_conversation_and_held_with_its_people(
    home: Path,
) -> None:
    kept = records(home)
    hold(kept, "alice", "a lawsuit")
    with pytest.raises(DeniedError):
        delete_conversation(kept, "both")
    purge(kept, Cutoffs(conversations=datetime.now(UTC)), dry_run=False)
    assert kept.conversations.summary("both") is not None
    kept.keeper.release("alice")
    assert delete_conversation(kept, "both") == 2
    assert MARK.encode() not in sessions(home)
    assert kept.conversations.names() == []
