"""Writes the documented views as Parquet files, with no word of a person's unless it is asked for.

Invariant: what is left out or redacted is so in the rows that are written and nowhere else: it is
done in a transaction that never commits. A file appears whole, private to its owner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql, translated
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import storage_error
from copilot.config.paths import ensure

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TEXTS_AT_ONCE = 5_000
_VIEW = re.compile(r"v_\w+", re.ASCII)


class LedgerParquet(LedgerReader):
    """Exports over the same files as the reader of runs."""

    def export(self, folder: Path, *, redact: Callable[[str], str] | None) -> list[tuple[str, int]]:
        """Write ``<view>.parquet`` for each view; returns each file's name and rows.

        Texts, tags and the names of conversations are left out, or go through ``redact``. Raises
        ConfigError when there can be no such folder, StorageError when it can't be written.
        """
        ensure(folder)
        with self._connection() as connection, translated("be exported"):
            connection.execute("BEGIN")
            try:
                if redact is None:
                    connection.execute(sql("without_texts"))
                else:
                    _redact(connection, redact)
                views = {row[0] for row in connection.execute(sql("views")).fetchall()}
                return [
                    _write(connection, view, folder)
                    for view in sorted(views)
                    if _VIEW.fullmatch(view)
                ]
            except OSError as error:
                raise storage_error("the export can't be written", error, folder) from error
            finally:
                connection.execute("ROLLBACK")


def _write(connection: DuckDBPyConnection, view: str, folder: Path) -> tuple[str, int]:
    path = folder / f"{view}.parquet"
    part = folder / f".{path.name}.part"
    place = str(part).replace("'", "''")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        rows = connection.execute(f"COPY {view} TO '{place}' (FORMAT parquet)").fetchall()
        part.chmod(0o600)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path.name, int(rows[0][0])


def _redact(connection: DuckDBPyConnection, redact: Callable[[str], str]) -> None:
    """Replace each text, tag and name of a conversation by what may leave."""
    connection.execute("CREATE OR REPLACE TEMP TABLE redacted (before VARCHAR, after VARCHAR)")
    found = connection.execute(sql("words")).fetchall()
    for start in range(0, len(found), _TEXTS_AT_ONCE):
        texts: Sequence[str] = [row[0] for row in found[start : start + _TEXTS_AT_ONCE]]
        changed = [(text, after) for text in texts if (after := redact(text)) != text]
        connection.execute(
            "INSERT INTO redacted SELECT unnest($before::VARCHAR[]), unnest($after::VARCHAR[])",
            {"before": [one for one, _ in changed], "after": [other for _, other in changed]},
        )
    connection.execute(sql("redact"))
