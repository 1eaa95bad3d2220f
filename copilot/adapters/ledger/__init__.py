"""The spool on disk and the DuckDB file behind it; building either imports no database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.config.schema import LedgerSettings
    from copilot.ports import RunGroup, RunReader, RunWriter


def build_run_writer(folder: Path, settings: LedgerSettings) -> RunWriter:
    """A writer for runs of this process; one that records nothing when the ledger is off."""
    from copilot.adapters.ledger.spool import NullRunWriter, SpoolRunWriter

    if not settings.enabled:
        return NullRunWriter()
    return SpoolRunWriter(folder, bodies=settings.bodies)


def build_run_group(folder: Path, settings: LedgerSettings) -> RunGroup:
    """A writer for many runs of this process that reach the disk together."""
    from copilot.adapters.ledger.spool import GroupRunWriter, NullRunWriter

    if not settings.enabled:
        return NullRunWriter()
    return GroupRunWriter(folder, bodies=settings.bodies)


def build_run_reader(folder: Path) -> RunReader:
    """A reader of the ledger in ``folder``; touches nothing before it is asked."""
    from copilot.adapters.ledger.reader import LedgerReader

    return LedgerReader(folder)
