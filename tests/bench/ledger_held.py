"""Whether an answer waits for a program that holds the ledger's database: a DuckDB client, say.

Asks the same question again and again, each time in a process of its own, first with the database
free and then while another process holds it for a minute, and appends records meanwhile. Prints
both distributions; what was asked must stand in the ledger afterwards, all of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copilot.adapters.ledger.reader import LedgerReader
from copilot.config.paths import Paths
from copilot.runs import RunFilter
from tests.bench.ledger_append import append_to_spool
from tests.corpora import REPOSITORY
from tests.integration.ledger_processes import start

QUESTION = "How long do I have to acknowledge a page?"


def copilot(home: Path, *arguments: str) -> float:
    """Seconds that the command took."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)},
    )
    return time.perf_counter() - began


def measure(home: Path, folder: Path, label: str, seconds: float) -> int:
    """Ask and append for so long; the number of runs that this made."""
    asked: list[float] = []
    appended: list[tuple[float, bool]] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked.append(copilot(home, "ask", QUESTION))
        appended += append_to_spool(folder, f"{label}-{len(asked)}", 5)
    asked.sort()
    took = sorted(one for one, ends in appended if not ends)
    print(
        f"{label:<26}{len(asked):>5} asks: p50 {asked[len(asked) // 2]:.2f} s, worst "
        f"{asked[-1]:.2f} s; {len(took)} appends: p99 {1000 * took[int(0.99 * len(took))]:.2f} ms, "
        f"worst {1000 * took[-1]:.2f} ms",
        flush=True,
    )
    return len(asked) * 6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        folder = Paths.from_environment({"COPILOT_HOME": str(home)}).ledger
        copilot(home, "index", "add", "data/handbook/policies")
        copilot(home, "ask", QUESTION)
        copilot(home, "runs", "list")
        runs = 1 + measure(home, folder, "database free", seconds)
        with start("hold", folder) as client:
            assert client.stdout is not None
            client.stdout.readline()
            runs += measure(home, folder, f"held for {seconds:.0f} s", seconds)
            print(f"{'held: runs list (a copy)':<26}{copilot(home, 'runs', 'list'):.2f} s")
            client.kill()
        [row] = LedgerReader(folder).stats(RunFilter(kind="ask"), by="")
        print(f"runs recorded: {row.runs}, lost={runs - row.runs}")


if __name__ == "__main__":
    main()
