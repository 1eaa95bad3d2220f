"""What of a person stands in the spool's files after a merge.

Invariant: a file that is still being written is never touched; it is counted, since what it holds
can only be deleted once it is merged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from copilot.adapters.ledger.locks import try_lock
from copilot.adapters.ledger.merge import ASIDE_FOLDER
from copilot.adapters.ledger.rewriting import remove
from copilot.adapters.ledger.spool import SPOOL_FOLDER, SUFFIX


def being_written(folder: Path, principal: str, said: Collection[str]) -> int:
    """How many files that another process is still writing hold something of this person.

    ``said`` are digests of their words, which somebody else's run may repeat. Raises OSError.
    """
    return sum(
        not free and any(_says(line, principal) or _repeats(line, said) for line in _lines(path))
        for path, free in _files(folder / SPOOL_FOLDER)
    )


def remove_unread(folder: Path, principal: str) -> None:
    """Delete what waits for a newer copilot and names this person. Raises OSError."""
    for path, free in _files(folder / SPOOL_FOLDER):
        if free and any(_says(line, principal) for line in _lines(path)):
            remove(path)


def remove_set_aside(folder: Path) -> None:
    """Delete what was set aside as no record: whose it is, nobody can tell. Raises OSError."""
    remove(folder / SPOOL_FOLDER / ASIDE_FOLDER)


def _files(spool: Path) -> Iterator[tuple[Path, bool]]:
    """Each spool file, and whether nobody writes it any more; its lock is ours meanwhile."""
    for path in sorted(spool.glob(f"*{SUFFIX}")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        try:
            yield path, try_lock(descriptor)
        finally:
            os.close(descriptor)


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []


def _repeats(line: bytes, said: Collection[str]) -> bool:
    """Whether a line holds a text of the person's, whoever it is by."""
    try:
        return any(digest in said for digest in json.loads(line)["bodies"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _says(line: bytes, principal: str) -> bool:
    """Whether a line says that it is this person's."""
    try:
        record = json.loads(line)
        return bool(record["data"]["principal"] == principal)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
