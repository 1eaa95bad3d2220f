"""Appends to the audit trail beside plain appends of the same lines, both flushed to the disk.

``python -m tests.bench.audit_append [--entries 500] [--processes 8] [--verify 50000]``. The
plain way opens, appends, fsyncs and closes one file; the trail also takes its lock, reads its key
and its last line, seals the new one, and flushes its anchor. Also how long verifying a long trail
takes, beside reading its lines as JSON and hashing them. Nothing is asserted but that the trail
passes: a figure of a broken trail would be void.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from copilot.adapters.system import SystemClock, new_id
from copilot.audit import anchors
from copilot.audit.anchors import Head
from copilot.audit.entries import NO_ENTRY, AuditEntry, digest, encode, key_id
from copilot.audit.keys import KEY_NAME
from copilot.audit.trail import ChainedTrail
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore
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


def verified(entries: int) -> None:
    """Processor time, for a trail in memory with a head for each entry."""
    log, anchor, secret, prev = bytearray(), bytearray(), "5e" * 32, NO_ENTRY
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for seq in range(1, entries + 1):
        detail = {"removed": 3, "indexed": 0, "index_version": seq}
        entry = AuditEntry(seq, at, "index.remove", f"/srv/{seq}", detail, "ada", "ada@laptop")
        line = encode(entry, trail="one-trail", prev=prev, secret=secret)
        prev = digest(line)
        head = Head(seq, prev, trail="one-trail", key=key_id(secret), at=at)
        log += line + b"\n"
        anchor += anchors.encode(head) + b"\n"
    keys = [MemorySecretStore({KEY_NAME: secret})]
    places = MemoryLines(bytes(log)), MemoryLines(bytes(anchor))
    trail = ChainedTrail(*places, find_in=keys, keep_in=keys, clock=SystemClock(), new_id=new_id)
    started = time.process_time()
    for line in places[0].content.splitlines():
        json.loads(line)
        digest(line)
    plain = time.process_time() - started
    started = time.process_time()
    found = trail.verify()
    seconds = time.process_time() - started
    assert found.state == "holds", found
    print(f"verified {entries:,} entries in {seconds:.2f} s; read and hashed in {plain:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--verify", type=int, default=50_000)
    chosen = parser.parse_args()
    print(f"{'':<28}{'appends':>8}{'p50 ms':>10}{'p99 ms':>10}{'worst ms':>10}{'wall s':>10}")
    for processes in (1, chosen.processes):
        with tempfile.TemporaryDirectory() as place:
            home = Path(place)
            measured("plain append", to_file, home, processes, chosen.entries)
            measured("audit trail", to_trail, home, processes, chosen.entries)
            found = trail_in(home).verify()
            assert found.state == "holds", found
    verified(chosen.verify)


if __name__ == "__main__":
    main()
