"""The ledger's files: private, and forgiving about what else is found in them."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.ledger import build_run_writer, database, locks, merge, spool
from copilot.adapters.ledger import reader as reader_module
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.schema import LedgerSettings
from copilot.errors import StorageError
from copilot.events import (
    Event,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunStarted,
    RunStopped,
    Warned,
)
from copilot.messages import Usage
from copilot.records import ApprovalDecided, BudgetChanged, FeedbackGiven, GuardChecked, Record
from copilot.runs import RunFilter, RunSummary
from copilot.testing.run_events import PROMPT, QUOTE, STARTED_AT, hits, quoted_run, written_run
from tests.integration.ledger_processes import acknowledged, start
from tests.privileges import obeying_permissions

ALL = RunFilter()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger"


def record(folder: Path, run_id: str, *, bodies: bool = True) -> None:
    writer = SpoolRunWriter(folder, bodies=bodies)
    for event in written_run(run_id):
        writer.append(run_id, event)
    writer.close()


def spooled(folder: Path) -> list[Path]:
    return sorted((folder / "spool").glob("*.jsonl"))


def listed(folder: Path) -> list[RunSummary]:
    return LedgerReader(folder).runs(ALL, limit=100)


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
    writer = build_run_writer(folder, LedgerSettings(enabled=False))
    for event in quoted_run("run-1"):
        writer.append("run-1", event)
    writer.close()
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


@pytest.mark.parametrize("tail", [b'{"v":1,"id":"x', b"\x00" * 64, b"\xff\xfe"], ids=repr)
def test_a_torn_last_line_is_passed_over_and_said(folder: Path, tail: bytes) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    path.write_bytes(path.read_bytes() + tail)
    reader = LedgerReader(folder)
    assert [run.id for run in reader.runs(ALL, limit=100)] == ["run-1"]
    assert [notice.message.partition(",")[0] for notice in reader.notices] == [
        "1 run(s) broke off amid a record"
    ]
    assert spooled(folder) == []
    reader.runs(ALL, limit=100)
    assert reader.notices == ()


def test_a_file_without_one_line_of_ours_is_set_aside_whole_or_torn(folder: Path) -> None:
    record(folder, "run-1")
    for round_ in ("first", "second"):
        (folder / "spool" / "mine.jsonl").write_text(f"notes, {round_}", encoding="utf-8")
        (folder / "spool" / "empty.jsonl").touch()
        reader = LedgerReader(folder)
        assert len(reader.runs(ALL, limit=100)) == 1
        assert "set aside" in reader.notices[0].message
    aside = sorted((folder / "spool" / "aside").iterdir())
    assert [path.read_text("utf-8") for path in aside] == ["notes, second", "notes, first"]
    assert spooled(folder) == []


@obeying_permissions
def test_a_spool_file_that_may_not_be_read_waits_and_is_said(folder: Path) -> None:
    record(folder, "run-1")
    record(folder, "run-2")
    closed = spooled(folder)[0]
    closed.chmod(0)
    reader = LedgerReader(folder)
    assert len(reader.runs(ALL, limit=100)) == 1
    [notice] = reader.notices
    assert str(closed) in notice.message
    assert spooled(folder) == [closed]
    closed.chmod(0o600)
    assert len(reader.runs(ALL, limit=100)) == 2
    assert reader.notices == ()


def test_lines_that_are_no_records_are_set_aside_and_the_others_merged(folder: Path) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(first + b"\n{half a li\n[1]\n\xff\xff\n{}\n" + rest)
    reader = LedgerReader(folder)
    [run] = reader.runs(ALL, limit=5)
    assert (run.id, run.status) == ("run-1", "answered")
    [notice] = reader.notices
    assert "set aside" in notice.message
    assert (folder / "spool" / "aside" / path.name).read_bytes().count(b"{half a li") == 1
    reader.runs(ALL, limit=5)
    assert reader.notices == ()


@pytest.mark.parametrize("depth", [400, 900, 100_000])
def test_a_line_of_endless_brackets_is_set_aside_and_the_others_merged(
    folder: Path, depth: int
) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    whole = path.read_bytes()
    nested = b"[" * depth + b"]" * depth
    start, end = b'{"v":1,"id":"x:0","run":"run-x","at":1,"kind":"warned"', b',"bodies":{}}'
    fields = start + b',"data":{"message":' + nested + b"}" + end
    path.write_bytes(nested + b"\n" + fields + b"\n" + whole)
    reader = LedgerReader(folder)
    assert reader.run("run-1").summary.status == "answered"
    assert "set aside" in reader.notices[0].message
    assert (folder / "spool" / "aside" / path.name).read_bytes().endswith(whole)


def test_of_records_of_one_moment_the_one_written_last_counts(folder: Path) -> None:
    """A clock may stand still; the number of a record is a number, so 10 comes after 2."""
    writer = SpoolRunWriter(folder, bodies=True, now=lambda: STARTED_AT)
    for number in range(11):
        writer.append("run-1", QueryRewritten("?", (f"query {number}",), follow_up=False))
        writer.append("run-1", RetrievalFinished(hits(number), number, float(number)))
    writer.close()
    run = LedgerReader(folder).run("run-1")
    assert (run.queries, len(run.hits)) == (("query 10",), 10)
    assert (run.index_version, run.retrieval_ms) == (10, 10.0)


def test_a_clock_that_jumps_back_changes_nothing_about_which_record_came_last(
    folder: Path,
) -> None:
    """Nor does it lose one: a run may be dated before the runs that it follows."""
    moments = iter([STARTED_AT, *(STARTED_AT - timedelta(days=n) for n in range(1, 99))])
    writer = SpoolRunWriter(folder, bodies=True, now=lambda: next(moments))
    for number in range(3):
        writer.append("run-1", QueryRewritten("?", (f"query {number}",), follow_up=False))
        writer.append("run-1", RetrievalFinished(hits(number), number, float(number)))
        writer.append("run-1", Warned(f"warning {number}"))
    for name in ("write", "repair", "write"):
        writer.append("run-1", PromptRendered(replace(PROMPT, id=name), passages=5))
    for event in quoted_run("run-2", started_at=STARTED_AT - timedelta(days=400)):
        writer.append("run-2", event)
    writer.close()
    reader = LedgerReader(folder)
    run = reader.run("run-1")
    assert (run.queries, len(run.hits), run.index_version) == (("query 2",), 2, 2)
    assert [used.version.id for used in run.prompts] == ["write", "repair"]
    assert [warning.message for warning in run.warnings] == [f"warning {n}" for n in range(3)]
    assert {one.id for one in reader.runs(ALL, limit=5)} == {"run-1", "run-2"}
    assert reader.notices == ()


def test_a_record_without_a_number_of_its_own_is_set_aside(folder: Path) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    foreign = {"v": 1, "id": "mine", "run": "run-1", "at": 1, "kind": "warned"}
    line = json.dumps({**foreign, "data": {"message": "x"}, "bodies": {}})
    path.write_text(f"{path.read_text('utf-8')}{line}\n", encoding="utf-8")
    reader = LedgerReader(folder)
    assert len(reader.run("run-1").warnings) == 2
    assert "set aside" in reader.notices[0].message


def test_a_record_whose_values_do_not_fit_costs_no_other_record(folder: Path) -> None:
    record(folder, "run-1")
    record(folder, "run-2")
    path = spooled(folder)[0]
    bad = {"v": 1, "id": "x:1", "run": "run-x", "at": 1, "kind": "citation_checked"}
    line = json.dumps({**bad, "data": {"citations": "none"}, "bodies": {}})
    path.write_text(f"{line}\n{path.read_text('utf-8')}", encoding="utf-8")
    reader = LedgerReader(folder)
    assert {run.id for run in reader.runs(ALL, limit=5)} == {"run-1", "run-2"}
    assert "set aside" in reader.notices[0].message


def test_a_record_that_does_not_fit_changes_nothing_about_the_runs_beside_it(
    folder: Path, tmp_path: Path
) -> None:
    """What a run that broke off has cost is known only from all its lines together."""
    spent = ModelAttempt("m", "ok", "", Usage("m", 10, 2, 77), 1.0, 2.0)
    stopped = RunStopped("run-1", "failed", "KeyError", "", 8.0)
    other = tmp_path / "other"
    for place in (folder, other):
        writer = SpoolRunWriter(place, bodies=True)
        chosen = ModelChosen("b", "the second choice")
        for event in [*written_run("run-1")[:7], chosen, spent, spent, stopped]:
            writer.append("run-1", event)
        writer.close()
    bad = {"v": 1, "run": "run-x", "at": 1, "kind": "citation_checked", "bodies": {}}
    lines = [{**bad, "id": f"x:{n}", "data": {"citations": "none"}} for n in range(3)]
    for number, line in enumerate(lines):
        (folder / "spool" / f"{number}.jsonl").write_text(f"{json.dumps(line)}\n", encoding="utf-8")
    told = LedgerReader(folder).run("run-1")
    assert told == LedgerReader(other).run("run-1")
    assert (told.summary.cost_microusd, told.model_reason) == (154, "the second choice")
    assert len(list((folder / "spool" / "aside").iterdir())) == 3


def test_a_foreign_file_in_the_spool_is_left_alone_or_set_aside(folder: Path) -> None:
    record(folder, "run-1")
    (folder / "spool" / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "spool" / "mine.jsonl").write_text("not yours\n", encoding="utf-8")
    (folder / "spool" / "folder.jsonl").mkdir()
    (folder / "spool" / "link.jsonl").symlink_to("/etc/hostname")
    assert [run.id for run in listed(folder)] == ["run-1"]
    left = {path.name for path in (folder / "spool").iterdir()}
    assert left == {"notes.txt", "folder.jsonl", "link.jsonl", "aside"}
    assert (folder / "spool" / "aside" / "mine.jsonl").read_text("utf-8") == "not yours\n"


def test_records_of_a_newer_copilot_wait_in_the_spool(folder: Path) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    later = path.with_name("later.jsonl")
    later.write_text(path.read_text("utf-8").replace('"v":1', '"v":2'), encoding="utf-8")
    reader = LedgerReader(folder)
    assert len(reader.runs(ALL, limit=5)) == 1
    assert "newer copilot" in reader.notices[0].message
    assert spooled(folder) == [later]


def test_records_of_an_unknown_kind_are_kept_for_the_version_that_knows_them(folder: Path) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    extra = {"v": 1, "id": "y:0", "run": "run-1", "at": 5, "kind": "rated", "data": {"good": True}}
    path.write_text(
        f"{path.read_text('utf-8')}{json.dumps({**extra, 'bodies': {}})}\n", encoding="utf-8"
    )
    assert len(listed(folder)) == 1
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        rows = connection.execute("SELECT run_id, kind, data FROM other_records").fetchall()
    assert rows == [("run-1", "rated", '{"good":true}')]


def test_more_spool_files_than_may_be_open_at_once_are_merged(folder: Path) -> None:
    for number in range(260):
        writer = SpoolRunWriter(folder, bodies=True)
        writer.append(f"run-{number}", quoted_run(f"run-{number}")[0])
        writer.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Counted: the lowest free number says little where others are free between those in use.
    open_now = len(os.listdir("/dev/fd")) - 1  # noqa: PTH208 - numbers, no paths
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 150, hard))
    try:
        [row] = LedgerReader(folder).stats(ALL, by="")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert row.runs == 260
    assert spooled(folder) == []


def test_merging_the_same_lines_again_changes_nothing(folder: Path) -> None:
    record(folder, "run-1")
    [path] = spooled(folder)
    content = path.read_bytes()
    before = LedgerReader(folder).run("run-1")
    path.write_bytes(content)
    path.with_name("copy.jsonl").write_bytes(content)
    assert LedgerReader(folder).run("run-1") == before
    assert LedgerReader(folder).stats(ALL, by="")[0].runs == 1


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
        patched.setattr(spool.os, "ftruncate", _refuse)
        with pytest.raises(StorageError):
            writer.append("run-1", Warned("x" * 500))
    writer.append("run-1", Warned("next"))
    writer.close()
    run = LedgerReader(folder).run("run-1")
    assert [warning.message for warning in run.warnings] == ["next"]


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "input/output error")


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


def test_a_merge_without_room_says_so_and_leaves_the_spool(folder: Path) -> None:
    record(folder, "run-0")
    assert len(listed(folder)) == 1
    for number in range(1, 40):
        record(folder, f"run-{number}")
    size = (folder / "ledger.duckdb").stat().st_size
    with start("squeeze", folder, min(size, 4096)) as process:
        said = acknowledged(process.communicate()[0])
    assert said
    assert "the ledger can't" in said[0]
    assert len(spooled(folder)) == 39
    assert len(listed(folder)) == 40


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


def test_reading_the_ledger_leaves_the_files_of_others_as_they_were(folder: Path) -> None:
    record(folder, "run-1")
    before = os.umask(0o022)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: listed(folder), range(8)))
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_a_file_that_one_reader_reads_is_not_hidden_from_another(folder: Path) -> None:
    record(folder, "run-1")
    with ExitStack() as read_by_another, start_holding(folder) as client:
        files = merge._closed_files(folder, read_by_another, merge.Merged())
        assert len(list(files)) == 1
        reader = LedgerReader(folder)
        assert len(reader.runs(ALL, limit=5)) == 1
        assert "open in another program" in reader.notices[0].message
        client.kill()
        client.communicate()
        assert len(reader.runs(ALL, limit=5)) == 1
        assert reader.notices == ()
    assert spooled(folder) == []


@contextmanager
def start_holding(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another program with the database open."""
    with database.opened(folder / "ledger.duckdb"):
        pass
    with start("hold", folder) as client:
        try:
            assert client.stdout is not None
            client.stdout.readline()
            yield client
        finally:
            client.kill()


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


def test_a_merged_file_that_can_not_be_removed_is_said_and_counted_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder, "run-0")
    reader = LedgerReader(folder)
    assert len(reader.runs(ALL, limit=5)) == 1
    record(folder, "run-1")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", _refuse)
        for _ in range(2):
            assert reader.stats(ALL, by="")[0].runs == 2
            assert "can't be removed" in reader.notices[0].message
    assert len(spooled(folder)) == 1
    assert reader.stats(ALL, by="")[0].runs == 2
    assert (reader.notices, spooled(folder)) == ((), [])


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
