"""``ledger forget`` refused deletes nothing; cut short, it is known and finished by the next."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger import rewriting
from copilot.adapters.ledger.keeper import LedgerKeeper
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import DeniedError, NotFoundError, StorageError
from copilot.keeping import Cutoffs, Hold, pseudonym
from copilot.ledger.erasing import forget, hold, purge, release
from copilot.testing.memory_audit import MemoryAuditTrail
from tests.corpora import REPOSITORY
from tests.integration.ledger_processes import start
from tests.integration.people_in_ledgers import (
    ALL,
    MARK,
    FixedClock,
    found,
    made_home,
    people,
    records,
    run_of,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


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


# Dies at the nth touch of a file of the home, or says how many there are; a committed
# transaction counts as a touch.
_FORGETTER = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from copilot.adapters.ledger import keeper
from copilot.ledger.erasing import forget
from tests.integration.people_in_ledgers import records
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
kept = records(Path(home))
sys.addaudithook(touch)
forget(kept, "alice")
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
