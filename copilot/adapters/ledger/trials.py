"""Reads the runs of experiments from the ledger.

Invariant: as of any reader; one that is hasty waits for nobody and copies nothing, so that who
only looks in passing delays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql
from copilot.adapters.ledger.figures import microseconds
from copilot.adapters.ledger.reader import LedgerReader
from copilot.errors import StorageError
from copilot.figures import TriedRun

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from copilot.events import RunKind


class LedgerTrials(LedgerReader):
    """``hasty``: StorageError at once where somebody else has the database."""

    def __init__(self, folder: Path, *, hasty: bool = False) -> None:
        super().__init__(folder)
        self._hasty = hasty
        if hasty:
            self.patience_s = 0.0

    def tried(
        self, experiment: str, *, unit: str, kind: RunKind = "ask", since: datetime | None = None
    ) -> Sequence[TriedRun]:
        """The runs that took part, oldest first. Raises StorageError."""
        chosen = {"flag": experiment, "unit": unit, "kind": kind, "since": microseconds(since)}
        with self._connection() as connection:
            found = connection.execute(sql("tried_runs"), chosen)
            names = [column[0] for column in found.description]
            return [TriedRun(**dict(zip(names, row, strict=True))) for row in found.fetchall()]

    def _open_copy(self, stack: ExitStack) -> DuckDBPyConnection:
        if self._hasty:
            raise StorageError("the ledger is in use")
        return super()._open_copy(stack)
