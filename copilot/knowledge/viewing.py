"""A document's text around a passage, a piece at a time, for who wants to read on.

Invariant: nothing is read but documents of which the index shows a passage to who asks; a piece
is short, whatever the document's size; what is lit is the quote, to the character, or nothing.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from copilot.errors import KnowledgeIndexError, NotFoundError, ReadError
from copilot.messages import Passage, SearchFilter
from copilot.places import describe
from copilot.ports import PassageIndex

_LINES = 600
_PASSAGES = 24
_LONGEST_LINE = 20_000
_SHORTER = 4_000
_CHANGED = "It has changed since it was indexed: the quote stands nowhere in it."


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` is what stands from ``start`` to before ``stop``, of ``total`` lines or passages.

    ``lit``: where in ``text`` the quote stands; empty when it doesn't. ``note`` says why.
    """

    path: str
    title: str
    text: str
    start: int
    stop: int
    total: int
    unit: str
    lit: tuple[int, int] | tuple[()] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    """A text file as it was at ``stamp``."""

    path: str
    stamp: tuple[int, int]
    text: str
    lines: Sequence[int]  # where each begins


class Viewing:
    """``decode`` makes text of a file's bytes, given its name."""

    def __init__(self, index: PassageIndex, decode: Callable[[bytes, str], str]) -> None:
        self._index = index
        self._decode = decode
        self._last: _File | None = None
        self._reading = threading.Lock()

    def piece(
        self, passage_id: str, quote: tuple[int, int], *, start: int | None, where: SearchFilter
    ) -> Piece:
        """The text from ``start`` on, or around the passage; ``quote`` counts in its text.

        Raises NotFoundError for a passage that isn't there, or not for who asks, any more,
        KnowledgeIndexError, ReadError.
        """
        found = self._index.fetch([passage_id], where=where)
        if not found:
            raise NotFoundError(
                "this passage isn't in the index any more", hint="Ask again: the document changed."
            )
        passage = found[0].passage
        if passage.locator.kind == "lines" and "#" not in passage.path:
            return self._of_file(passage, quote, start)
        return self._of_index(passage, quote, start, where)

    # --- texts, from the file -------------------------------------------------------------

    def _of_file(self, passage: Passage, quote: tuple[int, int], start: int | None) -> Piece:
        file = self._read(passage.path)
        total = len(file.lines)
        line = min(int(passage.locator.start) - 1, total - 1)
        lit = _find(file, passage, quote, line)
        if start is None:
            at = bisect_right(file.lines, lit[0]) - 1 if lit else line
            start = at - _LINES // 3
        start = max(0, min(start, total - 1))
        stop = min(total, start + _LINES)
        text, lit = _cut(file, start, stop, lit)
        return Piece(
            path=passage.path,
            title=passage.title,
            text=text,
            start=start,
            stop=stop,
            total=total,
            unit="lines",
            lit=lit,
            note="" if lit or _find(file, passage, quote, line) else _CHANGED,
        )

    def _read(self, path: str) -> _File:
        with self._reading:
            try:
                about = Path(path).stat()
                stamp = (about.st_mtime_ns, about.st_size)
                if self._last is None or (self._last.path, self._last.stamp) != (path, stamp):
                    text = self._decode(Path(path).read_bytes(), Path(path).name)
                    lengths = (len(line) + 1 for line in text.removesuffix("\n").split("\n"))
                    self._last = _File(path, stamp, text, [0, *accumulate(lengths)][:-1])
            except OSError as error:
                why = error.strerror or str(error)
                raise ReadError(
                    f"{path} can't be read: {why}", hint="Sync the index: copilot index sync."
                ) from error
            return self._last

    # --- other documents, as the index has them -------------------------------------------

    def _of_index(
        self, passage: Passage, quote: tuple[int, int], start: int | None, where: SearchFilter
    ) -> Piece:
        stored = sorted(
            (one.passage for one in self._index.stored([passage.path])), key=lambda one: one.ordinal
        )
        ids = [one.id for one in stored]
        if passage.id not in ids:
            raise KnowledgeIndexError("the index changed meanwhile", hint="Open it again.")
        if start is None:
            start = ids.index(passage.id) - _PASSAGES // 3
        start = max(0, min(start, len(ids) - 1))
        stop = min(len(ids), start + _PASSAGES)
        shown = [one.passage for one in self._index.fetch(ids[start:stop], where=where)]
        parts: list[str] = []
        lit: tuple[int, int] | tuple[()] = ()
        length, place, end = 0, "", -1
        for one in shown:
            head = describe(one.locator)
            if head != place:
                parts.append(("\n\n" if parts else "") + f"— {head} —\n\n")
                length += len(parts[-1])
                place = head
            elif parts:
                parts.append("\n\n")
                length += 2
            # Passages may share their ends: what the one before said isn't said again.
            shared = max(0, end - one.char_start) if one.id != passage.id else 0
            if one.id == passage.id:
                lit = (length + quote[0], length + quote[1]) if quote[1] > quote[0] else ()
            parts.append(one.text[shared:])
            length += len(parts[-1])
            end = one.char_end
        return Piece(
            path=passage.path,
            title=passage.title,
            text="".join(parts),
            start=start,
            stop=stop,
            total=len(ids),
            unit="passages",
            lit=lit,
        )


def _find(
    file: _File, passage: Passage, quote: tuple[int, int], line: int
) -> tuple[int, int] | tuple[()]:
    """Where the quote stands in the file: in its passage, else below its line, else anywhere."""
    words = passage.text[quote[0] : quote[1]]
    if not words:
        return ()
    below = file.lines[line]
    whole = file.text.find(passage.text, below)
    if whole >= 0:
        return whole + quote[0], whole + quote[1]
    # Blocks may stand further apart in the file than in the passage: then the longest line is lit.
    for said in (words, max(words.split("\n"), key=len)):
        at = file.text.find(said, below)
        at = at if at >= 0 else file.text.find(said)
        if at >= 0:
            return at, at + len(said)
    return ()


def _cut(
    file: _File, start: int, stop: int, lit: tuple[int, int] | tuple[()]
) -> tuple[str, tuple[int, int] | tuple[()]]:
    """The lines, and where the quote stands in them; of a line of a file's length a part."""
    parts: list[str] = []
    length, found = 0, lit
    placed = False
    for number in range(start, stop):
        begins = file.lines[number]
        ends = file.lines[number + 1] if number + 1 < len(file.lines) else len(file.text)
        first, last = begins, ends
        if ends - begins > _LONGEST_LINE:
            middle = lit[0] if lit and begins <= lit[0] < ends else begins
            first = max(begins, middle - _SHORTER)
            last = min(ends, middle + _SHORTER)
        before = "…" if first > begins else ""
        if lit and first <= lit[0] < last:
            shift = length + len(before) - first
            found, placed = (lit[0] + shift, lit[1] + shift), True
        parts.append(before + file.text[first:last] + ("…\n" if last < ends else ""))
        length += len(parts[-1])
    text = "".join(parts)
    if not placed or not found:
        return text, ()
    return text, (found[0], min(found[1], len(text)))
