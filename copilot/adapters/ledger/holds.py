"""Legal holds in a file beside the database, so that they stand while that is held or damaged.

Invariant: the file is replaced as a whole, and on the disk when a call returns; a file that can't
be understood is an error, since without it nothing may be deleted. The caller holds the lock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from copilot.errors import StorageError
from copilot.keeping import Hold

_FILE = "holds.json"
_FORMAT = 1


def read_holds(folder: Path) -> tuple[Hold, ...]:
    """By name. Raises StorageError."""
    path = folder / _FILE
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise StorageError(f"{path} can't be read: {error.strerror or error}") from error
    try:
        found = json.loads(content)
        if found["format"] != _FORMAT:
            raise ValueError("another format")
        holds = [
            Hold(str(one["principal"]), datetime.fromisoformat(one["since"]), str(one["reason"]))
            for one in found["holds"]
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise StorageError(
            f"{path} is no list of holds, so nothing may be deleted",
            hint="restore it from a backup; deleting it ends every legal hold",
        ) from error
    return tuple(sorted(holds, key=lambda hold: hold.principal))


def write_holds(folder: Path, holds: Sequence[Hold]) -> None:
    """Raises OSError."""
    lines = [
        {"principal": hold.principal, "since": hold.since.isoformat(), "reason": hold.reason}
        for hold in holds
    ]
    path = folder / _FILE
    draft = path.with_name(f"{_FILE}.new")
    descriptor = os.open(
        draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump({"format": _FORMAT, "holds": lines}, handle, ensure_ascii=False, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)
