"""The desk's DuckDB file: opened for a moment, by one process at a time, its schema current.

Invariant: what a block of ``opened`` did is whole or not there, also after a kill; DuckDB's
exceptions end here, and all that were raised mean that nothing was written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.locks import lock_within
from copilot.config.paths import ensure, private
from copilot.errors import SinkError, SinkUnavailableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILE = "desk.duckdb"
_LOCK_FILE = "desk.lock"
_LOCK_WAIT_S = 20.0
# A client that looks something up lets go again.
_BUSY_WAIT_S = 2.0
_BUSY_POLL_S = 0.02
_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # A desk is small, and each of its tables takes some blocks.
    "default_block_size": "16384",
}


@cache
def sql(name: str) -> str:
    """The statement in ``sql/<name>.sql``."""
    folder = files("copilot.adapters.sinks.desk") / "sql"
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


@cache
def upgrades() -> tuple[tuple[int, str], ...]:
    """All steps of the schema, by number; ``upgrades/0001_desk.sql`` is version 1."""
    folder = files("copilot.adapters.sinks.desk") / "upgrades"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return tuple(
        (int(entry.name[:4]), entry.read_text("utf-8"))
        for entry in sorted(found, key=lambda entry: entry.name)
    )


@contextmanager
def opened(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A transaction on the desk in ``folder``, committed at the block's end.

    Raises SinkUnavailableError when others keep it, SinkError when it can't be used.
    """
    path = ensure(folder) / FILE
    with private(), _locked(folder):
        if not path.exists():
            _create(path)
        connection = _connected(path)
        try:
            _upgrade(connection)
            with _transaction(connection):
                yield connection
        finally:
            connection.close()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        with lock_within(folder / _LOCK_FILE, seconds=_LOCK_WAIT_S) as held:
            if not held:
                raise SinkUnavailableError("the desk is busy", hint="try again in a moment")
            yield
    except OSError as error:
        raise SinkError(
            f"the desk can't be locked: {error.strerror or error}",
            hint=f"{folder} must be a folder that you can write",
        ) from error


def _create(path: Path) -> None:
    """Make the file beside its place and move it there, so that a kill leaves no half of one."""
    draft = path.with_name(f"{path.name}.new")
    for left in (draft, draft.with_name(f"{draft.name}.wal")):
        left.unlink(missing_ok=True)
    connection = _connected(draft)
    try:
        _upgrade(connection)
    finally:
        connection.close()
    draft.replace(path)


def _connected(path: Path) -> DuckDBPyConnection:
    import duckdb

    deadline = time.monotonic() + _BUSY_WAIT_S
    while True:
        try:
            return duckdb.connect(str(path), config=_CONFIG)
        except duckdb.Error as error:
            if "lock" not in str(error):
                raise _translated(error, path) from error
            if time.monotonic() > deadline:
                raise SinkUnavailableError(
                    "the desk is open in another program", hint=f"close what has {path} open"
                ) from error
        time.sleep(_BUSY_POLL_S)


def _upgrade(connection: DuckDBPyConnection) -> None:
    import duckdb

    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"
        )
        rows = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()
    except duckdb.Error as error:
        raise _translated(error, Path(FILE)) from error
    have = int(rows[0][0])
    newest = upgrades()[-1][0]
    if have > newest:
        raise SinkError(
            f"the desk has schema {have}, this copilot knows up to {newest}",
            hint="a newer copilot wrote it: upgrade this one (pip install --upgrade copilot)",
        )
    for version, step in upgrades():
        if version > have:
            with _transaction(connection):
                connection.execute(step)
                connection.execute("INSERT INTO schema_version VALUES (?)", [version])


@contextmanager
def _transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    import duckdb

    done = False
    try:
        connection.execute("BEGIN")
        yield
        connection.execute("COMMIT")
        done = True
    except (duckdb.ParserException, duckdb.BinderException):
        raise  # SQL of ours that DuckDB doesn't understand: a bug
    except duckdb.Error as error:
        raise _translated(error, Path(FILE)) from error
    finally:
        if not done:
            _roll_back(connection)


def _roll_back(connection: DuckDBPyConnection) -> None:
    import duckdb

    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        # A transaction that DuckDB gave up itself (a full disk) is rolled back already.
        return


def _translated(error: Exception, path: Path) -> SinkError:
    text = str(error)
    if "No space left" in text or "File too large" in text:
        return SinkError("the desk can't be written: the disk is full", hint="make room")
    if "Permission denied" in text or "Read-only file system" in text:
        return SinkError(
            "the desk can't be written: it is read-only",
            hint="set COPILOT_HOME to a folder you can write",
        )
    reason = text.splitlines()[0] if text else "no reason given"
    return SinkError(
        f"the desk can't be used: {reason}",
        hint=f"if {path.name} is damaged, move it (and {path.name}.wal) away and put a copy back",
    )
