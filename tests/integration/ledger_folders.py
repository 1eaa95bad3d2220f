"""Runs in a ledger's folder: recorded, still in its spool, and read."""

from __future__ import annotations

import errno
from pathlib import Path

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.runs import RunFilter, RunSummary
from copilot.testing.run_events import written_run

ALL = RunFilter()


def record(folder: Path, run_id: str, *, bodies: bool = True) -> None:
    writer = SpoolRunWriter(folder, bodies=bodies)
    for event in written_run(run_id):
        writer.append(run_id, event)
    writer.close()


def spooled(folder: Path) -> list[Path]:
    return sorted((folder / "spool").glob("*.jsonl"))


def listed(folder: Path) -> list[RunSummary]:
    return LedgerReader(folder).runs(ALL, limit=100)


def refuse(*_: object, **__: object) -> None:
    """Stands in for a call of the operating system."""
    raise OSError(errno.EIO, "input/output error")
