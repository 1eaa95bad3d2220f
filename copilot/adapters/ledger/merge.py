"""From the spool into the database: every acknowledged record once, nothing else lost.

Invariant: a spool file is removed only after its records are committed, and only while its
lock is held, so never under a writer, whose lock is its own; readers share theirs, so that none
hides a file from another. A line that isn't ours is set aside, never deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import (
    BadRowsError,
    rehearsal,
    rows_checked,
    sql,
    transaction,
    translated,
)
from copilot.adapters.ledger.lines import Line, UnknownLineError, decode_line
from copilot.adapters.ledger.locks import try_lock
from copilot.adapters.ledger.spool import SPOOL_FOLDER, SUFFIX
from copilot.errors import StorageError
from copilot.events import Warned

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ASIDE_FOLDER = "aside"
# Bounds of one batch: its memory, and the files that are open at once.
_BATCH_LINES = 20_000
_BATCH_FILES = 100


@dataclass
class Merged:
    """What a merge did. ``torn`` counts half-written last lines, which nobody acknowledged.

    ``seen`` names the files that it came upon, merged or not.
    """

    records: int = 0
    files: int = 0
    torn: int = 0
    seen: set[str] = field(default_factory=set)
    unread: list[Path] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    newer: list[Path] = field(default_factory=list)
    stuck: list[Path] = field(default_factory=list)

    def notices(self) -> tuple[Warned, ...]:
        """What a person should know of it."""
        found: list[Warned] = []
        if self.aside:
            places = ", ".join(str(path) for path in self.aside[:3])
            found.append(
                Warned(
                    f"{len(self.aside)} spool file(s) with lines that are no records were set "
                    f"aside: {places}",
                    hint="their whole records were merged; look at the rest, then delete them",
                )
            )
        if self.torn:
            found.append(
                Warned(
                    f"{self.torn} run(s) broke off amid a record, which was never acknowledged; "
                    "all that stands before it was merged"
                )
            )
        if self.unread:
            found.append(
                Warned(
                    f"{len(self.unread)} spool file(s) can't be read, and wait: {self.unread[0]}",
                    hint="was copilot run as another user? Make yourself their owner",
                )
            )
        if self.stuck:
            found.append(
                Warned(
                    f"{len(self.stuck)} merged spool file(s) can't be removed from "
                    f"{self.stuck[0].parent}",
                    hint="they are merged again each time, without harm; make it writable",
                )
            )
        if self.newer:
            found.append(
                Warned(
                    f"{len(self.newer)} run(s) were recorded by a newer copilot and wait in "
                    "the spool",
                    hint="upgrade this copilot, and they are merged",
                )
            )
        return tuple(found)


@dataclass
class _Spooled:
    """A spool file that nobody writes any more, open and locked."""

    path: Path
    descriptor: int
    lines: list[Line] = field(default_factory=list)
    foreign: int = 0


def merge(connection: DuckDBPyConnection, folder: Path, *, keep: bool = False) -> Merged:
    """Merge the ledger's closed spool files; ``keep`` leaves them where they are.

    The caller holds the merge lock (not needed with ``keep``). Raises StorageError.
    """
    merged = Merged()
    _adopt(connection)
    with ExitStack() as open_files:
        batch: list[_Spooled] = []
        for spooled in _closed_files(folder, open_files, merged):
            batch.append(spooled)
            lines = sum(len(one.lines) for one in batch)
            if lines >= _BATCH_LINES or len(batch) >= _BATCH_FILES:
                _merge_batch(connection, batch, merged, keep=keep)
                open_files.close()
                batch = []
        _merge_batch(connection, batch, merged, keep=keep)
    _count(connection)
    return merged


def waiting(folder: Path) -> list[Path]:
    """The files of the ledger's spool, closed or not, by name. Raises StorageError."""
    spool = folder / SPOOL_FOLDER
    try:
        paths = sorted(spool.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"{spool} can't be read: {error.strerror}") from error
    return [p for p in paths if p.suffix == SUFFIX and not p.is_symlink() and p.is_file()]


def _closed_files(folder: Path, open_files: ExitStack, merged: Merged) -> Iterator[_Spooled]:
    for path in waiting(folder):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        except PermissionError:
            merged.seen.add(path.name)
            merged.unread.append(path)
            continue
        except OSError as error:
            raise StorageError(f"{path} can't be read: {error.strerror}") from error
        merged.seen.add(path.name)
        if not try_lock(descriptor, shared=True):
            os.close(descriptor)
            continue
        open_files.callback(os.close, descriptor)
        spooled = _parse(path, descriptor, merged)
        if spooled is not None:
            yield spooled


def _parse(path: Path, descriptor: int, merged: Merged) -> _Spooled | None:
    """The lines of one file; None when it has to wait for a newer copilot."""
    spooled = _Spooled(path, descriptor)
    with os.fdopen(os.dup(descriptor), "rb") as handle:
        content = handle.read()
    *whole, tail = content.split(b"\n")
    try:
        for raw in whole:
            if not raw:
                continue
            try:
                spooled.lines.append(decode_line(raw))
            except UnknownLineError as error:
                if error.newer:
                    raise
                spooled.foreign += 1
    except UnknownLineError:
        merged.newer.append(path)
        return None
    if tail and spooled.lines:
        merged.torn += 1
    elif tail:
        # Nothing says that it was a run of ours that broke off.
        spooled.foreign += 1
    return spooled


def _merge_batch(
    connection: DuckDBPyConnection, batch: list[_Spooled], merged: Merged, *, keep: bool
) -> None:
    lines = [line for spooled in batch for line in spooled.lines]
    try:
        _insert(connection, lines)
    except BadRowsError:
        misfits = {id(line) for line in _misfits(connection, lines)}
        for spooled in batch:
            fitting = [line for line in spooled.lines if id(line) not in misfits]
            spooled.foreign += len(spooled.lines) - len(fitting)
            spooled.lines = fitting
        _insert(connection, [line for spooled in batch for line in spooled.lines])
    merged.records += sum(len(spooled.lines) for spooled in batch)
    merged.files += len(batch)
    for spooled in batch:
        if not keep:
            _dispose(spooled, merged)


def _misfits(connection: DuckDBPyConnection, lines: list[Line]) -> list[Line]:
    """Find the lines whose values don't fit, by halves; what the others say isn't kept yet.

    They go in together: a run's lines one by one would add up to another run.
    """
    try:
        with translated("merge its spool"), rows_checked(), rehearsal(connection):
            _fill(connection, lines)
    except BadRowsError:
        if len(lines) == 1:
            return lines
        half = len(lines) // 2
        return [*_misfits(connection, lines[:half]), *_misfits(connection, lines[half:])]
    return []


def _insert(connection: DuckDBPyConnection, lines: list[Line]) -> None:
    if not lines:
        return
    with translated("merge its spool"), rows_checked(), transaction(connection):
        _fill(connection, lines)


def _fill(connection: DuckDBPyConnection, lines: list[Line]) -> None:
    connection.execute(sql("stage"), {"lines": [line.text for line in lines]})
    connection.execute(sql("merge"))
    connection.execute(sql("records"))


def _count(connection: DuckDBPyConnection) -> None:
    """Count what the runs with new records, or of an older schema, add to the figures."""
    with translated("count its runs"):
        [(due,)] = connection.execute(sql("uncounted")).fetchall()
        if due:
            with transaction(connection):
                connection.execute(sql("count"))


def _adopt(connection: DuckDBPyConnection) -> None:
    """Records that waited for a copilot that knows their kind go where they belong."""
    with translated("merge its records"), transaction(connection):
        [(found,)] = connection.execute(sql("adopt")).fetchall()
        if found:
            connection.execute(sql("records"))
            connection.execute(sql("adopted"))


def _dispose(spooled: _Spooled, merged: Merged) -> None:
    """Remove a merged file, or move it aside when something in it is left over.

    One that can't be moved is merged again next time, which changes nothing.
    """
    try:
        if not spooled.foreign:
            spooled.path.unlink(missing_ok=True)
            return
        aside = spooled.path.parent / ASIDE_FOLDER
        aside.mkdir(mode=0o700, exist_ok=True)
        merged.aside.append(spooled.path.rename(_free(aside / spooled.path.name)))
    except OSError:
        merged.stuck.append(spooled.path)


def _free(path: Path) -> Path:
    """The place, or one beside it where it is taken."""
    taken, number = path, 1
    while path.exists():
        number += 1
        path = taken.with_name(f"{taken.stem}-{number}{taken.suffix}")
    return path
