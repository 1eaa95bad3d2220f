"""Writes the database anew after a deletion, and remembers one that was cut short.

Invariant: while a mark stands, what was deleted may still be in a file; it is taken away only
once the rows that are left stand in a file that never held the others. Each step may be killed
and done again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import DATABASE_FILE, SNAPSHOT_PREFIX, translated
from copilot.errors import StorageError
from copilot.events import Warned

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MARK = ".unfinished"
_LEFT_BEHIND = (".new", ".new.wal", ".draft", ".draft.wal", ".tmp")


def mark(folder: Path, name: str) -> None:
    """Say, on the disk, that the deletion ``name`` has begun. Raises OSError."""
    path = folder / f"{name}{_MARK}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _flush(folder)


def unmark(folder: Path, name: str) -> None:
    """The deletion is done. Raises OSError."""
    (folder / f"{name}{_MARK}").unlink(missing_ok=True)
    _flush(folder)


def unfinished(folder: Path) -> tuple[str, ...]:
    """The names of deletions that have begun and aren't done."""
    return tuple(sorted(path.name.removesuffix(_MARK) for path in folder.glob(f"*{_MARK}")))


def unfinished_notices(folder: Path) -> tuple[Warned, ...]:
    """What a person should know of them."""
    names = unfinished(folder)
    if not names:
        return ()
    return (
        Warned(
            f"a deletion in the ledger is not finished: {', '.join(names)}",
            hint="do it again: `copilot ledger forget` the same person, or `copilot ledger purge`",
        ),
    )


def draft(connection: DuckDBPyConnection, database: Path) -> Path:
    """A new file with all that the database holds now; the database's own log is empty then.

    Raises StorageError; the database stays as it is.
    """
    path = database.with_name(f"{database.name}.draft")
    log = path.with_name(f"{path.name}.wal")
    remove(path, log)
    place = str(path).replace("'", "''")
    try:
        with translated("be written anew"):
            connection.execute("CHECKPOINT")
            connection.execute(f"ATTACH '{place}' AS draft")
            path.chmod(0o600)
            connection.execute(f'COPY FROM DATABASE "{database.stem}" TO draft')
            connection.execute("CHECKPOINT draft")
            connection.execute("DETACH draft")
    except StorageError:
        remove(path, log)
        raise
    return path


def put_in_place(path: Path, database: Path) -> None:
    """The draft becomes the database, which nobody has open. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    # A log that stayed would be replayed into the new file.
    remove(database.with_name(f"{database.name}.wal"))
    path.replace(database)
    _flush(database.parent)


def sweep(folder: Path) -> None:
    """Remove what work that was cut short left: drafts, copies, what didn't fit in memory.

    The caller holds the merge lock; a reader of a copy goes on with what it has open.
    """
    ours = [folder / f"{DATABASE_FILE}{ending}" for ending in _LEFT_BEHIND]
    remove(*ours, *folder.glob(f"{SNAPSHOT_PREFIX}*"))


def foreign(folder: Path) -> tuple[str, ...]:
    """Other databases beside ours, such as one that was moved away: only their owner knows."""
    return tuple(
        str(path)
        for path in sorted(folder.rglob("*duckdb*"))
        if path.is_file() and path.name not in (DATABASE_FILE, f"{DATABASE_FILE}.wal")
    )


def remove(*paths: Path) -> None:
    """Remove files and folders that may not be there. Raises OSError for one that stays."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            with suppress(FileNotFoundError):
                shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
