"""Appends to the audit trail beside plain appends of the same lines, both flushed to the disk.

``python -m tests.bench.audit_append [--entries 500] [--processes 8]``. The plain way opens,
appends, fsyncs and closes one file; the trail also takes its lock, reads its key and its last
line, seals the new one, and flushes its anchor. Also how long a verification takes. Nothing is
asserted but that the trail passes: a figure of a broken trail would be void.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from tests.integration.audit_processes import trail_in


def to_trail(home: Path, count: int) -> list[float]:
    """Seconds that each append took."""
    trail, took = trail_in(home), []
    for number in range(count):
        started = time.perf_counter()
        trail.append("index.remove", f"/srv/{number}", detail={"n": number}, principal="ada")
        took.append(time.perf_counter() - started)
    return took


def to_file(home: Path, count: int) -> list[float]:
    line, took = b"x" * 420 + b"\n", []
    for _ in range(count):
        started = time.perf_counter()
        descriptor = os.open(home / "plain", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, line)
        os.fsync(descriptor)
        os.close(descriptor)
        took.append(time.perf_counter() - started)
    return took


def measured(
    label: str, way: Callable[[Path, int], list[float]], home: Path, processes: int, entries: int
) -> None:
    share = entries // processes
    started = time.perf_counter()
    with get_context("spawn").Pool(processes) as pool:
        parts = pool.starmap(way, [(home, share)] * processes)
    wall = time.perf_counter() - started
    took = sorted(1000 * seconds for part in parts for seconds in part)
    p50, p99 = (took[int(q * (len(took) - 1))] for q in (0.5, 0.99))
    name = f"{label}, {processes} process{'es' if processes > 1 else ''}"
    print(f"{name:<28}{len(took):>8}{p50:>10.2f}{p99:>10.2f}{took[-1]:>10.2f}{wall:>10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--processes", type=int, default=8)
    chosen = parser.parse_args()
    print(f"{'':<28}{'appends':>8}{'p50 ms':>10}{'p99 ms':>10}{'worst ms':>10}{'wall s':>10}")
    for processes in (1, chosen.processes):
        with tempfile.TemporaryDirectory() as place:
            home = Path(place)
            measured("plain append", to_file, home, processes, chosen.entries)
            measured("audit trail", to_trail, home, processes, chosen.entries)
            started = time.perf_counter()
            found = trail_in(home).verify()
            seconds = time.perf_counter() - started
            assert found.state == "holds", found
            print(f"  verified {found.entries} entries in {1000 * seconds:.0f} ms")


if __name__ == "__main__":
    main()
