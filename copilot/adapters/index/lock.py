"""File locks over processes: one for a write, one for a whole sync.

Invariant: the operating system frees the lock of a process that dies, so none is ever stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.index.failures import translated
from copilot.errors import KnowledgeIndexError

if TYPE_CHECKING:
    from filelock import BaseFileLock


class FileLock:
    """ports.Lock on a file. Not for two holders in one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _lock(self) -> BaseFileLock:
        from filelock import FileLock as Lock

        # A thread may start what another ends: a generator is closed where the loop pleases.
        return Lock(self._path, mode=0o600, thread_local=False)

    def acquire(self, timeout_s: float) -> bool:
        from filelock import Timeout

        with translated("locked", self._path.parent):
            try:
                self._lock.acquire(timeout=timeout_s, poll_interval=0.02)
            except Timeout:
                return False
        return True

    def release(self) -> None:
        self._lock.release()


@contextmanager
def held(lock: FileLock, timeout_s: float) -> Iterator[None]:
    """Hold the lock for the block. KnowledgeIndexError when it isn't free in time."""
    if not lock.acquire(timeout_s):
        raise KnowledgeIndexError(
            f"The index is being written by another process for more than {timeout_s:.0f} s.",
            hint="Wait for it, or end it; then run the command again.",
        )
    try:
        yield
    finally:
        lock.release()
