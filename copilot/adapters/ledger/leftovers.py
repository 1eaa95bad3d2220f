"""What of a person stands in the spool's files after a merge.

Invariant: a file that may still be merged is never touched; it is counted, since what it holds
can only be deleted once it is merged.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from copilot.adapters.ledger.merge import ASIDE_FOLDER
from copilot.adapters.ledger.rewriting import remove
from copilot.adapters.ledger.spool import SPOOL_FOLDER, SUFFIX


def still_spooled(folder: Path, principal: str, said: Collection[str]) -> int:
    """How many files that are being written, or were just now, hold something of this person.

    ``said`` are digests of their words, which somebody else's run may repeat. Raises OSError.
    """
    files = (folder / SPOOL_FOLDER).glob(f"*{SUFFIX}")
    return sum(
        any(_says(line, principal) or _repeats(line, said) for line in _lines(path))
        for path in files
        if path.is_file() and not path.is_symlink()
    )


def remove_unread(newer: Iterable[Path], principal: str) -> None:
    """Delete those of the files for a newer copilot that name this person. Raises OSError."""
    for path in newer:
        if any(_says(line, principal) for line in _lines(path)):
            remove(path)


def set_aside(folder: Path, *, before: datetime | None = None) -> list[Path]:
    """What was set aside as no record, before a time or ever: whose it is, nobody can tell."""
    return [
        path
        for path in (folder / SPOOL_FOLDER / ASIDE_FOLDER).glob("*")
        if before is None or path.lstat().st_mtime < before.timestamp()
    ]


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
