"""Texts to extract from, one after the other: of files, of lines of JSON; each a text or its error.

Invariant: one input gives one item, in order; a bad one never stops the rest, and nothing is read
before its turn. None stands where the next line isn't there yet: to ask for more then is to wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path

from copilot.errors import CopilotError, NotFoundError, ReadError, UsageError
from copilot.extracted import Json, SourceText

_LINES = (".jsonl", ".ndjson")
_HINT = 'Each line must be a JSON object: {"id": "1", "text": "…"}.'

ReadFile = Callable[[Path], Iterator[SourceText]]
ReadBytes = Callable[[bytes, str], Iterator[SourceText]]
ReadText = Callable[[str, str], SourceText]


@dataclass(frozen=True, slots=True)
class TextReaders:
    """How files, bytes without a file and given texts become texts to read; all raise ReadError."""

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


def holds_lines(path: Path) -> bool:
    """Whether a file is one of JSON lines, by its name."""
    return path.suffix.lower() in _LINES


def items_of_file(path: Path, readers: TextReaders, *, name: str = "") -> Iterator[Item | None]:
    """The texts of a file of any format; ``name``: what an error calls it."""
    if holds_lines(path):
        yield from _file_of_lines(path, readers)
    else:
        yield from _texts(name or str(path), partial(_file, path, readers))


def items_of_bytes(data: bytes, name: str, readers: TextReaders) -> Iterator[Item | None]:
    """The texts in what came without a file: one of any format, or lines of JSON."""
    first = next((line for line in BytesIO(data) if line.strip()), b"")
    if is_record(first):
        yield from items_of_lines(BytesIO(data), name, readers)
    else:
        yield from _texts(name, lambda: readers.piped(data, name))


def items_of_lines(
    lines: Iterable[bytes | None], name: str, readers: TextReaders
) -> Iterator[Item | None]:
    """A text a line; where a line is None, the next one isn't there yet."""
    number = 0
    for line in lines:
        if line is None:
            yield None
            continue
        number += 1
        if line.strip():
            yield _line(line, f"{name}#{number}", readers)


def is_record(line: bytes) -> bool:
    """Whether a first line makes the input one of JSON lines."""
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "text" in data


def _file(path: Path, readers: TextReaders) -> Iterator[SourceText]:
    if path.is_dir():
        raise ReadError(f"{path} is a folder", hint=f"Give its files: {path}/*")
    if not path.exists():
        raise NotFoundError(f"{path} isn't there", hint="Check the name, or give the text itself.")
    return readers.file(path)


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
            yield from items_of_lines(handle, str(path), readers)
    except OSError as error:
        problem = NotFoundError(f"{path} can't be read: {error.strerror}", hint=_HINT)
        yield Item(0, str(path), problem)


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
