"""The ledger's database is read though it is busy, read-only, older or in pieces."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.ledger import database, locks, merge
from copilot.adapters.ledger import reader as reader_module
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import StorageError
from copilot.events import RunStopped, Warned
from copilot.testing.run_events import QUOTE, STARTED_AT, quoted_run, written_run
from tests.integration.ledger_folders import ALL, listed, record, spooled
from tests.privileges import obeying_permissions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger"


def test_reading_the_ledger_leaves_the_files_of_others_as_they_were(folder: Path) -> None:
    record(folder, "run-1")
    before = os.umask(0o022)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: listed(folder), range(8)))
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@contextmanager
def never_free(*_: object, **__: object) -> Iterator[bool]:
    """Another copilot merges for longer than a reader waits."""
    yield False


def test_a_copy_that_was_made_while_another_copilot_merged_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder, "run-1")
    listed(folder)
    record(folder, "run-2")
    real, copies = reader_module.snapshot, []

    @contextmanager
    def copied_before_the_merge(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        with real(path) as copy:
            if not copies:
                with database.opened(path) as connection:
                    merge.merge(connection, folder)
            copies.append(path)
            yield copy

    monkeypatch.setattr(reader_module, "lock_within", never_free)
    monkeypatch.setattr(reader_module, "snapshot", copied_before_the_merge)
    reader = LedgerReader(folder)
    assert {run.id for run in reader.runs(ALL, limit=5)} == {"run-1", "run-2"}
    assert len(copies) == 2
    assert [notice.message.partition(":")[0] for notice in reader.notices] == ["the ledger is busy"]
    assert list(folder.glob("snapshot-*")) == []


@pytest.mark.parametrize("torn", [1, 99])
def test_a_copy_that_is_no_whole_database_is_made_again_and_blames_no_one_s_ledger(
    folder: Path, monkeypatch: pytest.MonkeyPatch, torn: int
) -> None:
    record(folder, "run-1")
    listed(folder)
    copyfile, copies = database.shutil.copyfile, []

    def half(source: Path, target: Path) -> None:
        copyfile(source, target)
        copies.append(target)
        if len(copies) <= torn:
            os.truncate(target, 6000)

    monkeypatch.setattr(reader_module, "lock_within", never_free)
    monkeypatch.setattr(database.shutil, "copyfile", half)
    if torn == 1:
        assert len(listed(folder)) == 1
        return
    with pytest.raises(StorageError, match="while it is copied") as caught:
        listed(folder)
    assert "try again" in caught.value.hint
    assert list(folder.glob("snapshot-*")) == []


def test_a_log_that_goes_while_it_is_copied_has_another_copy_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder, "run-1")
    listed(folder)
    log = folder / "ledger.duckdb.wal"
    log.touch()
    copyfile = database.shutil.copyfile

    def copies(source: Path, target: Path) -> None:
        log.unlink(missing_ok=True)
        copyfile(source, target)

    monkeypatch.setattr(reader_module, "lock_within", never_free)
    monkeypatch.setattr(database.shutil, "copyfile", copies)
    assert len(listed(folder)) == 1
    assert list(folder.glob("snapshot-*")) == []


def test_a_copy_for_which_there_is_no_room_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder, "run-1")
    listed(folder)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(reader_module, "lock_within", never_free)
    monkeypatch.setattr(database.shutil, "copyfile", full)
    with pytest.raises(StorageError, match="the disk is full") as caught:
        listed(folder)
    assert caught.value.hint == f"make room for {folder}"


def test_a_ledger_on_a_read_only_file_system_is_read_from_a_copy(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temporary"
    names = (f"{database.temporary_prefix(folder)}left", "copilot-snapshot-another")
    left, another = (elsewhere / name for name in names)
    for old in (left, another):
        old.mkdir(parents=True)
        os.utime(old, (0, 0))
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    record(folder, "run-1")
    listed(folder)
    record(folder, "run-2")
    real_open = os.open

    def open_to_read(
        path: Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "read-only file system")
        return real_open(path, flags, mode, dir_fd=dir_fd)

    reader = LedgerReader(folder)
    with monkeypatch.context() as patched:
        patched.setattr(locks.os, "open", open_to_read)
        patched.setattr(database.tempfile, "mkdtemp", _temporary(folder))
        assert len(reader.runs(ALL, limit=5)) == 2
    assert "can't be written" in reader.notices[0].message
    assert len(spooled(folder)) == 1
    assert list(elsewhere.iterdir()) == [another]


def _temporary(closed: Path) -> Callable[..., str]:
    real = tempfile.mkdtemp

    def make(*, prefix: str, **place: Path) -> str:
        if place.get("dir") == closed:
            raise OSError(errno.EROFS, "read-only file system")
        return real(prefix=prefix)

    return make


@obeying_permissions
def test_a_read_only_ledger_is_read_from_a_copy(folder: Path) -> None:
    record(folder, "run-1")
    listed(folder)
    record(folder, "run-2")
    folder.chmod(0o500)
    try:
        reader = LedgerReader(folder)
        assert len(reader.runs(ALL, limit=5)) == 2
        assert "read-only" in reader.notices[0].message
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("content", [b"not a database", b"", os.urandom(20_000)], ids=len)
def test_a_damaged_database_is_said_and_the_spool_is_kept(folder: Path, content: bytes) -> None:
    record(folder, "run-1")
    (folder / "ledger.duckdb").write_bytes(content)
    if content:
        with pytest.raises(StorageError, match="can't") as caught:
            listed(folder)
        assert "move ledger.duckdb" in caught.value.hint
        assert len(spooled(folder)) == 1
        (folder / "ledger.duckdb").unlink()
    assert [run.id for run in listed(folder)] == ["run-1"]


def test_a_database_of_a_newer_copilot_is_left_as_it_is(folder: Path) -> None:
    record(folder, "run-1")
    listed(folder)
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, 'later', now())")
    record(folder, "run-2")
    with pytest.raises(StorageError, match="schema 999") as caught:
        listed(folder)
    assert "upgrade" in caught.value.hint
    assert len(spooled(folder)) == 1


def test_every_upgrade_has_the_next_number(folder: Path) -> None:
    assert [step.version for step in database.steps()] == list(range(1, len(database.steps()) + 1))


def test_an_older_database_is_upgraded_in_place_with_its_runs(folder: Path) -> None:
    record(folder, "run-1")
    listed(folder)
    step = database.Step(
        len(database.steps()) + 1, "later", "ALTER TABLE runs ADD COLUMN rating INT"
    )
    with database.opened(folder / "ledger.duckdb") as connection:
        database.upgrade(connection, (*database.steps(), step))
        assert database.schema_version(connection) == step.version
        rows = connection.execute("SELECT id, rating FROM runs").fetchall()
        database.upgrade(connection, (*database.steps(), step))
    assert rows == [("run-1", None)]


def test_a_ledger_of_the_first_schema_tells_its_last_searches_once_upgraded(folder: Path) -> None:
    folder.mkdir(parents=True)
    hit = "'p', 'd', '/a.md', 'A', '{\"kind\":\"lines\",\"start\":1,\"end\":2}', 1.0, '{}'"
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        database.upgrade(connection, database.steps()[:1])
        connection.execute(
            "INSERT INTO runs BY NAME SELECT 'run-1' AS id, 'ask' AS kind, 'answered' AS status, "
            "now() AS started_at, '' AS conversation, '' AS principal, '' AS release, '' AS model, "
            "false AS follow_up, 0 AS input_tokens, 0 AS output_tokens, '' AS error_type"
        )
        connection.execute("INSERT INTO bodies VALUES ('a', 'early', now()), ('b', 'late', now())")
        connection.execute(
            "INSERT INTO queries VALUES ('x:1', 1, 'run-1', 'a'), ('x:9', 1, 'run-1', 'b')"
        )
        connection.execute(
            f"INSERT INTO hits VALUES ('x:2', 1, 'run-1', {hit}), ('x:10', 3, 'run-1', {hit})"
        )
    run = LedgerReader(folder).run("run-1")
    assert (run.queries, [found.rank for found in run.hits]) == (("late",), [3])


def test_the_uses_of_bodies_name_every_text_and_which_runs_share_it(folder: Path) -> None:
    stopped = RunStopped("run-3", "failed", "KnowledgeIndexError", "there is no index", 8.0)
    writer = SpoolRunWriter(folder, bodies=True)
    for run_id, events in {
        "run-1": [*written_run("run-1"), Warned("slow", hint="wait")],
        "run-2": [*quoted_run("run-2")],
        "run-3": [*quoted_run("run-3")[:4], stopped],
    }.items():
        for event in events:
            writer.append(run_id, event)
    writer.close()
    listed(folder)
    with duckdb.connect(str(folder / "ledger.duckdb"), read_only=True) as connection:
        unused = connection.execute(
            "SELECT body FROM bodies WHERE digest NOT IN (SELECT digest FROM body_uses "
            "WHERE digest IS NOT NULL)"
        ).fetchall()
        users = connection.execute(
            "SELECT body, list_sort(list(DISTINCT run_id)) FROM body_uses JOIN bodies "
            "USING (digest) GROUP BY body"
        ).fetchall()
    assert unused == []
    runs = dict(users)
    assert runs[QUOTE] == ["run-1", "run-2"]
    assert runs["How do I restart the gateway?"] == ["run-2", "run-3"]
    assert (runs["there is no index"], runs["wait"]) == (["run-3"], ["run-1"])


def test_an_upgrade_that_fails_leaves_the_version_before_it_whole(folder: Path) -> None:
    record(folder, "run-1")
    before = LedgerReader(folder).run("run-1")
    version = len(database.steps()) + 1
    broken = "CREATE TABLE ratings (run_id VARCHAR); CREATE TABLE runs (id VARCHAR)"
    with database.opened(folder / "ledger.duckdb") as connection:
        with pytest.raises(StorageError, match="be upgraded \\(broken\\)"):
            database.upgrade(
                connection, (*database.steps(), database.Step(version, "broken", broken))
            )
        assert database.schema_version(connection) == version - 1
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert ("ratings",) not in tables
    assert LedgerReader(folder).run("run-1") == before


def test_a_copy_that_a_killed_reader_left_is_removed_once_it_is_old(folder: Path) -> None:
    record(folder, "run-1")
    listed(folder)
    old, young = folder / "snapshot-old", folder / "snapshot-young"
    for left in (old, young):
        left.mkdir()
        (left / "ledger.duckdb").write_bytes(b"said")
    os.utime(old, (0, 0))
    listed(folder)
    assert (old.exists(), young.exists()) == (False, True)


def test_threads_of_one_process_read_at_once(folder: Path) -> None:
    for number in range(4):
        record(folder, f"run-{number}")
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(listed(folder)), range(8)))
    assert counts == [4] * 8


def test_no_time_zone_moves_a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    record(folder, "run-1")
    assert listed(folder)[0].started_at == STARTED_AT
    [row] = LedgerReader(folder).stats(ALL, by="day")
    assert row.group == "2026-11-21"
