"""``ledger purge`` and dry runs: what is old goes by its kind, and counting deletes nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger.reader import LedgerReader
from copilot.errors import NotFoundError
from copilot.keeping import Cutoffs
from copilot.ledger.erasing import forget, purge
from copilot.messages import Turn
from copilot.testing.run_events import quoted_run
from tests.integration.people_in_ledgers import (
    ALL,
    MARK,
    FixedClock,
    found,
    made_home,
    people,
    record,
    records,
    rows,
    run_of,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


def test_a_text_that_any_record_uses_is_no_orphan(home: Path) -> None:
    people(home)
    LedgerReader(home / "ledger").runs(ALL, limit=1)
    early = datetime(2020, 1, 1, tzinfo=UTC)
    done = purge(records(home), Cutoffs(bodies=early, runs=early), dry_run=True)
    assert not done.erased.anything


def test_an_empty_home_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        forget(records(tmp_path / "home"), "alice")
    purge(records(tmp_path / "home"), Cutoffs(runs=FixedClock().now()), dry_run=False)
    assert not (tmp_path / "home").exists()


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
