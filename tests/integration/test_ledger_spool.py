"""What a run writes is private, flushed where it counts, and whole though the disk is not."""

from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copilot.adapters.ledger import build_run_group, build_run_writer, locks, spool
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import GroupRunWriter, SpoolRunWriter
from copilot.config.schema import LedgerSettings
from copilot.errors import StorageError
from copilot.events import Event, RunStarted, RunStopped, Warned
from copilot.records import ApprovalDecided, BudgetChanged, FeedbackGiven, GuardChecked, Record
from copilot.testing.run_events import QUOTE, STARTED_AT, quoted_run, written_run
from tests.integration.ledger_folders import listed, record, refuse, spooled
from tests.integration.ledger_processes import start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger"


@contextmanager
def no_file_may_grow_past(size: int) -> Iterator[None]:
    """The kernel then cuts a write short, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_every_file_and_folder_is_private(folder: Path) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    record(folder, "run-1")
    listed(folder)
    writer.append("run-2", written_run("run-2")[0])
    found = [folder.parent, folder, *folder.rglob("*")]
    assert len(found) == 6
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    writer.close()


@pytest.mark.parametrize(
    ("happened", "flushed"),
    [
        (quoted_run("run-1")[-1], True),
        (RunStopped("run-1", "failed", "ReadError", "", 1.0), True),
        (FeedbackGiven("good", "ann"), True),
        (ApprovalDecided("p-1", "ticket", "approved", "person"), True),
        (BudgetChanged("team", "settled", 5, 10), True),
        (Warned("slow"), False),
        (GuardChecked("redaction", "egress", "passed"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_ends_a_run_or_somebody_decided_is_on_the_disk_when_it_is_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, happened: Event | Record, flushed: bool
) -> None:
    real, on_disk = os.fsync, [0]

    def fsync(descriptor: int) -> None:
        real(descriptor)
        on_disk.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(spool.os, "fsync", fsync)
    writer = SpoolRunWriter(folder, bodies=True)
    writer.append("run-1", quoted_run("run-1")[0])
    [path] = spooled(folder)
    assert on_disk[-1] == 0
    writer.append("run-1", happened)
    assert on_disk[-1] == (path.stat().st_size if flushed else 0)
    writer.close()


def test_runs_of_a_group_share_a_file_that_one_commit_puts_on_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, flushed = os.fsync, list[int]()

    def fsync(descriptor: int) -> None:
        real(descriptor)
        flushed.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(spool.os, "fsync", fsync)
    group = GroupRunWriter(folder, bodies=True)
    for run_id in ("run-1", "run-2", "run-3"):
        for event in written_run(run_id):
            group.append(run_id, event)
        group.close()
    assert flushed == []
    assert listed(folder) == []  # nobody merges what is still written
    [path] = spooled(folder)
    group.commit()
    assert flushed == [path.stat().st_size]
    group.append("run-4", written_run("run-4")[0])
    group.commit()
    assert {(run.id, run.status) for run in listed(folder)} == {
        ("run-1", "answered"), ("run-2", "answered"), ("run-3", "answered"),
        ("run-4", "interrupted"),
    }  # fmt: skip


def test_a_group_that_cannot_be_put_on_the_disk_is_an_error_and_is_let_go_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = GroupRunWriter(folder, bodies=True)
    group.append("run-1", written_run("run-1")[0])
    with monkeypatch.context() as failing:
        failing.setattr(spool.os, "fsync", refuse)
        with pytest.raises(StorageError, match="can't be recorded"):
            group.commit()
    assert [run.id for run in listed(folder)] == ["run-1"]
    group.commit()


def test_a_file_that_a_merge_takes_before_its_writer_has_locked_it_is_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def late(descriptor: int) -> bool:
        tried.append(descriptor)
        if len(tried) == 1:  # a merge has it, finds it empty,
            return False
        if len(tried) == 2:  # or has removed it by now
            spooled(folder)[-1].unlink()
            spooled(folder)[0].unlink()
        return locks.try_lock(descriptor)

    monkeypatch.setattr(spool, "try_lock", late)
    record(folder, "run-1")
    assert len(tried) == 3
    assert [run.status for run in listed(folder)] == ["answered"]


def test_building_a_writer_or_a_reader_touches_nothing(folder: Path) -> None:
    build_run_writer(folder, LedgerSettings())
    assert listed(folder) == []
    assert not folder.parent.exists()


def test_a_ledger_that_is_switched_off_writes_nothing(folder: Path) -> None:
    off = LedgerSettings(enabled=False)
    group = build_run_group(folder, off)
    for writer in (build_run_writer(folder, off), group):
        for event in quoted_run("run-1"):
            writer.append("run-1", event)
        writer.close()
    group.commit()
    assert not folder.exists()


def test_without_bodies_no_file_of_the_ledger_holds_what_was_said(folder: Path) -> None:
    record(folder, "run-1", bodies=False)
    assert spooled(folder)
    assert_nowhere(folder, "And after that?", QUOTE, "It takes 9 s.", "slow down")
    run = LedgerReader(folder).run("run-1")
    assert_nowhere(folder, "And after that?", QUOTE, "It takes 9 s.", "slow down")
    assert (run.summary.question, run.answer, run.queries) == (None, None, (None, None))
    assert [citation.quote for citation in run.citations] == [None, None]
    assert run.attempts[0].error_type == "ModelRateLimitError"
    assert run.summary.cost_microusd == 1_234


def assert_nowhere(folder: Path, *texts: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [text for text in texts if text.encode() in content] == []


def test_a_write_cut_short_is_taken_back_and_the_next_one_stands(folder: Path) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    writer.append("run-1", RunStarted("run-1", "ask", "?", "", "local", STARTED_AT))
    [path] = spooled(folder)
    whole = path.read_bytes()
    with no_file_may_grow_past(len(whole) + 40), pytest.raises(StorageError, match="full"):
        writer.append("run-1", Warned("x" * 500))
    assert path.read_bytes() == whole
    writer.append("run-1", Warned("there is room again"))
    writer.close()
    run = LedgerReader(folder).run("run-1")
    assert [warning.message for warning in run.warnings] == ["there is room again"]


def test_a_short_write_that_can_not_be_undone_spoils_only_its_own_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    writer.append("run-1", RunStarted("run-1", "ask", "?", "", "local", STARTED_AT))
    size = spooled(folder)[0].stat().st_size
    with monkeypatch.context() as patched, no_file_may_grow_past(size + 40):
        patched.setattr(spool.os, "ftruncate", refuse)
        with pytest.raises(StorageError):
            writer.append("run-1", Warned("x" * 500))
    writer.append("run-1", Warned("next"))
    writer.close()
    run = LedgerReader(folder).run("run-1")
    assert [warning.message for warning in run.warnings] == ["next"]


@pytest.mark.parametrize(
    ("code", "says", "helps"),
    [
        (errno.ENOSPC, "disk is full", "room"),
        (errno.EDQUOT, "disk is full", "room"),
        (errno.EROFS, "can't be written", "COPILOT_HOME"),
        (errno.EACCES, "can't be written", "COPILOT_HOME"),
        (errno.EIO, "input/output", ""),
    ],
)
def test_a_spool_that_can_not_be_written_says_why_and_what_helps(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: str, helps: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code).lower())

    monkeypatch.setattr(spool.os, "write", fail)
    with pytest.raises(StorageError, match=says) as caught:
        SpoolRunWriter(folder, bodies=True).append("run-1", quoted_run("run-1")[0])
    assert helps in caught.value.hint


def test_a_file_in_the_place_of_the_ledger_is_said(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="recorded"):
        SpoolRunWriter(folder, bodies=True).append("run-1", quoted_run("run-1")[0])
    assert listed(folder) == []


def test_what_a_full_disk_leaves_is_private_too(folder: Path) -> None:
    record(folder, "run-0")
    listed(folder)
    for number in range(1, 40):
        record(folder, f"run-{number}")
    before = os.umask(0o022)
    try:
        left: set[str] = set()
        for room in (4096, (folder / "ledger.duckdb").stat().st_size):
            with start("squeeze", folder, room) as process:
                process.communicate()
            left |= {path.name for path in folder.rglob("*")}
            for path in folder.rglob("*"):
                mode = stat.S_IMODE(path.stat().st_mode)
                assert mode == (0o700 if path.is_dir() else 0o600), path
    finally:
        os.umask(before)
    assert "ledger.duckdb.wal" in left
