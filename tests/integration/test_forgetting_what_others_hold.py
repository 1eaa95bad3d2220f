"""``ledger forget`` and ``purge`` where others come in: their runs, their programs, their names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger import keeper
from copilot.adapters.ledger.database import opened, temporary_prefix
from copilot.adapters.ledger.keeper import LedgerKeeper
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.answering.reframing import Reframer
from copilot.cli.run_export import TRAINING, written
from copilot.config.paths import bundled
from copilot.errors import DeniedError, NotFoundError, StorageError
from copilot.events import AskedWith, RunStarted, Warned
from copilot.keeping import Cutoffs
from copilot.ledger.erasing import forget, hold, purge, release
from copilot.messages import SearchFilter, Turn
from copilot.prompting import PromptLibrary
from copilot.records import FeedbackGiven
from copilot.testing.memory_audit import MemoryAuditTrail
from copilot.testing.run_events import INPUTS
from tests.integration.ledger_processes import start
from tests.integration.people_in_ledgers import (
    ALL,
    MARK,
    FixedClock,
    found,
    made_home,
    people,
    record,
    records,
    run_of,
)

LATER = FixedClock().now()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


def contents(home: Path) -> dict[Path, bytes]:
    """Of conversations and logs."""
    folders = (home / "sessions", home / "log")
    return {path: path.read_bytes() for folder in folders for path in folder.iterdir()}


def earlier_of_alice() -> list[Turn]:
    return [Turn("user", f"{MARK} question of run-a"), Turn("assistant", f"{MARK} answer of run-a")]


def test_nothing_is_half_done_while_another_program_holds_the_database(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    before = contents(home)
    holder = start("hold", home / "ledger")
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(StorageError, match=f"PID {holder.pid}") as caught:
            forget(records(home), "alice")
        assert "close it" in caught.value.hint
        with pytest.raises(StorageError, match=f"PID {holder.pid}"):
            purge(
                records(home),
                Cutoffs(runs=LATER, conversations=datetime.now(UTC), logs=datetime.now(UTC)),
                dry_run=False,
            )
        assert contents(home) == before
    finally:
        holder.kill()
        holder.communicate()
    assert LedgerKeeper(home / "ledger").status().unfinished == ()


def test_an_open_run_of_another_that_repeats_the_person_is_waited_for(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK, conversation="both"), "run-a")
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    events = run_of("bob", "run-b", word="Amsel", conversation="both", after=earlier_of_alice())
    for event in events[:4]:
        writer.append("run-b", event)
    done = forget(records(home), "alice")
    assert (done.whole, done.erased.writing) == (False, 1)
    for event in events[4:]:
        writer.append("run-b", event)
    writer.close()
    assert forget(records(home), "alice").whole
    assert found(home) == []
    run = LedgerReader(home / "ledger").run("run-b")
    assert (run.summary.question, run.queries[1]) == ("Amsel question of run-b", None)
    assert [turn.text for turn in run.history] == [None, None, "Amsel earlier turn of run-b"]
    assert LedgerKeeper(home / "ledger").status().unfinished == ()


def test_what_somebody_else_asked_again_of_the_person_goes_too(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK), "run-a")
    [asked, *rest] = run_of("bob", "run-b", word=MARK)
    assert isinstance(asked, RunStarted)
    asked = replace(asked, kind="replay", question=f"{MARK} question of run-a")
    record(home, [asked, *rest], "run-b")
    [asked, *rest] = run_of("bob", "run-c", word="Amsel")
    assert isinstance(asked, RunStarted)
    record(home, [asked, *rest], "run-c")
    record(home, [replace(asked, kind="replay", run_id="run-d"), *rest], "run-d")
    assert forget(records(home), "alice").whole
    assert found(home) == []
    reader = LedgerReader(home / "ledger")
    assert (reader.run("run-b").summary.principal, reader.run("run-b").answer) == ("bob", None)
    assert reader.run("run-d").summary.question == "Amsel question of run-c"


def test_a_replay_of_what_the_other_asked_too_stays_theirs(home: Path) -> None:
    record(home, run_of("alice", "run-a", word="Amsel"), "run-a")
    [asked, *rest] = run_of("bob", "run-b", word="Amsel")
    assert isinstance(asked, RunStarted)
    asked = replace(asked, question="Amsel question of run-a")
    record(home, [asked, *rest], "run-b")
    record(home, [replace(asked, kind="replay", run_id="run-c")], "run-c")
    forget(records(home), "alice")
    assert LedgerReader(home / "ledger").run("run-c").summary.question == asked.question


def test_where_and_with_which_groups_a_person_searched_is_forgotten(home: Path) -> None:
    events = run_of("alice", "run-a", word="Amsel")
    where = replace(INPUTS.where, path_prefix=f"/home/{MARK}/notes", paths=(f"/home/{MARK}/a.md",))
    events[1] = AskedWith(replace(INPUTS, where=where, attached=(f"{MARK}.log",)), ())
    record(home, events, "run-a")
    record(home, run_of("bob", "run-b", word="Amsel"), "run-b")
    assert forget(records(home), "alice").whole
    (home / "log" / "copilot.log").unlink(missing_ok=True)
    assert found(home) == []
    reader = LedgerReader(home / "ledger")
    assert (reader.run("run-a").inputs, reader.run("run-b").inputs is None) == (None, False)


def test_a_hold_protects_a_name_however_it_is_spelled(home: Path) -> None:
    record(home, run_of("Zoë", "run-a", word=MARK, conversation="hers"), "run-a")
    FileConversations(home / "sessions").append("hers", earlier_of_alice())
    kept = records(home)
    hold(kept, "ZOE\u0308", "a lawsuit")
    with pytest.raises(DeniedError, match="on hold"):
        forget(kept, "Zoë")
    purge(kept, Cutoffs(LATER, LATER, LATER), dry_run=False)
    assert LedgerReader(home / "ledger").run("run-a").answer == f"{MARK} answer of run-a"
    assert FileConversations(home / "sessions").names() == ["hers"]


def test_a_name_that_is_spelled_otherwise_in_the_ledger_is_told(home: Path) -> None:
    people(home)
    before = contents(home)
    with pytest.raises(NotFoundError) as caught:
        forget(records(home), "Alice")
    assert caught.value.hint == "is it alice?"
    assert contents(home) == before
    record(home, run_of("Alice", "run-c", word="Star"), "run-c")
    assert forget(records(home), "alice").erased.others == ("Alice",)


def test_others_words_about_a_run_on_hold_are_held_with_it(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK), "run-a")
    record(home, [FeedbackGiven("bad", "bob", comment="Amsel says no")], "run-a")
    kept = records(home)
    hold(kept, "alice", "a lawsuit")
    purge(kept, Cutoffs(bodies=LATER, runs=LATER), dry_run=False)
    [given] = LedgerReader(home / "ledger").run("run-a").feedback
    assert given.comment == "Amsel says no"


def test_a_purge_that_breaks_off_is_audited_as_far_as_it_went(home: Path) -> None:
    class Stuck(FileConversations):
        def keep_only(self, *arguments: Any) -> int:
            raise StorageError("it can't be written")

    people(home)
    kept = replace(records(home), conversations=Stuck(home / "sessions"))
    with pytest.raises(StorageError, match="can't be written"):
        purge(kept, Cutoffs(runs=LATER, conversations=datetime.now(UTC)), dry_run=False)
    assert isinstance(kept.audit, MemoryAuditTrail)
    [entry] = kept.audit.entries
    assert (entry.action, entry.detail["runs"]) == ("ledger.purge", 5)


def test_a_conversation_says_itself_whose_it_is(home: Path) -> None:
    conversations = FileConversations(home / "sessions")
    conversations.append("hers", earlier_of_alice(), by="alice")
    conversations.append("both", earlier_of_alice(), by="alice")
    conversations.append("both", [Turn("user", "Amsel?")], by="bob")
    record(home, run_of("alice", "run-a", word=MARK, conversation="hers"), "run-a")
    purge(records(home), Cutoffs(runs=LATER), dry_run=False)
    assert forget(records(home), "alice", dry_run=True).exchanges == 2
    assert forget(records(home), "alice").exchanges == 2
    assert found(home) == []
    assert [turn.text for turn in conversations.load("both")] == ["Amsel?"]


def test_a_run_that_ends_amid_the_forgetting_keeps_its_figures(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(home)
    original = keeper.transaction

    @contextmanager
    def slow(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        with original(connection):
            yield
        record(home, run_of("alice", "run-a9", word=MARK), "run-a9")

    with monkeypatch.context() as patched:
        patched.setattr(keeper, "transaction", slow)
        done = forget(records(home), "alice")
    assert (done.whole, done.erased.writing) == (False, 1)
    assert forget(records(home), "alice").whole
    assert found(home) == []
    reader = LedgerReader(home / "ledger")
    assert reader.run("run-a9").summary.status == "answered"


def test_what_was_set_aside_ages_as_texts_do_but_for_a_hold(home: Path) -> None:
    people(home)
    kept = records(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    aside = home / "ledger" / "spool" / "aside"
    aside.mkdir(parents=True)
    for name, moment in (("old", LATER - timedelta(days=40)), ("young", LATER)):
        (aside / name).write_text(MARK, encoding="utf-8")
        os.utime(aside / name, (moment.timestamp(), moment.timestamp()))
    limits = Cutoffs(bodies=datetime(2020, 1, 1, tzinfo=UTC), runs=LATER - timedelta(days=30))
    hold(kept, "carol", "a lawsuit")
    purge(kept, limits, dry_run=False)
    assert len(list(aside.iterdir())) == 2
    release(kept, "carol")
    assert purge(kept, limits, dry_run=True).erased.aside == 1
    assert purge(kept, limits, dry_run=False).erased.aside == 1
    assert [path.name for path in aside.iterdir()] == ["young"]


def test_copies_in_the_folder_for_temporary_files_go(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    people(home)
    elsewhere = tmp_path / "tmp"
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    ours = elsewhere / f"{temporary_prefix(home / 'ledger')}abc"
    other = elsewhere / f"{temporary_prefix(tmp_path / 'other')}abc"
    for folder in (ours, other):
        folder.mkdir(parents=True)
        (folder / "ledger.duckdb").write_text(MARK, encoding="utf-8")
    assert forget(records(home), "alice").whole
    assert list(elsewhere.iterdir()) == [other]


def test_what_somebody_put_beside_the_ledger_is_named(home: Path) -> None:
    people(home)
    export = home / "ledger" / "export" / "v_runs.parquet"
    export.parent.mkdir()
    export.write_text(MARK, encoding="utf-8")
    done = forget(records(home), "alice")
    assert (done.whole, done.erased.left) == (False, (str(export),))


def engine_finds(home: Path, word: str) -> list[str]:
    """The columns of the database that hold the word, however they are stored."""
    with duckdb.connect(str(home / "ledger" / "ledger.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            """SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal
            AND table_name IN (SELECT table_name FROM duckdb_tables())"""
        ).fetchall()
        return [
            f"{table}.{column}"
            for table, column in columns
            if connection.execute(
                f'SELECT 1 FROM {table} WHERE "{column}"::VARCHAR LIKE ? LIMIT 1', [f"%{word}%"]
            ).fetchall()
        ]


def test_no_text_is_left_in_a_compressed_form(home: Path) -> None:
    started = RunStarted("run-a", "ask", f"{MARK}?", f"{MARK}-1", "alice", LATER)
    text = f"{MARK} asks number {{}} about the gateway and the printer in room {{}}"
    record(home, [started, *(Warned(text.format(n, n % 7)) for n in range(1_500))], "run-a")
    record(home, run_of("bob", "run-b", word="Amsel"), "run-b")
    reader = LedgerReader(home / "ledger")
    reader.runs(ALL, limit=1)
    with opened(home / "ledger" / "ledger.duckdb") as connection:
        connection.execute("FORCE CHECKPOINT")
        used = connection.execute(
            "SELECT DISTINCT compression FROM pragma_storage_info('bodies') "
            "WHERE column_name = 'body' AND segment_type = 'VARCHAR'"
        ).fetchall()
    assert {name for (name,) in used} - {"Uncompressed"}, "nothing was compressed"
    assert "bodies.body" in engine_finds(home, MARK)
    assert forget(records(home), "alice").whole
    assert engine_finds(home, MARK) == []
    assert found(home) == []
    assert reader.run("run-b").answer == "Amsel answer of run-b"


def test_no_export_to_train_on_repeats_a_forgotten_person(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK, conversation="both"), "run-a")
    corrected = FeedbackGiven("bad", "alice", comment=MARK, correction=f"{MARK} corrects")
    record(home, [corrected], "run-a")
    events = run_of("bob", "run-b", word="Amsel", conversation="both", after=earlier_of_alice())
    record(home, events, "run-b")
    record(home, [replace(corrected, rating="good")], "run-b")
    record(home, run_of("bob", "run-c", word="Amsel"), "run-c")
    record(home, [FeedbackGiven("bad", "bob", correction="Amsel corrects")], "run-c")
    frame = Reframer(PromptLibrary([bundled("prompts")]), 120, SearchFilter())

    def exported() -> list[str]:
        runs = LedgerReader(home / "ledger").details(ALL, limit=9, rated=True)
        assert len(runs) == 3
        return [text for shape in TRAINING for text in written(runs, shape, raw=False, frame=frame)]

    before = exported()
    assert sum(MARK in text for text in before) == 6
    forget(records(home), "alice")
    after = exported()
    assert after == [text for text in before if MARK not in text]
    assert len(after) == 3
