"""Nothing acknowledged is lost: kills, crowds, clients that hold the database, full disks."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.runs import RunFilter
from copilot.testing.run_events import quoted_run
from tests.integration.ledger_processes import acknowledged, recorded, start

ALL = RunFilter()


def assert_all_once(folder: Path, names: list[str]) -> None:
    found = recorded(folder)
    assert names
    assert [name for name in names if found[name] == 0] == []
    assert [name for name, times in found.items() if times > 1] == []
    assert list((folder / "spool").glob("*.jsonl")) == []


@contextmanager
def killed_at_the_end(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_fifty_kills(tmp_path: Path) -> None:
    folder, chance = tmp_path / "ledger", random.Random(7)
    names: list[str] = []
    for _ in range(50):
        job = ("append", 0, chance.randint(1, 40)) if chance.random() < 0.8 else ("rate",)
        with start(job[0], folder, *job[1:]) as process:
            assert process.stdout is not None
            names += acknowledged(process.stdout.readline())
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            names += acknowledged(process.communicate()[0])
        if chance.random() < 0.3:
            LedgerReader(folder).runs(ALL, limit=1)
    assert_all_once(folder, names)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_the_merge_itself_is_killed(tmp_path: Path) -> None:
    folder, chance = tmp_path / "ledger", random.Random(8)
    names: list[str] = []
    for _ in range(20):
        with start("append", folder, 400, 20) as writer:
            names += acknowledged(writer.communicate()[0])
        with start("merge", folder) as merger:
            assert merger.stdout is not None
            if chance.random() < 0.5:
                merger.stdout.readline()
            time.sleep(chance.uniform(0, 0.6))
            merger.kill()
            merger.communicate()
    assert_all_once(folder, names)


@pytest.mark.slow
def test_twenty_processes_append_while_others_merge_and_none_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    crowd = [start("append", folder, 200, 7) for _ in range(20)]
    reader, merges = LedgerReader(folder), 0
    while any(process.poll() is None for process in crowd):
        reader.runs(ALL, limit=1)
        merges += 1
    names = [name for process in crowd for name in acknowledged(process.communicate()[0])]
    assert [process.returncode for process in crowd] == [0] * 20
    assert merges > 0
    assert len(names) == 20 * (203 + 29)
    assert_all_once(folder, names)


def test_a_killed_run_is_listed_as_interrupted_with_what_it_had_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    with start("append", folder, 0, 10**6) as process:
        assert process.stdout is not None
        first = acknowledged(process.stdout.readline())[0]
        assert LedgerReader(folder).runs(ALL, limit=5) == []
        process.kill()
        process.communicate()
    [run] = LedgerReader(folder).runs(ALL, limit=5)
    assert run.status == "interrupted"
    assert LedgerReader(folder).run(run.id).warnings[0].message == first


def test_a_client_that_holds_the_database_delays_no_writer_and_hides_no_run(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ledger"
    record(folder, "run-1")
    reader = LedgerReader(folder)
    assert len(reader.runs(ALL, limit=5)) == 1
    with killed_at_the_end(start("hold", folder)) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"held\n"
        record(folder, "run-2")
        assert {run.id for run in reader.runs(ALL, limit=5)} == {"run-1", "run-2"}
        [notice] = reader.notices
        assert f"PID {client.pid}" in notice.message
        assert reader.stats(ALL, by="")[0].runs == 2
        assert len(list((folder / "spool").glob("*.jsonl"))) == 1
    assert {run.id for run in reader.runs(ALL, limit=5)} == {"run-1", "run-2"}
    assert reader.notices == ()
    assert list((folder / "spool").glob("*.jsonl")) == []
    assert list(folder.glob("snapshot-*")) == []


def record(folder: Path, run_id: str) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    for event in quoted_run(run_id):
        writer.append(run_id, event)
    writer.close()
