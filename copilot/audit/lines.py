"""The trail as it stands in its file: entries, and lines that are none.

Invariant: every byte of the file is accounted for: as an entry, as the beginning of a line
that has no end yet, or as damage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from copilot.audit.entries import NoEntryError, Sealed, decode

Seen = Callable[[int, int], None]  # lines that were read, of how many; not told of a few
_EVERY = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """Line ``number`` of the file, from 1. ``sealed``: None when it is no entry, ``why`` not."""

    number: int
    content: bytes
    sealed: Sealed | None
    why: str = ""


@dataclass(frozen=True)
class Lines:
    """``torn``: the last line has no end; a crash cut it short, or somebody else did."""

    lines: tuple[Line, ...]
    torn: bool = False

    @cached_property
    def sealed(self) -> list[Sealed]:
        return [line.sealed for line in self.lines if line.sealed is not None]

    @cached_property
    def damaged(self) -> list[Line]:
        """Lines that are no entry; what a crash may have cut short isn't one of them."""
        whole = self.lines[:-1] if self.torn else self.lines
        return [line for line in whole if line.sealed is None]


def read_lines(content: bytes, *, seen: Seen | None = None) -> Lines:
    """The lines of a file; a last one without an end counts as a line, if there is anything."""
    parts = content.split(b"\n")
    torn = bool(parts[-1])
    kept: Sequence[bytes] = parts if torn else parts[:-1]
    lines: list[Line] = []
    for begin in range(0, len(kept), _EVERY):
        some = kept[begin : begin + _EVERY]
        lines += [_line(number, part) for number, part in enumerate(some, start=begin + 1)]
        if seen is not None and len(kept) > _EVERY:
            seen(len(lines), len(kept))
    return Lines(tuple(lines), torn=torn)


def newest_first(content: bytes) -> Iterator[Line]:
    """The lines from the last to the first, each read when it is asked for; none that is torn."""
    parts = content.split(b"\n")
    for number in range(len(parts), 0, -1):
        part = parts[number - 1]
        line = _line(number, part)
        if line.sealed is not None or number < len(parts):
            yield line


def _line(number: int, content: bytes) -> Line:
    try:
        return Line(number, content, decode(content))
    except NoEntryError as error:
        return Line(number, content, None, str(error))
