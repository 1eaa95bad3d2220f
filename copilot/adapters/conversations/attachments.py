"""What was attached to conversations: a folder beside each, private to the user.

Invariant: an attachment is a file of its own, written whole or not at all; a pasted text lies in
the same folder; whoever removes it leaves nothing of it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from copilot.adapters.conversations.files import checked_name
from copilot.codec import from_plain, to_plain
from copilot.config.paths import ensure
from copilot.errors import ConfigError, NotFoundError, StorageError
from copilot.talks import Attachment

SUFFIX = ".attached"
_RECORD, _TEXT = ".json", ".txt"


class FileAttachments:
    """The attachments beside the conversations in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep_text(self, conversation: str, text: str, *, name: str, by: str) -> Attachment:
        """Keep a text that was pasted. Raises UsageError, StorageError."""
        path, id_ = self._new(conversation)
        words = path.with_name(f"pasted-{id_}{_TEXT}")
        kept = Attachment(id_, name, str(words), by, pasted=True)
        with _told("written", path):
            _write(words, text.encode("utf-8", "replace"))
            _write(path, _encode(kept))
        return kept

    def keep_file(self, conversation: str, file: str, *, name: str, by: str) -> Attachment:
        """Remember a file, which stays where it is. Raises UsageError, StorageError."""
        path, id_ = self._new(conversation)
        kept = Attachment(id_, name, file, by)
        with _told("written", path):
            _write(path, _encode(kept))
        return kept

    def of(self, conversation: str) -> list[Attachment]:
        """All of them, as they were attached. Raises UsageError, StorageError."""
        return [kept for _, kept in _held(self._place(conversation))]

    def let_go(self, conversation: str, id_: str) -> None:
        """Search it no more. Raises NotFoundError, UsageError, StorageError."""
        for path, kept in _held(self._place(conversation)):
            if kept.id == id_:
                draft = path.with_name(f".{path.name}.new")
                with _told("written", path):
                    draft.unlink(missing_ok=True)
                    _write(draft, _encode(replace(kept, searched=False)))
                    draft.replace(path)
                return
        raise NotFoundError(f"nothing is attached as {id_!r} to {conversation}")

    def names(self) -> list[str]:
        """The conversations that something is attached to."""
        with _told("read", self._folder):
            found = [path.name for path in self._folder.glob(f"*{SUFFIX}") if path.is_dir()]
        return sorted(name.removesuffix(SUFFIX) for name in found)

    def touched(self, conversation: str) -> datetime | None:
        """When something was attached to it last; None when nothing is. StorageError."""
        folder = self._place(conversation)
        with _told("read", folder):
            times = [path.stat().st_mtime for path in folder.glob("*")]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def drop(self, conversation: str, unwanted: Callable[[Attachment], bool]) -> int:
        """Remove those that are unwanted, with their texts; returns how many. StorageError."""
        folder, dropped = self._place(conversation), 0
        held = list(_held(folder))
        with _told("removed", folder):
            for path, kept in held:
                if unwanted(kept):
                    path.with_name(f"pasted-{kept.id}{_TEXT}").unlink(missing_ok=True)
                    path.unlink()
                    dropped += 1
            if dropped == len(held) and folder.is_dir():
                shutil.rmtree(folder)  # with what a process that died left of another one
        return dropped

    def _place(self, conversation: str) -> Path:
        return attached_to(self._folder, checked_name(conversation))

    def _new(self, conversation: str) -> tuple[Path, str]:
        """A record that nobody else writes, and its id."""
        folder = self._place(conversation)
        try:
            ensure(folder)
        except ConfigError as error:
            raise StorageError(error.message, hint=error.hint) from error
        taken = {path.stem.rpartition("-")[2] for path in folder.iterdir()}
        id_ = next(str(number) for number in count(1) if str(number) not in taken)
        return folder / f"{id_}{_RECORD}", id_


def attached_to(folder: Path, name: str) -> Path:
    """Where lies what is attached to the conversation of this name."""
    return folder / f"{name}{SUFFIX}"


def _held(folder: Path) -> Iterator[tuple[Path, Attachment]]:
    with _told("read", folder):
        records = [path for path in folder.glob(f"*{_RECORD}") if path.stem.isdecimal()]
        for path in sorted(records, key=lambda one: int(one.stem)):
            try:
                yield path, from_plain(Attachment, json.loads(path.read_bytes()))
            except (ValueError, KeyError, TypeError, FileNotFoundError):
                continue  # cut short by a machine that stopped, or just removed


def _encode(kept: Attachment) -> bytes:
    return json.dumps(to_plain(kept)).encode()


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


@contextmanager
def _told(what: str, path: Path) -> Iterator[None]:
    """Says what the file system says in our words."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} can't be {what}: {error.strerror or error}") from error
