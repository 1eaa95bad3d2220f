"""What ``copilot extract`` is given: files, a pipe, lines of JSON; each a text or its error.

Invariant: one input gives one item, in order, and nothing is read before its turn. None stands
where a pipe has no more yet: to ask for more then is to wait.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from copilot.cli import console
from copilot.errors import UsageError
from copilot.extracted import SourceText
from copilot.extraction.items import (
    Item,
    TextReaders,
    holds_lines,
    is_record,
    items_of_bytes,
    items_of_file,
    items_of_lines,
)

_STDIN = "-"
_ESCAPE = len(r"\u0000")  # the most that JSON makes of a byte


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
        return is_record(piped.line())
    return len(names) > 1 or holds_lines(Path(names[0]))


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
        yield from items_of_file(Path(name), readers, name=console.typed(name))


def _piped(readers: TextReaders, piped: Piped) -> Iterator[Item | None]:
    head, line = piped.take()
    stdin = sys.stdin.buffer
    if is_record(line):
        yield from items_of_lines(chain([line], _as_they_come(stdin)), "stdin", readers)
        return
    # One byte past the limit is enough to be refused by it.
    data = head + stdin.read(max(0, readers.most_bytes + 1 - len(head)))
    yield from items_of_bytes(data, "stdin", readers)


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
