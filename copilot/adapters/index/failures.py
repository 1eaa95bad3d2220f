"""Turns what LanceDB, Arrow and the file system raise into one KnowledgeIndexError.

LanceDB raises plain ValueError, RuntimeError and OSError; only the text tells them apart.
Invariant: no vendor exception leaves this adapter, and each message names the folder.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.errors import KnowledgeIndexError

REBUILD = "copilot index rebuild"
# The raw text of the causes, as lance 13 and the operating system write them.
_FULL = ("no space left", "os error 28", "disk quota", "os error 122", "os error 27)")
_FORBIDDEN = ("permission denied", "os error 13)", "operation not permitted", "os error 1)")
_READ_ONLY = ("read-only file system", "os error 30")
_CONFLICT = ("commit conflict", "concurrent transaction", "too many concurrent")
_FULL_CODES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN_CODES = {errno.EACCES, errno.EPERM}


class ConflictError(KnowledgeIndexError):
    """Another writer came first; the same write works when it is tried again."""

    retryable = True


@contextmanager
def translated(doing: str, folder: Path) -> Iterator[None]:
    """Run a block of LanceDB calls; ``doing`` completes "The index in … can't be …"."""
    try:
        yield
    except KnowledgeIndexError:
        raise
    except (ValueError, RuntimeError, OSError, KeyError, TypeError) as error:
        raise translate(error, doing, folder) from error
    except BaseException as error:
        # pyo3's PanicException derives from BaseException: damaged files make Rust panic.
        if type(error).__name__ == "PanicException":
            raise translate(error, doing, folder) from error
        raise


def translate(error: BaseException, doing: str, folder: Path) -> KnowledgeIndexError:
    """The error to raise instead of ``error``."""
    text = str(error).lower()
    code = error.errno if isinstance(error, OSError) else None
    if code in _FULL_CODES or any(mark in text for mark in _FULL):
        return KnowledgeIndexError(
            f"The index in {folder} can't be {doing}: the disk is full.",
            hint="Free some space and run the command again; what was committed is kept.",
        )
    if code == errno.EROFS or any(mark in text for mark in _READ_ONLY):
        return KnowledgeIndexError(
            f"The index in {folder} can't be {doing}: its file system is read-only.",
            hint="Point COPILOT_HOME at a folder that you can write.",
        )
    if code in _FORBIDDEN_CODES or any(mark in text for mark in _FORBIDDEN):
        return KnowledgeIndexError(
            f"The index in {folder} can't be {doing}: permission denied.",
            hint=f"Give yourself access (chmod -R u+rwX {folder}), or set COPILOT_HOME.",
        )
    if any(mark in text for mark in _CONFLICT):
        return ConflictError(
            f"The index in {folder} can't be {doing}: another process changed it just now.",
            hint="Run the command again.",
        )
    return KnowledgeIndexError(
        f"The index in {folder} can't be {doing}: {_first_line(error)}",
        hint=f"If it stays so, the index is damaged: {REBUILD}",
    )


def _first_line(error: BaseException) -> str:
    """What the vendor said, without the places in its source code."""
    text = str(error).strip().partition("\n")[0].partition(", /")[0]
    return text[:200] or type(error).__name__
