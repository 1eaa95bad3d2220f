"""Writes a small file of the user's whole or not at all.

Invariant: a new file is private to its owner; one that was there keeps whoever may read it, and a
link to a file stays a link.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from copilot.config.paths import ensure
from copilot.errors import ConfigError

_WAIT_S = 5


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """One process at a time changes it. Raises ConfigError."""
    from filelock import FileLock, Timeout

    ensure(file.parent)
    lock = FileLock(file.with_name(f".{file.name}.lock"), timeout=_WAIT_S, mode=0o600)
    try:
        with lock:
            yield
    except Timeout as error:
        raise ConfigError(f"{file} is being changed by another copilot.") from error
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror or error}.") from error


def write_whole(file: Path, text: str) -> None:
    """Put ``text`` in the place of what stands there. Raises ConfigError."""
    target = file.resolve()
    ensure(target.parent)
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
                with suppress(FileNotFoundError):
                    Path(name).chmod(stat.S_IMODE(target.stat().st_mode))
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {error.strerror or error}.") from error


def text_of(file: Path) -> str:
    """What stands in it, with its line ends; empty if there is no such file. Raises ConfigError."""
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            return handle.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} can't be read: {error}.") from error
