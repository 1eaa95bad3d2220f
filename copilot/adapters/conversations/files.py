"""Conversations as files: one JSON Lines file each, in a private folder.

Invariant: the turns of one ``append`` are one line, so they stand together, whole or not at
all, whoever else appends; a name is a file name and nothing more, so no name reaches outside
the folder.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from copilot.config.paths import ensure
from copilot.errors import ConfigError, StorageError, UsageError
from copilot.messages import Role, Turn

SUFFIX = ".jsonl"
# Room for the suffix in the 255 bytes that file systems grant a name.
_LONGEST_NAME_BYTES = 200
_ROLES = get_args(Role)
_NAME = re.compile(r"[^\W_][\w.-]*")


class FileConversations:
    """A ``ConversationStore`` over ``folder``; nothing is touched before the first ``append``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> list[Turn]:
        """The turns, oldest first; a half-written last line is passed over.

        Raises UsageError for a name that can't be one, StorageError when the file can't be read.
        """
        return [turn for line in self._lines(name) for turn in _decode(line)[0]]

    def people(self, name: str) -> frozenset[str]:
        """Who took part, as far as the lines say so; older ones don't.

        Raises UsageError for a name that can't be one, StorageError when the file can't be read.
        """
        return frozenset(by for line in self._lines(name) if (by := _decode(line)[1]))

    def append(self, name: str, turns: Sequence[Turn], *, by: str = "") -> None:
        """Add the turns; they are on the disk when this returns.

        Raises UsageError for a name that can't be one, StorageError when nothing was written.
        """
        path = self._path(name)
        if not turns:
            return
        try:
            ensure(self._folder)
            with _locked(path) as descriptor:
                _append_whole(descriptor, _encode(turns, by))
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        except OSError as error:
            raise _storage_error("written", path, error) from error

    def keep_only(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """Drop what wasn't appended by a ``wanted`` call; returns how many calls' turns went.

        Lines that can't be read go with them, and a conversation without turns goes whole.
        Raises UsageError, StorageError when it can't be written; then nothing is dropped.
        """
        path = self._path(name)
        if not path.exists():
            return 0
        try:
            with _locked(path) as descriptor:
                _draft(path).unlink(missing_ok=True)
                lines = _content(descriptor).split(b"\n")
                kept = _wanted(lines, wanted)
                dropped = sum(1 for line in lines if line) - len(kept)
                if not kept:
                    path.unlink()
                elif dropped:
                    _replace(path, b"".join(line + b"\n" for line in kept), like=descriptor)
        except OSError as error:
            raise _storage_error("written", path, error) from error
        return dropped

    def would_drop(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """How many calls' turns ``keep_only`` would drop. Raises UsageError, StorageError."""
        lines = self._lines(name)
        return sum(1 for line in lines if line) - len(_wanted(lines, wanted))

    def touched(self, name: str) -> datetime | None:
        """When it was appended to last; None when there is no such conversation."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _storage_error("read", self._path(name), error) from error

    def last(self) -> str | None:
        """The conversation that was appended to last; None when there is none."""
        newest = max(self._files(), default=None)
        return newest[1] if newest is not None else None

    def names(self) -> list[str]:
        """All conversations, by name."""
        return sorted(name for _, name in self._files())

    def _lines(self, name: str) -> list[bytes]:
        path = self._path(name)
        try:
            return path.read_bytes().split(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _storage_error("read", path, error) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{checked_name(name)}{SUFFIX}"

    def _files(self) -> Iterator[tuple[int, str]]:
        """(time of the last change in ns, name) of each conversation."""
        try:
            found = list(self._folder.glob(f"*{SUFFIX}"))
        except OSError as error:
            raise _storage_error("read", self._folder, error) from error
        for path in found:
            name = unicodedata.normalize("NFC", path.name.removesuffix(SUFFIX))
            if not _is_name(name):
                continue
            try:
                yield path.stat().st_mtime_ns, name
            except FileNotFoundError:
                continue


def checked_name(name: str) -> str:
    """The name in its one spelling (NFC). Raises UsageError for what can't be a file name."""
    spelled = unicodedata.normalize("NFC", name)
    if not _is_name(spelled):
        raise UsageError(
            f"{name!r} can't be the name of a conversation",
            hint="use letters, digits, dot, dash and underscore, beginning with a letter or digit",
        )
    return spelled


def _is_name(name: str) -> bool:
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return length <= _LONGEST_NAME_BYTES and _NAME.fullmatch(name) is not None


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, open to append and held alone; waits for another append to end.

    One that was removed or replaced while we waited is let go for what stands there now.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink > 0:
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _content(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as handle:
        handle.seek(0)
        return handle.read()


def _draft(path: Path) -> Path:
    """Where a conversation is written anew: no name of one begins with a dot."""
    return path.with_name(f".{path.name}.new")


def _replace(path: Path, content: bytes, *, like: int) -> None:
    """Put ``content`` in the file's place, with the time of change of the file ``like``."""
    stamp = os.fstat(like).st_mtime_ns
    draft = _draft(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(draft, flags, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.utime(draft, ns=(stamp, stamp))
    draft.replace(path)


def _append_whole(descriptor: int, content: bytes) -> None:
    """Write and flush; what a full disk cut short is taken back."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # A process died in the middle of a line: it stays alone on its line, and is skipped.
        content = b"\n" + content
    written = -1
    try:
        written = os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        if written != len(content):
            os.ftruncate(descriptor, size)
    if written != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    # The kernel's own stamp is too coarse to tell which of two quick turns was last.
    now = time.time_ns()
    os.utime(descriptor, ns=(now, now))


def _encode(turns: Sequence[Turn], by: str) -> bytes:
    line = {
        "at": datetime.now(UTC).isoformat(),
        "by": by,
        "turns": [{"role": turn.role, "text": turn.text} for turn in turns],
    }
    return f"{json.dumps(line, ensure_ascii=False)}\n".encode("utf-8", "replace")


def _wanted(lines: Sequence[bytes], wanted: Callable[[Sequence[Turn], str], bool]) -> list[bytes]:
    """The lines that can be read and hold wanted turns."""
    return [line for line in lines if (found := _decode(line))[0] and wanted(*found)]


def _decode(line: bytes) -> tuple[list[Turn], str]:
    """The turns on a line, none for one that is torn or isn't ours, and who took part in them."""
    try:
        found = json.loads(line)
        turns = [(turn["role"], turn["text"]) for turn in found["turns"]]
        by = found.get("by", "")
    except (ValueError, TypeError, KeyError, RecursionError):
        return [], ""
    known = [Turn(role, text) for role, text in turns if role in _ROLES and isinstance(text, str)]
    return known, by if isinstance(by, str) else ""


def _storage_error(what: str, path: Path, error: OSError) -> StorageError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StorageError(
        f"{path} can't be {what}: {'the disk is full' if full else error.strerror or error}",
        hint="make room, then ask again" if full else "",
    )
