"""A SQLite file that can't be used: what is told of it, and what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from copilot.adapters import sqlite
from copilot.adapters.sqlite import Database
from copilot.errors import StorageError

TABLE = "CREATE TABLE IF NOT EXISTS t (x);"


def hint(database: Database) -> str:
    with pytest.raises(StorageError, match=r"m\.db") as caught, database.transaction() as made:
        made.execute("INSERT INTO t VALUES (zeroblob(100000))")
    return caught.value.hint


def test_only_a_file_that_is_damaged_is_to_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.db"
    full = Database(file, tables=f"{TABLE} PRAGMA max_page_count = 2", holds="a sum")
    assert hint(full) == f"make room in {tmp_path}, if its disk is full"
    closed = Database(file, tables=f"{TABLE} PRAGMA query_only = 1", holds="a sum")
    assert hint(closed) == f"make it and {tmp_path} writable"
    monkeypatch.setattr(sqlite, "_WAIT_S", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        taken = Database(file, tables=TABLE, holds="a sum")
        assert hint(taken) == "another process is at it; try again"
        other.execute("ROLLBACK")
    file.write_text("Not a database at all. " * 100)
    assert hint(taken) == "It may be deleted: it holds nothing but a sum."
