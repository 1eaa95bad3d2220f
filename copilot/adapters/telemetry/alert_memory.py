"""What each channel was last told of each alert, in one small file.

Invariant: one process at a time changes it, and it is replaced as a whole; a file that can't be
understood counts as empty, which costs a second notice and never a missing one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from copilot.errors import StorageError
from copilot.outlets import Told

_FORMAT = 1


class AlertFile:
    """The ``AlertMemory`` at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Waits for another check to end. Raises StorageError."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._path.with_name(f"{self._path.name}.lock")
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failed("opened", error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def load(self) -> Mapping[tuple[str, str], Told]:
        """By rule and channel. Raises StorageError."""
        try:
            data = json.loads(self._path.read_bytes())
            if data["format"] != _FORMAT:
                return {}
            return {
                (one["rule"], one["channel"]): Told(
                    since=datetime.fromisoformat(one["since"]), at=datetime.fromisoformat(one["at"])
                )
                for one in data["told"]
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._failed("read", error) from error
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}

    def save(self, told: Mapping[tuple[str, str], Told]) -> None:
        """On the disk when it returns. Raises StorageError."""
        entries = [
            {
                "rule": rule,
                "channel": channel,
                "since": one.since.isoformat(),
                "at": one.at.isoformat(),
            }
            for (rule, channel), one in sorted(told.items())
        ]
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                json.dump({"format": _FORMAT, "told": entries}, handle, indent=1)
                handle.flush()
                os.fsync(handle.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise self._failed("written", error) from error

    def _failed(self, what: str, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path} can't be {what}: {error.strerror or error}",
            hint="without it, the same alert is told at every check",
        )
