"""Reads the runs of experiments from the ledger.

Invariant: as of any reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql
from copilot.adapters.ledger.figures import microseconds
from copilot.adapters.ledger.reader import LedgerReader
from copilot.figures import TriedRun

if TYPE_CHECKING:
    from copilot.events import RunKind


class LedgerTrials(LedgerReader):
    """``tried`` opens the database for one question."""

    def tried(
        self, experiment: str, *, unit: str, kind: RunKind = "ask", since: datetime | None = None
    ) -> Sequence[TriedRun]:
        """The runs that took part, oldest first. Raises StorageError."""
        chosen = {"flag": experiment, "unit": unit, "kind": kind, "since": microseconds(since)}
        with self._connection() as connection:
            found = connection.execute(sql("tried_runs"), chosen)
            names = [column[0] for column in found.description]
            return [TriedRun(**dict(zip(names, row, strict=True))) for row in found.fetchall()]
