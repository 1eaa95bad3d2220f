"""What ``copilot extract`` is given: files, a pipe, lines of JSON; each a text or its error.

Invariant: one input gives one item, in order; a bad one never stops the rest, and nothing is read
before its turn. None stands where a pipe has no more yet: to ask for more then is to wait.
"""

from __future__ import annotations

import json
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from copilot.cli import console
from copilot.errors import CopilotError, NotFoundError, ReadError, UsageError
from copilot.extracted import Json, SourceText

_STDIN = "-"
_LINES = (".jsonl", ".ndjson")
_ESCAPE = len(r"\u0000")  # the most that JSON makes of a byte
_HINT = 'Each line must be a JSON object: {"id": "1", "text": "…"}.'

ReadFile = Callable[[Path], Iterator[SourceText]]
ReadBytes = Callable[[bytes, str], Iterator[SourceText]]
ReadText = Callable[[str, str], SourceText]


@dataclass(frozen=True, slots=True)
class TextReaders:
    """How files, piped bytes and given texts become texts to read; all raise ReadError."""

    file: ReadFile
    piped: ReadBytes
    text: ReadText
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Item:
    """One input. ``id`` is a line's own, whatever JSON value it was; None for other inputs."""

    number: int
    name: str
    text: SourceText | CopilotError
    id: Json = None


class Piped:
    """stdin, of which the first line that isn't blank may be looked at beforehand.

    ``most_bytes`` are read for it, blank lines included, or that many of a text, escaped.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._head = bytearray()
        self._line = b""

    def take(self) -> tuple[bytes, bytes]:
        """All up to that line, and the line; both empty where there is none (more)."""
        self.line()
        taken = bytes(self._head), self._line
        self._head, self._line = bytearray(), b""
        return taken

    def line(self) -> bytes:
        """That line, which stays to be taken."""
        if not self._head:
            if console.is_terminal("stdin"):
                remedy = "copilot extract ticket mail.eml, or pipe a text in"
                raise UsageError("no input", hint=remedy)
            longest = _ESCAPE * self._most + 1
            while not self._line.strip() and len(self._head) <= self._most:
                self._line = sys.stdin.buffer.readline(longest)
                if not self._line:
                    break
                self._head += self._line
        return self._line


def several(names: Sequence[str], piped: Piped) -> bool:
    """Whether there may be many inputs: files, or lines of JSON. Waits for a pipe's first line."""
    if not names or tuple(names) == (_STDIN,):
        return _is_record(piped.line())
    return len(names) > 1 or Path(names[0]).suffix.lower() in _LINES


def items(
    names: Sequence[str],
    readers: TextReaders,
    *,
    received: datetime | None = None,
    piped: Piped | None = None,
) -> Iterator[Item | None]:
    """The inputs, in order. ``received``: when texts that don't say so themselves were sent."""
    found = _all(names or (_STDIN,), readers, piped or Piped(readers.most_bytes))
    number = 0
    for item in found:
        if item is None:
            yield None
            continue
        number += 1
        text = item.text
        if received is not None and isinstance(text, SourceText) and text.received_at is None:
            text = replace(text, received_at=received)
        yield replace(item, number=number, text=text)


def _all(names: Sequence[str], readers: TextReaders, piped: Piped) -> Iterator[Item | None]:
    for name in names:
        if name == _STDIN:
            yield from _piped(readers, piped)
            continue
        path = Path(name)
        if path.suffix.lower() in _LINES:
            yield from _file_of_lines(path, readers)
        else:
            yield from _texts(console.typed(name), partial(_file, path, readers))


def _file(path: Path, readers: TextReaders) -> Iterator[SourceText]:
    if path.is_dir():
        raise ReadError(f"{path} is a folder", hint=f"Give its files: {path}/*")
    if not path.exists():
        raise NotFoundError(f"{path} isn't there", hint="Check the name, or pipe the text in.")
    return readers.file(path)


def _piped(readers: TextReaders, piped: Piped) -> Iterator[Item | None]:
    head, line = piped.take()
    stdin = sys.stdin.buffer
    if _is_record(line):
        yield from _lines(chain([line], _as_they_come(stdin)), "stdin", readers)
        return
    # One byte past the limit is enough to be refused by it.
    data = head + stdin.read(max(0, readers.most_bytes + 1 - len(head)))
    yield from _texts("stdin", lambda: readers.piped(data, "stdin"))


def _as_they_come(stdin: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a pipe; None each time that the next one isn't there yet."""
    while True:
        if not _is_ready(stdin):
            yield None
        line = stdin.readline()
        if not line:
            return
        yield line


def _is_ready(stdin: BinaryIO) -> bool:
    """Whether it is sure that more can be read without waiting, or that it can't be told."""
    try:
        return bool(select.select([stdin], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _is_record(line: bytes) -> bool:
    """Whether a first line makes the input one of JSON lines."""
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "text" in data


def _texts(name: str, read: Callable[[], Iterator[SourceText]]) -> Iterator[Item]:
    found = False
    try:
        for text in read():
            found = True
            yield Item(0, text.name, text)
    except CopilotError as error:
        yield Item(0, name, error)
        return
    if not found:
        yield Item(0, name, ReadError(f"{name} holds no text", hint="Nothing to extract from it."))


def _file_of_lines(path: Path, readers: TextReaders) -> Iterator[Item | None]:
    try:
        with path.open("rb") as handle:
            yield from _lines(handle, str(path), readers)
    except OSError as error:
        problem = NotFoundError(f"{path} can't be read: {error.strerror}", hint=_HINT)
        yield Item(0, str(path), problem)


def _lines(lines: Iterable[bytes | None], name: str, readers: TextReaders) -> Iterator[Item | None]:
    number = 0
    for line in lines:
        if line is None:
            yield None
            continue
        number += 1
        if line.strip():
            yield _line(line, f"{name}#{number}", readers)


def _line(line: bytes, name: str, readers: TextReaders) -> Item:
    try:
        data = json.loads(line.decode("utf-8-sig", "replace"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Item(0, name, UsageError(f"{name} is not JSON: {error}", hint=_HINT))
    if not isinstance(data, dict):
        return Item(0, name, UsageError(f"{name} is not a JSON object", hint=_HINT))
    line_id = data.get("id", name)
    try:
        text = data.get("text")
        if not isinstance(text, str):
            raise UsageError(f"{name} has no text", hint=_HINT)
        source = readers.text(text, name)
        moment = data.get("received_at")
        if moment is not None:
            source = replace(source, received_at=_moment(moment, name))
    except CopilotError as error:
        return Item(0, name, error, line_id)
    return Item(0, name, source, line_id)


def _no_constant(name: str) -> None:
    """NaN and Infinity are Python's, not JSON's; as an id they would break our own output."""
    raise ValueError(f"{name} is not JSON")


def _moment(value: object, name: str) -> datetime:
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise UsageError(
            f"{name}: received_at is not an ISO 8601 date: {value}",
            hint='Write it as "2026-11-22T09:30:00+01:00".',
        ) from None
