"""Ledger appends: rate and latency of the spool beside plain connect-insert-close on DuckDB.

``python -m tests.bench.ledger_append [--processes 20]``. Both write the same events, one at a
time, in the same run on the same disk. The baseline is what one would write first: open the
database, insert the row, close; and, where another process has it, try again with a jittered
wait. Nothing is asserted; the counts are checked, since a lost row would make a figure void.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copilot.adapters.ledger.database import DATABASE_FILE
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.codec import to_plain
from copilot.events import Event, RunFinished, TextDelta
from copilot.runs import RunFilter
from copilot.testing.run_events import written_run
from tests.corpora import REPOSITORY

# With twenty processes one record of the baseline waits for minutes: a few must do.
PLAIN_RECORDS = 3
CREATE = "CREATE TABLE IF NOT EXISTS events (id VARCHAR PRIMARY KEY, run VARCHAR, data JSON)"


def events_of(run_id: str) -> list[Event]:
    """The events of a run that are recorded: twelve, one of which ends it."""
    return [event for event in written_run(run_id) if not isinstance(event, TextDelta)]


def append_to_spool(folder: Path, name: str, runs: int) -> list[tuple[float, bool]]:
    """Seconds that each append took, and whether it ended a run (and so reached the disk)."""
    writer = SpoolRunWriter(folder, bodies=True)
    took: list[tuple[float, bool]] = []
    for number in range(runs):
        run_id = f"{name}-{number}"
        for event in events_of(run_id):
            started = time.perf_counter()
            writer.append(run_id, event)
            took.append((time.perf_counter() - started, isinstance(event, RunFinished)))
    writer.close()
    return took


def connect_insert_close(folder: Path, name: str, runs: int) -> list[tuple[float, bool]]:
    """The same by a connection of its own for each event."""
    import duckdb

    path, took = str(folder / "plain.duckdb"), []
    for number in range(runs):
        for place, event in enumerate(events_of(f"{name}-{number}")[-PLAIN_RECORDS:]):
            row = [f"{name}-{number}-{place}", f"{name}-{number}", json.dumps(to_plain(event))]
            started = time.perf_counter()
            while True:
                try:
                    with duckdb.connect(path) as connection:
                        connection.execute("INSERT INTO events VALUES (?, ?, ?)", row)
                    break
                except duckdb.IOException:
                    time.sleep(random.uniform(0.001, 0.02))
            took.append((time.perf_counter() - started, isinstance(event, RunFinished)))
    return took


WAYS = {"spool": append_to_spool, "plain": connect_insert_close}


def crowd(way: str, folder: Path, processes: int, runs: int) -> tuple[list, float]:
    """Latencies of all processes, started together, and the wall time in seconds."""
    command = [sys.executable, "-m", "tests.bench.ledger_append", "--worker", way]
    go = folder / f"go-{way}"
    started = [
        subprocess.Popen(
            [*command, str(folder), "--runs", str(runs), "--name", f"p{n}", "--go", str(go)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        )
        for n in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    begun = time.perf_counter()
    go.touch()
    outputs = [process.communicate()[0] for process in started]
    wall = time.perf_counter() - begun
    return [tuple(pair) for output in outputs for pair in json.loads(output)], wall


def work(way: str, folder: Path, name: str, runs: int, go: Path) -> None:
    import duckdb  # noqa: F401 - so that its import isn't timed

    print("ready", flush=True)
    while not go.exists():
        time.sleep(0.005)
    print(json.dumps(WAYS[way](folder, name, runs)))


def shown(label: str, took: list[tuple[float, bool]], wall: float) -> str:
    """One line: appends a second, and percentiles in milliseconds."""
    every = sorted(seconds for seconds, _ in took)
    inner = sorted(seconds for seconds, ends in took if not ends)
    final = sorted(seconds for seconds, ends in took if ends)

    def at(values: list[float], share: float) -> str:
        return f"{1000 * values[int(share * (len(values) - 1))]:11.3f}"

    return (
        f"{label:<34}{len(took):>8}{len(took) / wall:>11.0f}{at(inner, 0.5)}{at(inner, 0.99)}"
        f"{at(final, 0.99)}{at(every, 1.0)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--worker", nargs=2, metavar=("WAY", "FOLDER"))
    parser.add_argument("--name", default="p")
    parser.add_argument("--go", type=Path, default=Path())
    chosen = parser.parse_args()
    if chosen.worker:
        way, folder = chosen.worker
        work(way, Path(folder), chosen.name, chosen.runs, chosen.go)
        return
    compare(chosen.processes, chosen.runs)


def compare(processes: int, runs: int) -> None:
    """Print both ways, alone and in a crowd, and what became of the records."""
    print(
        f"{'':<34}{'appends':>8}{'a second':>11}{'p50':>11}{'p99':>11}{'p99 end':>11}"
        f"{'worst':>11}  (ms; 'end': the record that ends a run, flushed to the disk)"
    )
    for label, count, plain_runs in (
        ("one process", 1, 10),
        (f"{processes} processes", processes, 1),
    ):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            create_plain(folder)
            took, wall = crowd("spool", folder, count, runs)
            print(shown(f"spool, {label}", took, wall), flush=True)
            took, wall = crowd("plain", folder, count, plain_runs)
            print(shown(f"connect-insert-close, {label}", took, wall), flush=True)
            check_spool(folder, count * runs)
            print(f"  lost by connect-insert-close: {len(took) - count_plain(folder)} records")


def check_spool(folder: Path, runs: int) -> None:
    """Merge, time it, and count: a figure counts only when nothing was lost."""
    reader = LedgerReader(folder)
    began = time.perf_counter()
    [row] = reader.stats(RunFilter(), by="")
    merged = time.perf_counter() - began
    began = time.perf_counter()
    reader.stats(RunFilter(), by="model")
    again = time.perf_counter() - began
    records = runs * len(events_of(""))
    size = (folder / DATABASE_FILE).stat().st_size / runs / 1024
    print(
        f"  merge of {records} records in {runs} files, then stats: {merged:.2f} s; stats again: "
        f"{again:.2f} s; {size:.0f} KiB a run; lost: {runs - row.runs} runs"
    )


def create_plain(folder: Path) -> None:
    import duckdb

    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        connection.execute(CREATE)


def count_plain(folder: Path) -> int:
    import duckdb

    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        [(found,)] = connection.execute("SELECT count(*) FROM events").fetchall()
    return int(found)


if __name__ == "__main__":
    main()
