"""The spool: each run, or group of runs, appends its records to a file of its own.

Invariant: when ``append`` returns, its line is in the file, whole, and a kill can't take it;
the line that ends a run, or holds what a person said or decided, is on the disk; that of a group's
run is with the group's ``commit``. A spool file is locked for as long as it is written, so a file
whose lock is free is complete and may be merged. Nobody waits for another.
"""

from __future__ import annotations

import errno
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.ledger.lines import encode_line
from copilot.adapters.ledger.locks import try_lock
from copilot.config.paths import ensure
from copilot.errors import ConfigError, StorageError
from copilot.events import Event, RunFinished, RunStopped
from copilot.records import FLUSHED, Record

SPOOL_FOLDER = "spool"
SUFFIX = ".jsonl"
_ENDS = (RunFinished, RunStopped)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _SpoolFile:
    """An open spool file of ``size`` bytes, which nobody else writes.

    ``torn``: its last write failed half-way and couldn't be undone. ``at``: the time of its last
    line, which a clock that is set back doesn't take back.
    """

    name: str
    path: Path
    descriptor: int
    at: datetime
    lines: int = 0
    size: int = 0
    torn: bool = False


class SpoolRunWriter:
    """A ``RunWriter`` that appends to ``<folder>/spool``. Usable from several threads."""

    _together = False

    def __init__(self, folder: Path, *, bodies: bool, now: Callable[[], datetime] = _now) -> None:
        """``folder`` is the ledger's; nothing is touched before the first ``append``."""
        self._spool = folder / SPOOL_FOLDER
        self._bodies = bodies
        self._now = now
        self._files: dict[str, _SpoolFile] = {}
        self._lock = threading.Lock()

    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        """Write one record. Raises StorageError; the next call tries again."""
        with self._lock:
            try:
                self._append(run_id, event)
            except OSError as error:
                raise storage_error("this run can't be recorded", error, self._spool) from error
            except ConfigError as error:
                raise StorageError(
                    f"this run can't be recorded: {error.message}", hint=error.hint
                ) from error

    def close(self) -> None:
        """Let go of every file; runs that haven't ended count as interrupted."""
        with self._lock:
            for file in self._files.values():
                os.close(file.descriptor)
            self._files.clear()

    def _append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        key = "" if self._together else run_id
        file = self._files.get(key)
        record_id = f"{file.name}:{file.lines}" if file else f"{_new_name()}:0"
        at = max(self._now(), file.at) if file else self._now()
        line = encode_line(event, record_id=record_id, run_id=run_id, at=at, bodies=self._bodies)
        if line is None:
            return
        if file is None:
            file = self._files[key] = self._open(record_id.rpartition(":")[0], at)
        _write_whole(file, line)
        file.lines, file.at = file.lines + 1, at
        ended = isinstance(event, _ENDS) and not self._together
        if ended or isinstance(event, FLUSHED):
            os.fsync(file.descriptor)
        if ended:
            os.close(self._files.pop(key).descriptor)

    def _open(self, name: str, at: datetime) -> _SpoolFile:
        """A new file, locked before anything is in it.

        A merge may lock it first and remove it as empty: then the name is given up.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        for attempt in range(100):
            path = self._spool / f"{name if attempt == 0 else _new_name()}{SUFFIX}"
            try:
                descriptor = os.open(path, flags, 0o600)
            except (FileNotFoundError, NotADirectoryError):
                ensure(self._spool)
                descriptor = os.open(path, flags, 0o600)
            if try_lock(descriptor) and os.fstat(descriptor).st_nlink > 0:
                return _SpoolFile(name=name, path=path, descriptor=descriptor, at=at)
            os.close(descriptor)
        raise OSError(errno.EBUSY, "no spool file could be locked")


class GroupRunWriter(SpoolRunWriter):
    """A ``RunGroup``: its runs share a file, which one ``fsync`` puts on the disk."""

    _together = True

    def close(self) -> None:
        """A run is over; the file is its neighbours', too, and stays open for them."""

    def commit(self) -> None:
        """Put all that was appended on the disk and let go of it. Raises StorageError."""
        with self._lock:
            files = list(self._files.values())
            self._files.clear()
            try:
                for file in files:
                    os.fsync(file.descriptor)
            except OSError as error:
                raise storage_error("runs can't be recorded", error, self._spool) from error
            finally:
                for file in files:
                    os.close(file.descriptor)


class NullRunWriter:
    """Records nothing: the ledger is switched off."""

    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        return None

    def close(self) -> None:
        return None

    def commit(self) -> None:
        return None


def storage_error(what: str, error: OSError, place: Path) -> StorageError:
    """Say why, and what helps, in the words of the file system's answer."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StorageError(f"{what}: the disk is full", hint=f"make room for {place}")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StorageError(
                f"{what}: {place} can't be written",
                hint="set COPILOT_HOME to a folder you can write, or ledger.enabled = false",
            )
        case _:
            return StorageError(f"{what}: {error.strerror or error} ({place})")


def _new_name() -> str:
    return f"{os.getpid()}-{uuid.uuid4().hex}"


def _write_whole(file: _SpoolFile, line: bytes) -> None:
    """One ``write`` for the line; what a full disk cut short is taken back."""
    content = b"\n" + line if file.torn else line
    written = 0
    try:
        written = os.write(file.descriptor, content)
    finally:
        if written != len(content) and not _cut(file.descriptor, file.size):
            file.torn, file.size = True, file.size + written
    if written != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    file.torn, file.size = False, file.size + written


def _cut(descriptor: int, size: int) -> bool:
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return False
    return True
