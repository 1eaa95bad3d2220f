"""Writes the database anew after a deletion, and remembers one that was cut short.

Invariant: while a mark stands, what was deleted may still be in a file; it is taken away only
once the rows that are left stand in a file that never held the others. Each step may be killed
and done again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import (
    DATABASE_FILE,
    SNAPSHOT_PREFIX,
    temporary_prefix,
    translated,
)
from copilot.errors import StorageError
from copilot.events import Warned

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MARK = ".unfinished"
# What lies in the ledger's folder, beside what is swept.
_OURS = (
    *(DATABASE_FILE, f"{DATABASE_FILE}.wal", "merge.lock", f"*{_MARK}", f"*{_MARK}.new"),
    *("holds.json", "audit.jsonl", "spool/*.jsonl", "sent/*.ids"),
    *("alerts.json", "alerts.json.new", "alerts.json.lock"),
)
_LEFT_BEHIND = (".new", ".new.wal", ".draft", ".draft.wal", ".tmp")


def mark(folder: Path, name: str, content: bytes = b"") -> None:
    """Say, on the disk, that the deletion ``name`` has begun, and what it needs to go on.

    Raises OSError.
    """
    path = folder / f"{name}{_MARK}"
    new = path.with_name(f"{path.name}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(new, flags, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(path)
    _flush(folder)


def marked(folder: Path, name: str) -> bytes | None:
    """What the mark of the deletion ``name`` holds; None when there is none. Raises OSError."""
    try:
        return (folder / f"{name}{_MARK}").read_bytes()
    except FileNotFoundError:
        return None


def unmark(folder: Path, name: str) -> None:
    """The deletion is done. Raises OSError."""
    remove(folder / f"{name}{_MARK}", folder / f"{name}{_MARK}.new")
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
    ours.append(folder / "holds.json.new")
    remove(*ours, *folder.glob(f"{SNAPSHOT_PREFIX}*"))
    for copy in Path(tempfile.gettempdir()).glob(f"{temporary_prefix(folder)}*"):
        with suppress(PermissionError):  # another user's, who may read this ledger
            remove(copy)


def foreign(folder: Path) -> tuple[str, ...]:
    """What copilot didn't put there, a database that was moved away or an export: its owner's."""
    files = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return tuple(
        str(path)
        for path in sorted(files)
        if not any(path.relative_to(folder).match(ours) for ours in _OURS)
    )


def remove(*paths: Path) -> int:
    """Remove files and folders that may not be there. Raises OSError for one that stays.

    Returns how many were asked for.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            with suppress(FileNotFoundError):
                shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return len(paths)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
