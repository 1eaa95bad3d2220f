"""``ledger forget`` and ``ledger purge``: what is deleted is in no file, and the rest stays."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import duckdb
import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger import rewriting
from copilot.adapters.ledger.keeper import LedgerKeeper
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import DeniedError, NotFoundError, StorageError
from copilot.events import (
    AskedWith,
    CitationChecked,
    Event,
    HitsWeighed,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    Warned,
)
from copilot.inputs import HitFate
from copilot.keeping import Cutoffs, Hold, pseudonym
from copilot.ledger.erasing import Records, forget, hold, purge, release
from copilot.messages import Answer, PromptVersion, Status, Support, Turn
from copilot.records import Record, texts_of
from copilot.runs import RunFilter
from copilot.testing.memory_audit import MemoryAuditTrail
from copilot.testing.run_events import INPUTS, STARTED_AT, citation, hits, quoted_run
from tests.corpora import REPOSITORY
from tests.integration.ledger_processes import start

ALL = RunFilter()
MARK = "Zebrafink"  # stands in every text of the person who is forgotten


class FixedClock:
    def now(self) -> datetime:
        return STARTED_AT + timedelta(days=100)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


def made_home(folder: Path) -> Path:
    """A home with nothing but a log that quotes Alice."""
    home = folder / "home"
    (home / "log").mkdir(parents=True)
    (home / "log" / "copilot.log").write_text(f"ValueError: {MARK}\n", encoding="utf-8")
    return home


def records(home: Path, *, owner: str = "admin") -> Records:
    return Records(
        keeper=LedgerKeeper(home / "ledger"),
        conversations=FileConversations(home / "sessions"),
        logs=home / "log",
        audit=MemoryAuditTrail(),
        clock=FixedClock(),
        owner=owner,
    )


def record(home: Path, events: Sequence[Event | RunStopped | Record], run_id: str) -> None:
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for event in events:
        writer.append(run_id, event)
    writer.close()


def run_of(
    principal: str, run_id: str, *, word: str, conversation: str = "", after: Sequence[Turn] = ()
) -> list[Event]:
    """A run all of whose texts hold ``word``, but for those of the turns that it comes after."""

    def text(what: str) -> str:
        return f"{word} {what} of {run_id}"

    cited = replace(citation(), quote=text("quote"))
    answer = Answer(Status.ANSWERED, text("answer"), (), (cited,), notes=(text("note"),))
    started = RunStarted(run_id, "ask", text("question"), conversation, principal, STARTED_AT)
    return [
        started,
        AskedWith(INPUTS, (*after, Turn("user", text("earlier turn")))),
        QueryRewritten(text("question"), (text("question"), text("query 2")), follow_up=True),
        RetrievalFinished(hits(5), index_version=8, latency_ms=14.0),
        PromptRendered(PromptVersion("answer", "3", "d" * 64), passages=5),
        ModelChosen("openai/gpt-5-mini", text("choice")),
        ModelAttempt("openai/gpt-5-mini", "failed", f"ModelError: {text('refusal')}"),
        CitationChecked(text("sentence"), Support.SUPPORTED, (cited,), text("reason"), "shown"),
        HitsWeighed((HitFate("passage-1", True, "cited as [1]"),)),
        Warned(text("warning"), hint=text("hint")),
        RunFinished(run_id, Status.ANSWERED, answer, 1_000.0),
    ]


def stopped(principal: str, run_id: str, *, word: str) -> list[Event | RunStopped]:
    return [
        RunStarted(run_id, "search", f"{word} search", "", principal, STARTED_AT),
        RunStopped(run_id, "failed", "ValueError", f"{word} error", 1.0),
    ]


def of_every_kind(principal: str, *, word: str) -> Iterator[Record]:
    """A record of each kind with ``word`` in all of its texts, and in its tags."""
    for kind in get_args(Record):
        hints, given = get_type_hints(kind), dict[str, Any]()
        for field in fields(kind):
            hint = hints[field.name]
            if field.name in texts_of(kind):
                given[field.name] = f"{word} {field.name} in {kind.__name__}"
            elif field.name == "principal":
                given[field.name] = principal
            elif field.name == "tags":
                given[field.name] = (word,)
            elif field.default is MISSING:
                literal = get_origin(hint) is Literal
                given[field.name] = get_args(hint)[0] if literal else hint()
        yield kind(**given)


def people(home: Path) -> None:
    """A home with runs, records and conversations of Alice, whose texts are marked, and Bob."""
    record(home, run_of("alice", "run-a1", word=MARK, conversation=f"{MARK}-1"), "run-a1")
    record(home, stopped("alice", "run-a2", word=MARK), "run-a2")
    record(home, [*of_every_kind("alice", word=MARK)], "run-a1")
    named = [one for one in of_every_kind("alice", word=MARK) if hasattr(one, "principal")]
    record(home, named, "")
    record(home, run_of("bob", "run-b1", word="Amsel", conversation="both"), "run-b1")
    record(home, [*of_every_kind("bob", word="Amsel")], "run-b1")
    record(home, run_of("alice", "run-a3", word=MARK, conversation="both"), "run-a3")
    conversations = FileConversations(home / "sessions")
    for name, run_id, word in (
        (f"{MARK}-1", "run-a1", MARK),
        ("both", "run-a3", MARK),
        ("both", "run-b1", "Amsel"),
        ("bobs", "run-b0", "Amsel"),
    ):
        asked = Turn("user", f"{word} question of {run_id}")
        conversations.append(name, [asked, Turn("assistant", f"{word} answer of {run_id}")])
    record(home, run_of("bob", "run-b0", word="Amsel", conversation="bobs"), "run-b0")


def found(home: Path, word: str = MARK) -> list[str]:
    """The files of the home that hold the word, in their content or their name."""
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if word.encode() in path.name.encode() + (path.read_bytes() if path.is_file() else b"")
    )


def rows(home: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "ledger" / "ledger.duckdb")) as connection:
        return connection.execute(statement).fetchall()


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


def test_a_text_that_any_record_uses_is_no_orphan(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    early = datetime(2020, 1, 1, tzinfo=UTC)
    done = purge(records(home), Cutoffs(bodies=early, runs=early), dry_run=True)
    assert not done.erased.anything


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


def test_a_database_that_was_moved_away_is_named_and_not_touched(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    aside = home / "ledger" / "ledger.duckdb.old"
    aside.write_bytes((home / "ledger" / "ledger.duckdb").read_bytes())
    done = forget(records(home), "alice")
    assert (done.whole, done.erased.left) == (False, (str(aside),))
    aside.unlink()
    assert forget(records(home), "alice").whole
    assert LedgerKeeper(home / "ledger").status().unfinished == ()


def test_a_run_that_is_still_being_written_survives_and_is_forgotten_once_it_ended(
    home: Path,
) -> None:
    people(home)
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    events = run_of("alice", "run-a9", word=MARK)
    for event in events[:4]:
        writer.append("run-a9", event)
    done = forget(records(home), "alice")
    assert (done.whole, done.erased.writing) == (False, 1)
    assert len(found(home)) == 1
    for event in events[4:]:
        writer.append("run-a9", event)
    writer.close()
    reader = LedgerReader(home / "ledger")
    run = reader.run("run-a9")
    assert (run.summary.status, run.answer) == ("answered", f"{MARK} answer of run-a9")
    assert "not finished" in reader.notices[0].message
    assert forget(records(home), "alice").whole
    assert found(home) == []
    reader.run("run-a9")
    assert reader.notices == ()


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


# Dies at the nth touch of a file of the home, or says how many there are; a committed
# transaction counts as a touch.
_FORGETTER = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from copilot.adapters.ledger import keeper
from tests.integration import test_ledger_forgetting as tests
home, last = sys.argv[1], int(sys.argv[2])
touches = 0
def touch(event, arguments):
    global touches
    if event in ("open", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime", "ours"):
        if home in str(arguments):
            touches += 1
            if touches == last:
                os._exit(9)
original = keeper.transaction
@contextmanager
def transaction(connection):
    with original(connection):
        yield
    touch("ours", home)
keeper.transaction = transaction
records = tests.records(Path(home))
sys.addaudithook(touch)
tests.forget(records, "alice")
print(touches)
"""


def forgetter(home: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _FORGETTER, str(home), str(last)],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_one_that_was_killed_half_way_is_finished_by_the_next(home: Path, tmp_path: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    (home / "ledger" / "ledger.duckdb.draft").write_text(MARK, encoding="utf-8")
    homes = (shutil.copytree(home, tmp_path / f"home-{n}") for n in itertools.count())
    touches = int(forgetter(next(homes), 0).stdout)
    assert touches > 20
    for last in range(1, touches + 1, max(1, touches // 10)):
        broken = next(homes)
        assert forgetter(broken, last).returncode == 9
        reader = LedgerReader(broken / "ledger")
        assert reader.run("run-b1").answer == "Amsel answer of run-b1"
        try:
            assert forget(records(broken), "alice").whole
        except NotFoundError:
            assert found(broken) == []  # it died with all of it done
        assert found(broken) == [], last
        assert found(broken, "alice") == []
        assert reader.run("run-b1").answer == "Amsel answer of run-b1"
        assert reader.notices == ()
        kept = FileConversations(broken / "sessions").load("both")
        assert [turn.text[:5] for turn in kept] == ["Amsel", "Amsel"]


def test_nothing_is_deleted_of_a_person_on_hold(home: Path) -> None:
    people(home)
    kept = records(home)
    hold(kept, "alice", "a lawsuit")
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    before = found(home)
    with pytest.raises(DeniedError, match="on hold"):
        forget(kept, "alice")
    with pytest.raises(DeniedError, match="on hold"):
        kept.keeper.forget("alice", unnamed=False, elsewhere=lambda taken: 0)
    later = FixedClock().now()
    os.utime(home / "log" / "copilot.log")
    done = purge(kept, Cutoffs(bodies=later, runs=later, conversations=later), dry_run=False)
    assert done.erased.runs == 2
    assert found(home) == before
    reader = LedgerReader(home / "ledger")
    assert reader.run("run-a1").answer == f"{MARK} answer of run-a1"
    with pytest.raises(NotFoundError):
        reader.run("run-b1")
    release(kept, "alice")
    assert forget(kept, "alice").whole
    assert found(home, "alice") == []


def test_holds_are_told_and_audited_without_a_name(home: Path) -> None:
    kept = records(home)
    placed = hold(kept, "alice", "a lawsuit")
    assert kept.keeper.holds() == (Hold("alice", FixedClock().now(), "a lawsuit"),)
    assert placed in LedgerKeeper(home / "ledger").status().holds
    release(kept, "alice")
    with pytest.raises(NotFoundError):
        release(kept, "alice")
    assert isinstance(kept.audit, MemoryAuditTrail)
    assert [(entry.action, entry.subject) for entry in kept.audit.entries] == [
        ("ledger.hold", pseudonym("alice"))
    ] * 2


def test_a_damaged_list_of_holds_forbids_all_deleting(home: Path) -> None:
    people(home)
    (home / "ledger" / "holds.json").write_text("[", encoding="utf-8")
    later = FixedClock().now()
    for attempt in (
        lambda: forget(records(home), "alice"),
        lambda: purge(records(home), Cutoffs(runs=later), dry_run=False),
        lambda: purge(records(home), Cutoffs(conversations=later), dry_run=False),
    ):
        with pytest.raises(StorageError, match="no list of holds"):
            attempt()
    assert len(LedgerReader(home / "ledger").runs(ALL, limit=9)) == 5


def test_the_trail_says_what_was_done_and_never_to_whom(home: Path) -> None:
    people(home)
    kept = records(home, owner="alice")
    forget(kept, "alice")
    assert isinstance(kept.audit, MemoryAuditTrail)
    [entry] = kept.audit.entries
    assert (entry.action, entry.subject, entry.principal) == (
        "ledger.forget",
        pseudonym("alice"),
        pseudonym("alice"),
    )
    assert (entry.detail["runs"], entry.detail["whole"]) == (3, True)


def test_what_could_not_be_audited_is_not_finished(home: Path) -> None:
    class BrokenTrail(MemoryAuditTrail):
        def append(self, *arguments: object, **options: object) -> None:
            raise StorageError("the disk is full", hint="make room")

    people(home)
    with pytest.raises(StorageError, match="it was done, and could not be written"):
        forget(replace(records(home), audit=BrokenTrail()), "alice")
    assert LedgerKeeper(home / "ledger").status().unfinished == (pseudonym("alice"),)
    kept = records(home)
    assert forget(kept, "alice").whole
    assert isinstance(kept.audit, MemoryAuditTrail)
    assert [entry.action for entry in kept.audit.entries] == ["ledger.forget"]
    assert LedgerKeeper(home / "ledger").status().unfinished == ()


def test_nobody_is_forgotten_twice_or_by_a_wrong_name(home: Path) -> None:
    people(home)
    forget(records(home), "alice")
    for name in ("alice", "alice'; DROP TABLE runs; --", "bo"):
        with pytest.raises(NotFoundError):
            forget(records(home), name)
    assert LedgerKeeper(home / "ledger").status().unfinished == ()


def test_an_empty_home_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        forget(records(tmp_path / "home"), "alice")
    purge(records(tmp_path / "home"), Cutoffs(runs=FixedClock().now()), dry_run=False)
    assert not (tmp_path / "home").exists()


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


def test_what_names_nobody_is_the_owners(home: Path) -> None:
    people(home)
    record(home, [*of_every_kind("", word=MARK)], "")
    assert forget(records(home), "alice").whole
    assert found(home) == ["ledger/ledger.duckdb"]
    assert forget(records(home, owner="alice"), "alice").whole
    assert found(home) == []
    assert LedgerReader(home / "ledger").run("run-b1").answer == "Amsel answer of run-b1"


def test_a_dry_run_counts_and_deletes_nothing(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    counted = forget(records(home), "alice", dry_run=True)
    later = FixedClock().now()
    limits = Cutoffs(bodies=later, runs=later, conversations=datetime.now(UTC), logs=later)
    old = purge(records(home), limits, dry_run=True)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    done = forget(records(home), "alice")
    assert (counted.erased.runs, counted.erased.bodies) == (done.erased.runs, done.erased.bodies)
    assert (counted.exchanges, counted.logs) == (done.exchanges, done.logs)
    assert (old.erased.runs, old.exchanges) == (5, 4)


def test_it_is_refused_while_another_program_holds_the_database(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    holder = start("hold", home / "ledger")
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        spilled = home / "ledger" / "ledger.duckdb.tmp" / "of the other program"
        spilled.parent.mkdir()
        spilled.touch()
        with pytest.raises(StorageError, match=f"PID {holder.pid}"):
            forget(records(home), "alice")
        assert spilled.exists()
    finally:
        holder.kill()
        holder.communicate()
    assert forget(records(home), "alice").whole
    assert found(home) == []


def test_old_texts_go_while_figures_stay(home: Path) -> None:
    record(home, run_of("local", "run-1", word=MARK), "run-1")
    young = FixedClock().now() - timedelta(days=1)
    record(home, quoted_run("run-2", started_at=young), "run-2")
    reader = LedgerReader(home / "ledger")
    [before] = reader.stats(ALL, by="")
    [(bodies,)] = rows(home, "SELECT count(*) FROM bodies")
    (home / "log" / "copilot.log").unlink()
    limits = Cutoffs(bodies=FixedClock().now() - timedelta(days=30))
    done = purge(records(home), limits, dry_run=False)
    assert done.erased.runs == 0
    assert found(home) == []
    assert rows(home, "SELECT count(*) FROM bodies") == [(bodies - done.erased.bodies,)]
    assert reader.stats(ALL, by="") == [before]
    assert reader.run("run-1").summary.question is None
    assert reader.run("run-2").summary.question == "How do I restart the gateway?"
    assert not purge(records(home), limits, dry_run=False).erased.anything


def test_old_runs_go_with_all_of_their_records(home: Path) -> None:
    people(home)
    later = FixedClock().now()
    record(home, quoted_run("run-2", started_at=later), "run-2")
    done = purge(records(home), Cutoffs(runs=later - timedelta(days=30)), dry_run=False)
    assert done.erased.runs == 5
    (home / "log" / "copilot.log").unlink()
    assert found(home / "ledger") == []
    assert [run.id for run in LedgerReader(home / "ledger").runs(ALL, limit=9)] == ["run-2"]
    for table in ("queries", "hits", "citations", "attempts", "feedback", "tool_calls"):
        [(count,)] = rows(home, f"SELECT count(*) FROM {table} WHERE run_id LIKE 'run-a%'")
        assert count == 0, table


def test_old_conversations_and_logs_go_by_their_last_change(home: Path) -> None:
    conversations = FileConversations(home / "sessions")
    for name in ("old", "young"):
        conversations.append(name, [Turn("user", name)])
    then = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    for path in (home / "sessions" / "old.jsonl", home / "log" / "copilot.log"):
        os.utime(path, (then, then))
    limit = datetime(2026, 2, 1, tzinfo=UTC)
    done = purge(records(home), Cutoffs(conversations=limit, logs=limit), dry_run=False)
    assert (done.exchanges, done.logs) == (1, 1)
    assert conversations.names() == ["young"]
    assert list((home / "log").iterdir()) == []


def test_a_full_disk_leaves_everything_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(home)

    def full(*arguments: object) -> Path:
        raise StorageError("the ledger can't be written anew: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "draft", full)
        with pytest.raises(StorageError, match="disk is full"):
            forget(records(home), "alice")
    assert LedgerReader(home / "ledger").run("run-b1").answer == "Amsel answer of run-b1"
    assert LedgerKeeper(home / "ledger").status().unfinished == (pseudonym("alice"),)
    assert forget(records(home), "alice").whole
    assert found(home) == []
