"""What every reader shares: its input, decoding, and the translation of file errors.

Invariant: a reader sees bytes through an ``Input`` only, so that a mail attachment or an
archive member is read exactly like a file, and a file error becomes a ReadError that names it.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, ClassVar

from copilot.adapters.readers.detecting import Format, detect
from copilot.errors import ReadError
from copilot.messages import ParsedDocument

ITEM_CHARS = 1200  # a longer list item is read as its parts


@dataclass(frozen=True, slots=True)
class Input:
    """A file, or bytes that came out of one. ``path`` names it and gives its suffix."""

    path: Path
    data: bytes | None = None
    depth: int = 0  # how many files it is nested in

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def title(self) -> str:
        """A title for a document that has none: the file's name in words, or its folder's."""
        stem = self.path.stem
        if stem.lower() in ("index", "readme", "__init__") and self.path.parent.name:
            stem = self.path.parent.name
        words = " ".join(stem.replace("_", " ").replace("-", " ").split())
        return words[:1].upper() + words[1:] if words else self.name

    def read(self) -> bytes:
        """All bytes; ReadError when the file is gone or may not be read."""
        if self.data is not None:
            return self.data
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise unreadable(self.path, error) from error

    def open(self) -> BinaryIO:
        """A seekable stream; ReadError as for ``read``."""
        if self.data is not None:
            return io.BytesIO(self.data)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error

    def head(self, size: int = 8192) -> bytes:
        """The first ``size`` bytes."""
        if self.data is not None:
            return self.data[:size]
        with self.open() as stream:
            try:
                return stream.read(size)
            except OSError as error:
                raise unreadable(self.path, error) from error


class FileReader(ABC):
    """A reader of some formats; implements ``ports.Reader`` over ``parse``."""

    name: str
    formats: ClassVar[frozenset[Format]]

    def accepts(self, path: Path, head: bytes) -> bool:
        """Whether this reader takes the file, by its content first and its name second."""
        try:
            return detect(path, head, lambda: Input(path).open()) in self.formats
        except ReadError:
            return False

    def read(self, path: Path) -> Iterable[ParsedDocument]:
        """The file's documents; ReadError names why there are none."""
        return self.parse(Input(path))

    @abstractmethod
    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        """The documents in ``source``; ReadError names why there are none."""


def unreadable(path: Path, error: OSError) -> ReadError:
    """The ReadError for a file that the system doesn't give us."""
    match error:
        case FileNotFoundError():
            reason, hint = "it is no longer there", "Run the sync again."
        case PermissionError():
            reason, hint = "permission denied", f"Allow reading it: chmod u+r {path}"
        case IsADirectoryError():
            reason, hint = "it is a folder", "Add the folder as a source."
        case _:
            reason, hint = error.strerror or type(error).__name__, "Check the disk or the share."
    return ReadError(f"{path.name} can't be read: {reason}", hint=hint)


def aware(value: object) -> datetime | None:
    """A date, datetime or ISO 8601 string as an aware datetime; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def stated_before(value: object, opened_at: datetime) -> datetime | None:
    """As ``aware``, for libraries that make up the present time when a file states none."""
    found = aware(value)
    made_up = found is not None and found >= opened_at.replace(microsecond=0)
    return None if made_up else found
