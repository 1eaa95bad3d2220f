"""Many inputs of ``copilot extract``, read by processes that may die, and that outlive nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Two thousand short texts."""
    path = tmp_path / "in.jsonl"
    lines = [{"id": n, "text": f"Hello, I am person{n}@lund.example\n"} for n in range(2000)]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def started(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    env = {"PATH": os.environ["PATH"], "COPILOT_HOME": str(home), "COPILOT_EXTRACTION__JOBS": "2"}
    return subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "extract", "email: email?", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=REPOSITORY, env=env,
    )  # fmt: skip


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holds()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
    except OSError:
        return False


def written(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a file that may end in a torn one."""
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


@LINUX
@pytest.mark.slow
def test_a_process_that_dies_ends_the_command_and_the_same_command_goes_on(
    cli: Cli, home: Path, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    with started(home, str(many), "-o", str(out)) as process:
        until(lambda: out.exists() and out.stat().st_size > 50_000)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 8, said
    assert b"ended from outside" in said and b"extraction.jobs" in said
    assert {line["kind"] for line in written(out)} == {"record"}
    done = cli("extract", "email: email?", str(many), "-o", str(out))
    assert done.code == 0, done.err
    assert [line["id"] for line in written(out)] == list(range(2000))


@LINUX
@pytest.mark.slow
def test_what_was_given_out_before_a_kill_is_recorded_and_no_process_stays(
    cli: Cli, home: Path, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    with started(home, str(many), "-o", str(out)) as process:
        until(lambda: out.exists() and out.stat().st_size > 100_000)
        reading = children(process.pid)
        process.kill()
    assert len(reading) == 2
    until(lambda: not any(map(is_there, reading)))
    listed = cli("runs", "list", "--limit", "5000", "--json")
    runs = {line["run"]["id"]: line["run"]["status"] for line in listed.lines}
    given = [line["run_id"] for line in written(out)]
    assert given
    assert {runs.get(run_id) for run_id in given} == {"answered"}


def test_a_line_in_a_pipe_is_answered_before_the_next_one_comes(home: Path) -> None:
    env = {"PATH": os.environ["PATH"], "COPILOT_HOME": str(home), "COPILOT_EXTRACTION__JOBS": "2"}
    with subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "extract", "email: email?"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=REPOSITORY, env=env,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        late = threading.Timer(60, process.kill)
        late.start()
        for number in range(3):
            line = {"id": number, "text": f"I am person{number}@lund.example"}
            process.stdin.write(f"{json.dumps(line)}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        process.wait()
        late.cancel()
    assert process.returncode == 0


@LINUX
def test_a_single_text_starts_no_process(home: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "text"
    os.mkfifo(fifo)
    with started(home, str(fifo)) as process:
        with fifo.open("w") as text:  # once it is opened, nothing more will be started
            assert children(process.pid) == []
            text.write("I am ada@lund.example")
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_processes_that_begin_anew_read_the_same(cli: Cli, many: Path, tmp_path: Path) -> None:
    """A process with threads isn't copied; a class of the user's own is found there too."""
    (tmp_path / "shapes.py").write_text(
        "from pydantic import BaseModel\nclass Contact(BaseModel):\n    email: str | None = None\n",
        "utf-8",
    )
    lines = "".join(many.read_text("utf-8").splitlines(keepends=True)[:20])
    (tmp_path / "sitecustomize.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
        "utf-8",
    )
    env = {"PYTHONPATH": str(tmp_path), "COPILOT_EXTRACTION__JOBS": "2"}
    done = cli("extract", "shapes:Contact", stdin=lines, env=env)
    assert done.code == 0, done.err
    assert [line["record"]["email"] for line in done.lines] == [
        f"person{n}@lund.example" for n in range(20)
    ]
