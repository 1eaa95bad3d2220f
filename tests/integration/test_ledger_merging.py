"""A merge takes each record out of the spool once, whatever else it finds there."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.ledger import database, merge
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.events import (
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunStopped,
    Warned,
)
from copilot.messages import Usage
from copilot.testing.run_events import PROMPT, STARTED_AT, hits, quoted_run, written_run
from tests.integration.ledger_folders import ALL, listed, record, refuse, spooled
from tests.integration.ledger_processes import acknowledged, start
from tests.privileges import obeying_permissions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger"


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


def test_a_merged_file_that_can_not_be_removed_is_said_and_counted_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder, "run-0")
    reader = LedgerReader(folder)
    assert len(reader.runs(ALL, limit=5)) == 1
    record(folder, "run-1")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        for _ in range(2):
            assert reader.stats(ALL, by="")[0].runs == 2
            assert "can't be removed" in reader.notices[0].message
    assert len(spooled(folder)) == 1
    assert reader.stats(ALL, by="")[0].runs == 2
    assert (reader.notices, spooled(folder)) == ((), [])
