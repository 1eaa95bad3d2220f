"""``ledger forget``: what one person said is in no file any more, and the rest stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import NotFoundError
from copilot.events import QueryRewritten
from copilot.keeping import Cutoffs, pseudonym
from copilot.ledger.erasing import forget, purge
from copilot.messages import Turn
from tests.integration.people_in_ledgers import (
    ALL,
    MARK,
    FixedClock,
    found,
    made_home,
    of_every_kind,
    people,
    record,
    records,
    rows,
    run_of,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


def test_no_byte_of_a_forgotten_person_is_in_any_file(home: Path) -> None:
    people(home)
    done = forget(records(home), "alice")
    assert (done.whole, done.erased.runs, done.logs, done.exchanges) == (True, 3, 1, 2)
    assert found(home) == []
    assert found(home, "alice") == []
    assert rows(home, f"SELECT count(*) FROM runs WHERE principal = '{pseudonym('alice')}'") == [
        (3,)
    ]


def test_it_holds_for_a_ledger_that_was_merged_long_before_and_for_one_in_the_spool(
    home: Path,
) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    record(home, run_of("alice", "run-a4", word=MARK), "run-a4")
    forget(records(home), "alice")
    assert found(home) == []


def test_figures_of_a_forgotten_person_stay_and_others_lose_nothing(home: Path) -> None:
    people(home)
    reader = LedgerReader(home / "ledger")
    [before] = reader.stats(ALL, by="")
    bobs, shared = reader.run("run-b0"), reader.run("run-b1")
    forget(records(home), "alice")
    [after] = reader.stats(ALL, by="")
    assert after == before
    assert reader.run("run-b0") == bobs
    assert reader.run("run-b1").summary == shared.summary
    gone = reader.run("run-a1")
    assert (gone.summary.question, gone.answer, gone.queries) == (None, None, (None, None))
    assert gone.summary.principal == pseudonym("alice")
    assert [hit.path for hit in gone.hits] == [hit.path for hit in bobs.hits]
    conversations = FileConversations(home / "sessions")
    assert conversations.names() == ["bobs", "both"]
    assert [turn.text for turn in conversations.load("both")] == [
        "Amsel question of run-b1",
        "Amsel answer of run-b1",
    ]
    assert rows(home, "SELECT count(*) FROM v_feedback WHERE comment LIKE 'Amsel%'") == [(1,)]


def test_what_others_runs_repeat_of_the_person_goes_and_their_own_words_stay(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK, conversation="both"), "run-a")
    before = [
        Turn("user", f"{MARK} question of run-a"),
        Turn("assistant", f"{MARK} answer of run-a"),
    ]
    events = run_of("bob", "run-b", word="Amsel", conversation="both", after=before)
    events[2] = QueryRewritten(
        "Amsel question of run-b", ("Amsel question of run-b", f"Amsel, {MARK}"), follow_up=True
    )
    record(home, events, "run-b")
    assert forget(records(home), "alice").whole
    assert found(home) == []
    run = LedgerReader(home / "ledger").run("run-b")
    assert run.queries == ("Amsel question of run-b", None)
    assert run.answer == "Amsel answer of run-b"
    turns = "SELECT b.body FROM asked_turns LEFT JOIN bodies b ON b.digest = text_digest"
    assert rows(home, f"{turns} WHERE run_id = 'run-b' ORDER BY n") == [
        (None,),
        (None,),
        ("Amsel earlier turn of run-b",),
    ]


# Columns of rows that belong to runs which hold names, places and figures in a text of some kind.
# A new one is either such a name and stands here, or it holds what somebody said: then it must
# be a digest, or ``erasing`` must know it.
NAMES = """
    action approvals.decision asked_with.inputs budget case_name change checked cluster
    conversation decided_by decision digest document_id effect error_type evaluation failed_fields
    flag guard id kind locator model operation outcome passage_id path period principal
    prompt_digest prompt_id prompt_version proposal queries_record hits_record rating reason
    record_id release role route rule run_id schema_name schema_version scorer scores source
    source_run stage status subject suite support tags tier title tool variant verdict version
    origin data
""".split()


def test_every_column_that_may_hold_words_is_known(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    statement = """SELECT table_name, column_name FROM duckdb_columns()
        WHERE table_name IN (SELECT table_name FROM duckdb_tables())
            AND table_name NOT IN ('bodies', 'schema_version')
            AND (data_type LIKE 'VARCHAR%' OR data_type LIKE 'JSON%')"""
    unknown = [
        (table, column)
        for table, column in rows(home, statement)
        if not (column.endswith("_digest") or {column, f"{table}.{column}"} & {*NAMES})
    ]
    assert unknown == []


def test_the_documented_views_and_the_primary_keys_outlive_it(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    shape = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() ORDER BY ALL"
    keys = "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL"
    before = (rows(home, shape), rows(home, keys))
    forget(records(home), "alice")
    assert (rows(home, shape), rows(home, keys)) == before
    record(home, run_of("alice", "run-a1", word="later"), "run-a1")
    assert LedgerReader(home / "ledger").run("run-b1").summary.status == "answered"


def test_a_text_that_another_asked_too_stays_theirs_and_no_longer_the_persons(home: Path) -> None:
    record(home, run_of("alice", "run-a", word=MARK), "run-a")
    shared = [
        replace(run_of("bob", "run-b", word="Amsel")[0], question=f"{MARK} question of run-a")
    ]
    record(home, shared, "run-b")
    forget(records(home), "alice")
    reader = LedgerReader(home / "ledger")
    assert reader.run("run-b").summary.question == f"{MARK} question of run-a"
    assert reader.run("run-a").summary.question is None
    [(count,)] = rows(home, "SELECT count(*) FROM bodies")
    assert count == 1


def test_what_a_killed_reader_or_writer_left_goes_too(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    ledger = home / "ledger"
    for name in ("snapshot-abc/ledger.duckdb", "ledger.duckdb.tmp/x.tmp", "spool/aside/old.jsonl"):
        (ledger / name).parent.mkdir(parents=True)
        (ledger / name).write_text(MARK, encoding="utf-8")
    for name in ("ledger.duckdb.draft", "ledger.duckdb.new.wal"):
        (ledger / name).write_text(MARK, encoding="utf-8")
    newer = '{"v":99,"id":"x:0","run":"r","kind":"k","data":{"principal":"%s","text":"%s"}}\n'
    (ledger / "spool" / "newer.jsonl").write_text(newer % ("alice", MARK), encoding="utf-8")
    (ledger / "spool" / "newer-b.jsonl").write_text(newer % ("bob", "x"), encoding="utf-8")
    assert forget(records(home), "alice").whole
    assert found(home) == []
    assert [path.name for path in (ledger / "spool").iterdir()] == ["newer-b.jsonl"]


def test_anothers_run_that_is_being_written_holds_nothing_up(home: Path) -> None:
    people(home)
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    events = run_of("bob", "run-b9", word="Amsel")
    for event in events[:4]:
        writer.append("run-b9", event)
    assert forget(records(home), "alice").whole
    purge(records(home), Cutoffs(runs=FixedClock().now()), dry_run=False)
    for event in events[4:]:
        writer.append("run-b9", event)
    writer.close()
    run = LedgerReader(home / "ledger").run("run-b9")
    assert (run.summary.status, run.answer) == ("answered", "Amsel answer of run-b9")


def test_a_conversation_of_the_owner_that_the_ledger_does_not_know_goes_with_them(
    home: Path,
) -> None:
    FileConversations(home / "sessions").append("off", [Turn("user", f"{MARK}?")])
    with pytest.raises(NotFoundError):
        forget(records(home, owner="bob"), "alice")
    (home / "log" / "copilot.log").unlink(missing_ok=True)
    assert found(home) == ["sessions/off.jsonl"]
    assert forget(records(home, owner="alice"), "alice").exchanges == 1
    assert found(home) == []


def test_a_title_that_the_person_gave_goes_wherever_it_stands(home: Path) -> None:
    people(home)
    conversations = FileConversations(home / "sessions")
    for name in conversations.names():
        conversations.rename(name, f"{MARK} of {name}", by="alice")
        conversations.pin(name, pinned=True)
    assert forget(records(home), "alice").whole
    assert found(home) == []
    assert [(one.title, one.pinned) for one in conversations.listed()] == [
        ("Amsel question of run-b0", True),
        ("Amsel question of run-b1", True),
    ]
    conversations.rename("bobs", "Amsel", by="bob")
    forget(records(home), "bob")
    assert (found(home, "Amsel"), conversations.names()) == ([], [])


def test_what_names_nobody_is_the_owners(home: Path) -> None:
    people(home)
    record(home, [*of_every_kind("", word=MARK)], "")
    assert forget(records(home), "alice").whole
    assert found(home) == ["ledger/ledger.duckdb"]
    assert forget(records(home, owner="alice"), "alice").whole
    assert found(home) == []
    assert LedgerReader(home / "ledger").run("run-b1").answer == "Amsel answer of run-b1"
