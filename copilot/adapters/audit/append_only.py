"""A file that is only ever added to, by one process at a time.

Invariant: when ``extend`` returns, what it added is on the disk; a write that a full disk cut
short is taken back, and one that a kill cut short is shown to whoever writes next. The lock is
the file's own, so an anchor may lie where no second file can be made.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.ledger.locks import try_lock
from copilot.config.paths import ensure
from copilot.errors import ConfigError, StorageError

_LOCK_WAIT_S = 75.0  # whoever holds it may wait for a person to open the keyring: 60 s
_POLL_S = 0.005
_CHUNK = 64 * 1024


class AppendOnlyFile:
    """The lines of the file ``path``; it and its folder appear with the first ``extend``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except OSError as error:
            raise self._failure("can't be read", error) from error

    def extend(self, make: Callable[[bytes, bytes], bytes]) -> None:
        try:
            with self._locked() as descriptor:
                _append(descriptor, make(*_tail(descriptor)))
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        except OSError as error:
            raise self._failure("can't be written", error) from error

    @contextmanager
    def _locked(self) -> Iterator[int]:
        deadline = time.monotonic() + _LOCK_WAIT_S
        while True:
            descriptor = self._open()
            try:
                if try_lock(descriptor) and self._is(descriptor):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)
            if time.monotonic() > deadline:
                raise StorageError(
                    f"{self._path} is in use by another program.", hint="try again in a moment"
                )
            time.sleep(_POLL_S)

    def _is(self, descriptor: int) -> bool:
        """Whether this is still the file: it may have been moved away before it was locked."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            # Only now: a file that an administrator put into a folder of his own will do.
            folder = ensure(self._path.parent)
            descriptor = os.open(self._path, flags | os.O_CREAT, 0o600)
            _sync_folder(folder)
            return descriptor

    def _failure(self, what: str, error: OSError) -> StorageError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageError(
                f"{self._path} {what}: the disk is full.", hint=f"make room for {self._path.parent}"
            )
        return StorageError(f"{self._path} {what}: {error.strerror or error}.")


def _tail(descriptor: int) -> tuple[bytes, bytes]:
    """The last whole line, without its end, and what stands after it."""
    begin = os.fstat(descriptor).st_size
    content = b""
    while begin > 0 and content.count(b"\n") < 2:
        size = min(_CHUNK, begin)
        begin -= size
        content = os.pread(descriptor, size, begin) + content
    whole, _, torn = content.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], torn


def _append(descriptor: int, content: bytes) -> None:
    before = os.fstat(descriptor).st_size
    whole = False
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
        whole = True
    finally:
        if not whole:  # also what was written and never reached the disk: nobody was told of it
            _cut(descriptor, before)


def _cut(descriptor: int, size: int) -> None:
    """Take a broken write back; where that can't be done, it stays as a torn line."""
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
