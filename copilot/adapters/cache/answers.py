"""Answers in SQLite: by key, and by how near their questions are.

Invariant: a row that can't be read is no answer, and no error; what is deleted is overwritten in
the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from copilot.adapters.sqlite import Database
from copilot.caching import (
    AnsweredFrom,
    Bounds,
    CachedAnswer,
    CacheStanding,
    Near,
    Switched,
)
from copilot.codec import from_plain, to_plain
from copilot.errors import StorageError

if TYPE_CHECKING:
    from copilot.messages import Vector

TABLES = """
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    partition TEXT NOT NULL,
    index_version INTEGER NOT NULL,
    principal TEXT NOT NULL,
    at REAL NOT NULL,
    used_at REAL NOT NULL,
    body TEXT NOT NULL,
    vector BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS answers_by_partition ON answers (partition);
CREATE TABLE IF NOT EXISTS looks (
    tier TEXT PRIMARY KEY,
    n INTEGER NOT NULL,
    saved_microusd INTEGER NOT NULL,
    saved_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checks (id INTEGER PRIMARY KEY, wrong INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS since (index_version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS off (at REAL NOT NULL, why TEXT NOT NULL) STRICT;
"""
# What an answer takes besides its text and its vector: the row's other columns, about.
_ROW_BYTES = 300
_FRESH = "at BETWEEN ? AND ?"
_SIZE = f"length(CAST(body AS BLOB)) + coalesce(length(vector), 0) + {_ROW_BYTES}"


class SqliteAnswers:
    """As ``caching.AnswerCache``."""

    def __init__(self, database: Database, bounds: Bounds) -> None:
        self._database = database
        self._bounds = bounds

    def exact(self, key: str, *, now: datetime) -> CachedAnswer | None:
        with self._database.reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                f"SELECT body FROM answers WHERE key = ? AND {_FRESH}", (key, *self._times(now))
            ).fetchone()
        return None if row is None else _read(row[0])

    def knows(self, question: str) -> bool:
        with self._database.reading() as connection:
            if connection is None:
                return False
            query = "SELECT 1 FROM answers WHERE json_extract(body, '$.question') = ? LIMIT 1"
            return connection.execute(query, (_text(question),)).fetchone() is not None

    def nearest(
        self, partition: str, vector: Vector, *, least: float, limit: int, now: datetime
    ) -> Sequence[Near]:
        import numpy as np

        with self._database.reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                f"SELECT key, vector FROM answers WHERE partition = ? AND {_FRESH} "
                "AND length(vector) = ?",
                (partition, *self._times(now), 4 * len(vector)),
            ).fetchall()
            if not rows:
                return ()
            kept = np.frombuffer(b"".join(blob for _, blob in rows), dtype="<f4")
            cosines = kept.reshape(len(rows), len(vector)) @ vector
            order = np.argsort(-cosines, kind="stable")[:limit]
            near = [(rows[i][0], float(cosines[i])) for i in order if cosines[i] >= least]
            marks = ", ".join("?" * len(near))
            bodies = dict(
                connection.execute(
                    f"SELECT key, body FROM answers WHERE key IN ({marks})",
                    [key for key, _ in near],
                ).fetchall()
            )
        found = ((_read(bodies[key]), cosine) for key, cosine in near if key in bodies)
        return [Near(cached, cosine) for cached, cosine in found if cached is not None]

    def keep(self, cached: CachedAnswer, vector: Vector | None) -> None:
        at = cached.at.timestamp()
        blob = None if vector is None else vector.astype("<f4").tobytes()
        body = json.dumps(to_plain(cached), ensure_ascii=False)
        with self._database.transaction() as connection:
            since = connection.execute("SELECT index_version FROM since").fetchone()
            if since is not None and cached.index_version < since[0]:
                return
            connection.execute(
                f"DELETE FROM answers WHERE index_version < ? OR NOT {_FRESH}",
                (cached.index_version, *self._times(cached.at)),
            )
            connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    cached.key,
                    cached.partition,
                    cached.index_version,
                    _text(cached.principal),
                    at,
                    at,
                    _text(body),
                    blob,
                ),
            )
            self._keep_within(connection)

    def looked(
        self,
        found: tuple[str, AnsweredFrom] | None,
        *,
        now: datetime,
        saved_microusd: int = 0,
        saved_ms: float = 0.0,
    ) -> None:
        key, tier = found or ("", "none")
        with self._database.transaction() as connection:
            connection.execute(f"DELETE FROM answers WHERE NOT {_FRESH}", self._times(now))
            connection.execute(
                "INSERT INTO looks VALUES (?, 1, ?, ?) ON CONFLICT (tier) DO UPDATE SET n = n + 1, "
                "saved_microusd = saved_microusd + excluded.saved_microusd, "
                "saved_ms = saved_ms + excluded.saved_ms",
                (tier, saved_microusd, saved_ms),
            )
            if key:
                connection.execute(
                    "UPDATE answers SET used_at = ? WHERE key = ?", (now.timestamp(), key)
                )

    def checked(self, *, right: bool) -> tuple[int, int]:
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO checks (wrong) VALUES (?)", (int(not right),))
            connection.execute(
                "DELETE FROM checks WHERE id <= (SELECT max(id) FROM checks) - ?",
                (self._bounds.checks,),
            )
            return _checks(connection)

    def off(self) -> Switched | None:
        with self._database.reading() as connection:
            return None if connection is None else _off(connection)

    def switch(self, off: Switched | None) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM off")
            if off is not None:
                connection.execute("INSERT INTO off VALUES (?, ?)", (off.at.timestamp(), off.why))
            else:
                connection.execute("DELETE FROM checks")

    def standing(self) -> CacheStanding:
        with self._database.reading() as connection:
            if connection is None:
                return CacheStanding()
            entries, size, oldest = connection.execute(
                f"SELECT count(*), coalesce(sum({_SIZE}), 0), min(at) FROM answers"
            ).fetchone()
            looks = {
                tier: (n, usd, ms)
                for tier, n, usd, ms in connection.execute("SELECT * FROM looks").fetchall()
            }
            checked, wrong = _checks(connection)
            off = _off(connection)
        return CacheStanding(
            entries=entries,
            bytes=size,
            oldest=None if oldest is None else datetime.fromtimestamp(oldest, UTC),
            looks=sum(n for n, _, _ in looks.values()),
            exact=looks.get("exact", (0, 0, 0.0))[0],
            semantic=looks.get("semantic", (0, 0, 0.0))[0],
            saved_microusd=sum(usd for _, usd, _ in looks.values()),
            saved_ms=sum(ms for _, _, ms in looks.values()),
            checked=checked,
            wrong=wrong,
            off=off,
        )

    def clear(self) -> int:
        return self._delete("1 = 1", (), also=("looks", "checks", "off"))

    def forget(self, principal: str, *, dry_run: bool = False) -> int:
        return self._delete("principal = ?", (_text(principal),), dry_run=dry_run)

    def drop_but(self, index_version: int) -> int:
        with suppress(StorageError), self._database.transaction() as connection:
            connection.execute("DELETE FROM since")
            connection.execute("INSERT INTO since VALUES (?)", (index_version,))
        return self._delete("index_version != ?", (index_version,))

    def drop_before(self, moment: datetime, *, dry_run: bool = False) -> int:
        return self._delete("at < ?", (moment.timestamp(),), dry_run=dry_run)

    def _delete(
        self,
        condition: str,
        values: tuple[str | float, ...],
        *,
        also: Sequence[str] = (),
        dry_run: bool = False,
    ) -> int:
        """Delete, and leave nothing of it in the file or beside it. What can't be read, and so may
        hold it too, goes whole.
        """
        held = self._held()
        try:
            return self._deleted(condition, values, also=also, dry_run=dry_run)
        except StorageError:
            if dry_run:
                raise
        for end in ("", "-wal", "-shm"):
            file = self._database.file.with_name(self._database.file.name + end)
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"{file} can't be removed: {error.strerror}") from error
        return held

    def _held(self) -> int:
        """How many answers there are, as far as that can be read."""
        with suppress(StorageError), self._database.reading() as connection:
            if connection is not None:
                count: int = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
                return count
        return 0

    def _deleted(
        self,
        condition: str,
        values: tuple[str | float, ...],
        *,
        also: Sequence[str],
        dry_run: bool,
    ) -> int:
        if not self._database.file.exists():
            return 0
        with self._database.transaction() as connection:
            count: int = connection.execute(
                f"SELECT count(*) FROM answers WHERE {condition}", values
            ).fetchone()[0]
            if dry_run:
                return count
            connection.execute(f"DELETE FROM answers WHERE {condition}", values)
            for table in also:
                connection.execute(f"DELETE FROM {table}")
        with self._database.reading() as connection:
            if connection is not None:
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if busy:  # another process reads on, and what was deleted stands beside the file
                    raise StorageError(f"{self._database.file} is in use")
        return count

    def _times(self, now: datetime) -> tuple[float, float]:
        """Between which an answer was kept that may be given."""
        oldest, latest = self._bounds.times(now)
        return oldest.timestamp(), latest.timestamp()

    def _keep_within(self, connection: sqlite3.Connection) -> None:
        """Drop the longest unused, as many as are too many."""
        connection.execute(
            "DELETE FROM answers WHERE key IN (SELECT key FROM (SELECT key, "
            "row_number() OVER latest AS place, "
            f"sum({_SIZE}) OVER latest AS taken FROM answers "
            "WINDOW latest AS (ORDER BY used_at DESC, at DESC, key)) WHERE place > ? OR taken > ?)",
            (self._bounds.entries, self._bounds.bytes),
        )


def _checks(connection: sqlite3.Connection) -> tuple[int, int]:
    count, wrong = connection.execute(
        "SELECT count(*), coalesce(sum(wrong), 0) FROM checks"
    ).fetchone()
    return count, wrong


def _off(connection: sqlite3.Connection) -> Switched | None:
    row = connection.execute("SELECT at, why FROM off").fetchone()
    return None if row is None else Switched(datetime.fromtimestamp(row[0], UTC), row[1])


def _text(text: str) -> str:
    """Without halves of characters, which SQLite doesn't take."""
    return text.encode("utf-8", "replace").decode()


def _read(body: str) -> CachedAnswer | None:
    """None for what another version wrote, or a disk changed."""
    try:
        return from_plain(CachedAnswer, json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
