"""Processes that the ledger's tests start, race and kill: ``python -m`` this with a job.

Invariant: a record is printed on stdout only after ``append`` has returned, so whatever a test
could read was acknowledged.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.corpora import REPOSITORY


def start(job: str, folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    """Start a job on the ledger in ``folder``; its acknowledgements come on stdout."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.ledger_processes", job, str(folder)]
        + [str(argument) for argument in arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )


def acknowledged(output: bytes) -> list[str]:
    """The whole lines; a torn one was never read as acknowledged."""
    return [line.decode() for line in output.split(b"\n")[:-1]]


def recorded(folder: Path) -> Counter[str]:
    """How often each acknowledged name stands in the database, after a last merge."""
    import duckdb

    from copilot.adapters.ledger.reader import LedgerReader
    from copilot.runs import RunFilter

    LedgerReader(folder).runs(RunFilter(), limit=1)
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        rows = connection.execute(
            "SELECT message FROM v_warnings UNION ALL SELECT comment FROM v_feedback "
            "UNION ALL SELECT run_id FROM v_runs WHERE status = 'answered'"
        ).fetchall()
    return Counter(name for (name,) in rows)


def append(folder: Path, count: int, run_length: int) -> None:
    """Append ``count`` records (0: without end) in runs of ``run_length``, printing each."""
    from copilot.adapters.ledger.spool import SpoolRunWriter
    from copilot.events import RunFinished, RunStarted, Warned
    from copilot.messages import Status

    writer = SpoolRunWriter(folder, bodies=True)
    number = 0
    while count == 0 or number < count:
        run_id = f"{os.getpid()}-{time.time_ns()}"
        now = datetime.now(UTC)
        writer.append(run_id, RunStarted(run_id, "ask", "?", "", "local", now))
        for _ in range(run_length):
            name = f"{run_id}/{number}"
            writer.append(run_id, Warned(name))
            os.write(1, f"{name}\n".encode())
            number += 1
        writer.append(run_id, RunFinished(run_id, Status.ANSWERED, None, 1.0))
        os.write(1, f"{run_id}\n".encode())


def rate(folder: Path) -> None:
    """Rate runs without end, each by a writer of its own as the command does, printing each."""
    from copilot.adapters.ledger.spool import SpoolRunWriter
    from copilot.records import FeedbackGiven

    number = 0
    while True:
        name = f"rating {os.getpid()}-{time.time_ns()}/{number}"
        writer = SpoolRunWriter(folder, bodies=True)
        writer.append("run-1", FeedbackGiven("good", "local", comment=name))
        writer.close()
        os.write(1, f"{name}\n".encode())
        number += 1


def merge_without_end(folder: Path) -> None:
    """Merge again and again, one dot each time."""
    from copilot.adapters.ledger.reader import LedgerReader
    from copilot.runs import RunFilter

    reader = LedgerReader(folder)
    while True:
        reader.runs(RunFilter(), limit=1)
        os.write(1, b".\n")


def hold(folder: Path) -> None:
    """What a DuckDB client does that stays open: holds the database until it is killed."""
    import duckdb

    connection = duckdb.connect(str(folder / "ledger.duckdb"))
    connection.execute("SELECT count(*) FROM runs").fetchall()
    os.write(1, b"held\n")
    time.sleep(600)


def merge_without_room(folder: Path, room: int) -> None:
    """Merge while no file may grow past ``room`` bytes: a full disk, as the kernel tells it."""
    import resource

    from copilot.adapters.ledger.reader import LedgerReader
    from copilot.errors import StorageError
    from copilot.runs import RunFilter

    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        LedgerReader(folder).runs(RunFilter(), limit=1)
    except StorageError as error:
        os.write(1, f"{error.message} / {error.hint}\n".encode())


def main() -> None:
    job, folder, *arguments = sys.argv[1:]
    match job:
        case "append":
            append(Path(folder), *(int(argument) for argument in arguments))
        case "rate":
            rate(Path(folder))
        case "merge":
            merge_without_end(Path(folder))
        case "squeeze":
            merge_without_room(Path(folder), int(arguments[0]))
        case "hold":
            hold(Path(folder))
        case _:
            raise SystemExit(f"no job {job}")


if __name__ == "__main__":
    main()
