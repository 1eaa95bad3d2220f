"""How models' latest calls went, for all processes of a home."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from copilot.adapters.sqlite import Database
from copilot.upstream import Health

TABLES = """
CREATE TABLE IF NOT EXISTS health (
    model TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    failed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""


class SqliteHealth:
    """As ``upstream.HealthStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def health(self, models: Collection[str]) -> Mapping[str, Health]:
        with self._database.reading() as connection:
            if connection is None:
                return {}
            marks = ", ".join("?" * len(models))
            rows = connection.execute(
                f"SELECT model, failures, failed_at FROM health WHERE model IN ({marks})",
                tuple(models),
            ).fetchall()
        return {
            model: Health(failures, datetime.fromtimestamp(at, UTC)) for model, failures, at in rows
        }

    def failed(self, model: str, at: datetime) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO health VALUES (?, 1, ?) ON CONFLICT (model) DO UPDATE "
                "SET failures = failures + 1, failed_at = excluded.failed_at",
                (model, at.timestamp()),
            )

    def succeeded(self, model: str) -> None:
        with self._database.reading() as connection:
            if connection is None:
                return
            ill = connection.execute("SELECT 1 FROM health WHERE model = ?", (model,)).fetchone()
        if ill is not None:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM health WHERE model = ?", (model,))

    def claim(self, model: str, *, failed_before: datetime, at: datetime) -> bool:
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE health SET failed_at = ? WHERE model = ? AND failed_at <= ?",
                (at.timestamp(), model, failed_before.timestamp()),
            )
            return changed.rowcount == 1
