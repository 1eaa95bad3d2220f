"""Conversations as files: one JSON Lines file each, in a private folder.

Invariant: the turns of one ``append`` are one line, so they stand together, whole or not at
all, whoever else appends; what a person calls it stands in the same file, before the turns; a
name is a file name and nothing more, so no name reaches outside the folder.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.conversations.lines import (
    Heading,
    heading_line,
    read_heading,
    read_summary,
    read_turns,
    summary_line,
    turns_line,
)
from copilot.config.paths import ensure
from copilot.errors import ConfigError, StorageError, UsageError
from copilot.messages import Turn
from copilot.talks import Conversation, KeptTurns, Summary

SUFFIX = ".jsonl"
# Room for the suffix in the 255 bytes that file systems grant a name.
_LONGEST_NAME_BYTES = 200
_LONGEST_TITLE = 200  # characters of how it began; what a person calls it is theirs to cut
_NAME = re.compile(r"[^\W_][\w.-]*")


@dataclass(frozen=True, slots=True)
class _Begun:
    """How a conversation begins, read from a file that bore this ``stamp``."""

    heading: Heading
    title: str = ""
    turns: bool = False
    stamp: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a file, and how many calls' turns and titles went."""

    content: bytes
    turns: int
    dropped: int


class FileConversations:
    """A ``ConversationStore`` over ``folder``; nothing is touched before the first ``append``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begun: dict[str, _Begun] = {}

    def load(self, name: str) -> list[Turn]:
        """The turns, oldest first; a half-written last line is passed over.

        Raises UsageError for a name that can't be one, StorageError when the file can't be read.
        """
        return [turn for kept in self.kept(name) for turn in kept.turns]

    def kept(self, name: str) -> list[KeptTurns]:
        """The turns as they were kept. Raises what ``load`` raises."""
        return [kept for line in self._lines(name) if (kept := read_turns(line)) is not None]

    def people(self, name: str) -> frozenset[str]:
        """Who took part or named it, as far as the lines say so; older ones don't.

        Raises UsageError for a name that can't be one, StorageError when the file can't be read.
        """
        said = (read_turns(line) or read_heading(line) for line in self._lines(name))
        return frozenset(one.by for one in said if one is not None and one.by)

    def append(
        self,
        name: str,
        turns: Sequence[Turn],
        *,
        by: str = "",
        run_id: str = "",
        instead_of: str = "",
    ) -> None:
        """Add the turns; they are on the disk when this returns.

        Raises UsageError for a name that can't be one, StorageError when nothing was written.
        """
        path = self._path(name)
        if not turns:
            return
        try:
            ensure(self._folder)
            with _locked(path) as descriptor:
                line = turns_line(turns, by=by, run_id=run_id, instead_of=instead_of)
                _append_whole(descriptor, line)
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        except OSError as error:
            raise _storage_error("written", path, error) from error

    def keep_only(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """Drop what wasn't appended by a ``wanted`` call; returns how many calls' turns went.

        Lines that can't be read go with them, and a conversation without turns goes whole. A title
        is asked about like a question. Raises UsageError, StorageError when it can't be written;
        then nothing is dropped.
        """
        path = self._path(name)
        if not path.exists():
            return 0
        try:
            with _locked(path) as descriptor:
                _draft(path).unlink(missing_ok=True)
                left = _left(_content(descriptor).split(b"\n"), wanted)
                if not left.turns:
                    path.unlink()
                elif left.dropped:
                    _replace(path, left.content, like=descriptor)
        except OSError as error:
            raise _storage_error("written", path, error) from error
        return left.dropped

    def would_drop(self, name: str, wanted: Callable[[Sequence[Turn], str], bool]) -> int:
        """How many calls' turns ``keep_only`` would drop. Raises UsageError, StorageError."""
        return _left(self._lines(name), wanted).dropped

    def rename(self, name: str, title: str, *, by: str = "") -> bool:
        """Call it ``title``. Raises UsageError, StorageError; then it is called as before."""
        by = by if title else ""
        return self._head(name, lambda heading: replace(heading, title=title, by=by))

    def pin(self, name: str, *, pinned: bool) -> bool:
        """Mark it, or unmark it. Raises UsageError, StorageError; then it is as it was."""
        return self._head(name, lambda heading: replace(heading, pinned=pinned))

    def _head(self, name: str, change: Callable[[Heading], Heading]) -> bool:
        """Write the file anew with another heading; its time of change stays."""
        path = self._path(name)
        if not path.exists():
            return False
        try:
            with _locked(path) as descriptor:
                _draft(path).unlink(missing_ok=True)
                first, _, rest = (content := _content(descriptor)).partition(b"\n")
                heading = read_heading(first)
                if heading is None:
                    heading, rest = Heading(), content
                there = any(read_turns(line) is not None for line in rest.split(b"\n"))
                if there and (changed := change(heading)) != heading:
                    _replace(path, heading_line(changed) + rest, like=descriptor)
                elif not content:
                    path.unlink()
        except OSError as error:
            raise _storage_error("written", path, error) from error
        return there

    def summary(self, name: str) -> Summary | None:
        """The last one on a line of its own. Raises what ``load`` raises."""
        return next(filter(None, map(read_summary, reversed(self._lines(name)))), None)

    def summarise(self, name: str, summary: Summary, made_of: Sequence[KeptTurns]) -> bool:
        """Put a summary behind the turns. Raises UsageError, StorageError."""
        path = self._path(name)
        if not path.exists():
            return False
        try:
            with _locked(path) as descriptor:
                _draft(path).unlink(missing_ok=True)
                lines = (content := _content(descriptor)).split(b"\n")
                there = [read_turns(line) for line in lines]
                if stands := bool(content) and all(one in there for one in made_of):
                    rest = (line for line in lines if line and read_summary(line) is None)
                    new = b"".join(line + b"\n" for line in rest) + summary_line(summary)
                    _replace(path, new, like=descriptor)
                elif not content:
                    path.unlink()
        except OSError as error:
            raise _storage_error("written", path, error) from error
        return stands

    def listed(self) -> list[Conversation]:
        """The latest first. What it read of a file is known until the file changes.

        Raises StorageError.
        """
        found = sorted(self._files(), key=lambda one: (-one[1].st_mtime_ns, one[0]))
        known, self._begun = self._begun, {}
        listed = []
        for name, about in found:
            stamp = (about.st_ino, about.st_mtime_ns, about.st_size)
            before = known.get(name)
            begun = before if before is not None and before.stamp == stamp else self._begin(name)
            self._begun[name] = replace(begun, stamp=stamp)
            if begun.turns:
                heading, at = begun.heading, datetime.fromtimestamp(about.st_mtime, UTC)
                title = heading.title or begun.title
                named = bool(heading.title)
                listed.append(Conversation(name, title, at, pinned=heading.pinned, named=named))
        return listed

    def _begin(self, name: str) -> _Begun:
        """As much of it as tells its title; one that can't be read has none."""
        heading = Heading()
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with os.fdopen(os.open(self._path(name), flags), "rb") as handle:
                for line in handle:
                    kept = read_turns(line)
                    if kept is not None:
                        title = " ".join(kept.turns[0].text[:_LONGEST_TITLE].split())
                        return _Begun(heading, title, turns=True)
                    heading = read_heading(line) or heading
        except FileNotFoundError:
            return _Begun(heading)
        except OSError:
            return _Begun(heading, turns=True)
        return _Begun(heading)

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
        newest = max(((about.st_mtime_ns, name) for name, about in self._files()), default=None)
        return newest[1] if newest is not None else None

    def names(self) -> list[str]:
        """All conversations, by name."""
        return sorted(name for name, _ in self._files())

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

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Each conversation with what the file system says of its file."""
        try:
            with os.scandir(self._folder) as entries:
                found = [entry for entry in entries if entry.name.endswith(SUFFIX)]
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _storage_error("read", self._folder, error) from error
        for entry in found:
            name = unicodedata.normalize("NFC", entry.name.removesuffix(SUFFIX))
            if not _is_name(name):
                continue
            try:
                yield name, entry.stat()
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


def _left(lines: Sequence[bytes], wanted: Callable[[Sequence[Turn], str], bool]) -> _Left:
    """The lines that can be read and hold wanted turns, below a title that is wanted too.

    A summary stays where all turns do: it may tell of any of them.
    """
    heading = read_heading(lines[0]) if lines else None
    rest = [line for line in (lines[1:] if heading is not None else lines) if line]
    said = [line for line in rest if read_summary(line) is None]
    kept = [line for line in said if _stays(read_turns(line), wanted)]
    turns, dropped = len(kept), len(said) - len(kept)
    kept = kept if dropped else rest
    heading = heading or Heading()
    if heading.title and not (turns and _stays(heading.as_turns, wanted)):
        heading = replace(heading, title="", by="")
        dropped += 1
    content = heading_line(heading) + b"".join(line + b"\n" for line in kept)
    return _Left(content, turns, dropped)


def _stays(kept: KeptTurns | None, wanted: Callable[[Sequence[Turn], str], bool]) -> bool:
    return kept is not None and wanted([*kept.turns], kept.by)


def _storage_error(what: str, path: Path, error: OSError) -> StorageError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StorageError(
        f"{path} can't be {what}: {'the disk is full' if full else error.strerror or error}",
        hint="make room, then ask again" if full else "",
    )
