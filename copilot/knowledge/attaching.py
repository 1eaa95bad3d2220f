"""Attaches files and pasted texts to conversations, and reads them as the index would.

Invariant: what is attached is searched for who attached it, in that conversation, and is in no
index; something that can't be read is told before it is attached.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Protocol
from urllib.parse import unquote, urlsplit

from copilot.calls.composing import LONGEST_TEXT
from copilot.errors import LimitError, NotFoundError, ReadError, SkippedInputError, UsageError
from copilot.knowledge.attached import AttachedPassages
from copilot.knowledge.batches import embedded
from copilot.knowledge.reading import ReadDocuments, guarded
from copilot.knowledge.splitting import split
from copilot.messages import ParsedDocument, Passage, StoredPassage
from copilot.ports import Embedder
from copilot.talks import Attachment

LARGEST_FILE = 50_000_000  # bytes
MOST_PASSAGES = 1_000
_EMBED_AT_ONCE = 256
_KEPT_PASSAGES = 4_000  # about 25 kB each
_INDEX_IT = "Index it instead: copilot index add PATH, then @ picks it."

_Stamp = tuple[str, int, int]


class AttachmentStore(Protocol):
    """What is attached to which conversation. StorageError when it can't be read or written."""

    def keep_text(self, conversation: str, text: str, *, name: str, by: str) -> Attachment: ...

    def keep_file(self, conversation: str, file: str, *, name: str, by: str) -> Attachment: ...

    def of(self, conversation: str) -> list[Attachment]: ...

    def let_go(self, conversation: str, id_: str) -> None: ...

    def drop(self, conversation: str, unwanted: Callable[[Attachment], bool]) -> int: ...


@dataclass
class Attaching:
    """``principal`` attaches and asks. Safe between threads."""

    store: AttachmentStore
    read: ReadDocuments
    embedder: Callable[[], Embedder]
    passage_tokens: int
    principal: str
    _read: OrderedDict[_Stamp, AttachedPassages] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def attach_text(self, conversation: str, text: str, *, name: str) -> Attachment:
        """Keep a text beside the conversation, and read it; the same one is attached once.

        Raises UsageError, LimitError, StorageError.
        """
        if len(text) > LONGEST_TEXT:
            raise LimitError(
                f"{name} has {len(text):,} characters; {LONGEST_TEXT:,} can be attached",
                hint=f"Paste the part in question. {_INDEX_IT}",
            )
        if not text.strip():
            raise UsageError(f"{name} holds no text", hint="Paste some.")
        for one in self.attached(conversation):
            if one.pasted and _holds(Path(one.path), text):
                return one
        kept = self.store.keep_text(conversation, text, name=name, by=self.principal)
        try:
            self._passages(kept)
        except (LimitError, ReadError):
            self.store.drop(conversation, lambda one: one.id == kept.id)
            raise
        return kept

    def attach_file(self, conversation: str, file: str) -> Attachment:
        """Remember a file, and read it; the same one is attached once.

        Raises NotFoundError, ReadError, LimitError, StorageError.
        """
        path = found_file(file)
        self._passages(Attachment("", path.name, str(path), self.principal))
        for one in self.attached(conversation):
            if one.path == str(path):
                return one
        return self.store.keep_file(conversation, str(path), name=path.name, by=self.principal)

    def attached(self, conversation: str) -> tuple[Attachment, ...]:
        """What the person attached to a conversation and didn't take away."""
        held = self.store.of(conversation)
        return tuple(one for one in held if one.searched and one.by == self.principal)

    def take_away(self, conversation: str, id_: str) -> None:
        """Search it no more; it stays where it is as long as its conversation."""
        self.store.let_go(conversation, id_)

    def passages(self, conversation: str, ids: Sequence[str]) -> AttachedPassages:
        """The passages of what is attached there under these ids. Raises what attaching raises."""
        held = {one.id: one for one in self.attached(conversation)}
        missing = [id_ for id_ in ids if id_ not in held]
        if missing:
            raise NotFoundError(
                f"nothing is attached as {', '.join(missing)}", hint="Attach it again."
            )
        found = [self._passages(held[id_]) for id_ in dict.fromkeys(ids)]
        return AttachedPassages(tuple(stored for one in found for stored in one.stored))

    def _passages(self, attachment: Attachment) -> AttachedPassages:
        """Read once, as long as the file stays as it is."""
        about = _about(Path(attachment.path), attachment.name)
        stamp = (attachment.path, about.st_mtime_ns, about.st_size)
        with self._lock:
            if stamp not in self._read:
                changed_at = datetime.fromtimestamp(about.st_mtime, UTC)
                cut = list(self._cut(attachment, changed_at))
                self._read[stamp] = AttachedPassages(tuple(self._with_vectors(cut)))
                while len(self._read) > 1 and self._held() > _KEPT_PASSAGES:
                    self._read.popitem(last=False)
            self._read.move_to_end(stamp)
            return self._read[stamp]

    def _held(self) -> int:
        return sum(len(one.stored) for one in self._read.values())

    def _cut(self, attachment: Attachment, changed_at: datetime) -> Iterator[Passage]:
        count = 0
        for document in guarded(self.read, Path(attachment.path)):
            for passage in self._split(document, attachment, changed_at):
                count += 1
                if count > MOST_PASSAGES:
                    raise LimitError(
                        f"{attachment.name} is too long: more than {MOST_PASSAGES:,} passages",
                        hint=f"Attach the part in question. {_INDEX_IT}",
                    )
                yield passage
        if not count:
            raise SkippedInputError(f"{attachment.name} holds no text", hint="Attach another.")

    def _split(
        self, document: ParsedDocument, attachment: Attachment, changed_at: datetime
    ) -> Sequence[Passage]:
        mark = f"#{document.fragment}" if document.fragment else ""
        named = replace(
            document,
            title=attachment.name if attachment.pasted else document.title or attachment.name,
            modified_at=document.modified_at or changed_at,
            labels=(),
        )
        return split(
            named,
            document_id=f"{attachment.path}{mark}",
            path=f"{attachment.path}{mark}",
            source="",
            labels=(),
            target_tokens=self.passage_tokens,
        )

    def _with_vectors(self, passages: Sequence[Passage]) -> Iterator[StoredPassage]:
        for begin in range(0, len(passages), _EMBED_AT_ONCE):
            window = passages[begin : begin + _EMBED_AT_ONCE]
            for passage, vectors in zip(window, embedded(window, self.embedder()), strict=True):
                yield StoredPassage(passage, vectors)


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode("utf-8", "replace")
    except OSError:
        return False


def found_file(typed: str) -> Path:
    """The file of this path. Raises NotFoundError, ReadError for no plain file, LimitError."""
    path = Path(os.path.abspath(os.path.expanduser(typed)))  # noqa: PTH100, PTH111
    _about(path, path.name or str(path))
    return path


def dropped_files(typed: str) -> tuple[Path, ...]:
    """The files that a terminal means by what it pastes when they are dropped on it: their paths,
    quoted, escaped, as ``file:`` addresses, or bare. Raises what ``found_file`` raises.
    """
    text = typed.strip()
    try:
        return (found_file(text),)
    except NotFoundError:
        try:
            words = shlex.split(text)
        except ValueError:
            words = []
        if not words:
            raise
    return tuple(found_file(_without_scheme(word)) for word in words)


def _without_scheme(word: str) -> str:
    return unquote(urlsplit(word).path) if word.startswith("file://") else word


def _about(path: Path, name: str) -> os.stat_result:
    try:
        about = path.stat()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NotFoundError(
            f"{name} can't be attached: {why or error}", hint="Name a file that you can read."
        ) from error
    if not stat.S_ISREG(about.st_mode):
        hint = "Name one of its files; copilot index add takes whole folders."
        raise ReadError(f"{name} can't be attached: it is no file", hint=hint)
    if about.st_size > LARGEST_FILE:
        raise LimitError(
            f"{name} has {about.st_size / 1e6:,.0f} MB; at most {LARGEST_FILE / 1e6:.0f} are read",
            hint=f"Attach the part in question. {_INDEX_IT}",
        )
    return about
