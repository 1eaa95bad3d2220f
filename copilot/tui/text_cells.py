"""Text on its way into cells, character by character: where rows break, what a cell shows.

Invariant: a character's place in the text is never lost, whatever of it a terminal may be given;
text that surely takes one cell a character is never looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import get_character_cell_size

from copilot.tui.wording import shown

_TAB = 4
# All but what surely takes one cell and needs no cleaning.
_ODD = re.compile("[^\x20-\x7e\xa0-\xac\xae-\u02ff\u0391-\u03ff\u0400-\u0482\u2010-\u2027]")


def row_breaks(text: str, start: int, end: int, width: int) -> Iterator[int]:
    """Where the rows after the first one of a line begin: after a space, else where it is full."""
    if end - start <= width and _ODD.search(text, start, end) is None:
        return
    at = start
    while True:
        full = at_cell(text, at, end, width)
        if full >= end:
            return
        space = text.rfind(" ", at, full + 1)
        at = space + 1 if space > at else max(full, at + 1)
        if at >= end:
            return
        yield at


def at_cell(text: str, start: int, end: int, cells: int) -> int:
    """The offset that is ``cells`` cells behind ``start``, or ``end``."""
    if _ODD.search(text, start, min(end, start + cells)) is None:
        return min(end, start + cells)
    at, used = start, 0
    while at < end:
        used += _width_of(text[at])
        if used > cells:
            break
        at += 1
    return at


def cells_between(text: str, start: int, end: int) -> int:
    if _ODD.search(text, start, end) is None:
        return end - start
    return sum(_width_of(one) for one in text[start:end])


def face(text: str) -> str:
    """What a terminal may be given of it, character by character, so that offsets hold."""
    return text if _ODD.search(text) is None else "".join(map(_face_of, text))


@lru_cache(maxsize=4096)
def _face_of(character: str) -> str:
    return " " * _TAB if character == "\t" else shown(character).replace("\n", "")


@lru_cache(maxsize=4096)
def _width_of(character: str) -> int:
    return sum(get_character_cell_size(one) for one in _face_of(character))
