"""Locks that the kernel drops when their holder dies, however it dies.

Invariant: a lock belongs to an open file, so neither a reused process id nor a kill -9 can
leave one behind; POSIX only, as the rest of the private home.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.01


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file, or say at once that another has it.

    A ``shared`` one keeps out those who want it for themselves, and they keep it out.
    """
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def lock_within(path: Path, *, seconds: float) -> Iterator[bool]:
    """Hold the lock file at ``path``; yields False when it wasn't free in time.

    Raises OSError when the lock file can't be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        held = try_lock(descriptor)
        while not held and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            held = try_lock(descriptor)
        yield held
    finally:
        os.close(descriptor)
