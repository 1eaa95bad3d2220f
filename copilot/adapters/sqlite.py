"""One SQLite file: opened for each step, changed in one transaction, private to its user.

Invariant: what sqlite3 raises leaves as StorageError; two processes never both go on from the
same state, since a transaction takes the write lock before it reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from copilot.config.paths import ensure, private
from copilot.errors import ConfigError, StorageError

_PRIMARY = 0xFF  # of SQLite's codes; the rest says more of the same
_WAIT_S = 5.0  # for another process's transaction, which takes a millisecond


class Database:
    """The file; it is made by the first transaction.

    ``tables`` is SQL that may be run again; ``holds`` says what is lost with the file.
    """

    def __init__(self, file: Path, *, tables: str, holds: str) -> None:
        self.file = file
        self._tables = tables
        self._holds = holds

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """None while there is no file."""
        if not self.file.exists():
            yield None
            return
        with self._opened() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is done in it is done whole, or, when something is raised, not at all."""
        with self._opened() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            ensure(self.file.parent)
            with private(), closing(self._connected()) as connection:
                yield connection
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self.file}: {error}", hint=self._remedy(error)) from error

    def _remedy(self, error: sqlite3.Error | OSError) -> str:
        match getattr(error, "sqlite_errorcode", 0) & _PRIMARY:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return "another process is at it; try again"
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                return f"make room in {self.file.parent}, if its disk is full"
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
                return f"make it and {self.file.parent} writable"
        return f"It may be deleted: it holds nothing but {self._holds}."

    def _connected(self) -> sqlite3.Connection:
        new = not self.file.exists()
        connection = sqlite3.connect(self.file, timeout=_WAIT_S, isolation_level=None)
        try:
            if new:
                with suppress(sqlite3.OperationalError):  # another process is at it
                    connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(self._tables)
        except sqlite3.Error:
            connection.close()
            raise
        return connection
