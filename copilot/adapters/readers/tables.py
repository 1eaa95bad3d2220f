"""Turns rows of cells into lines that can be read and quoted on their own.

Invariant: every row is one block that names its columns, so a row quoted alone still says
what its values mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

CELL_CHARS = 2000  # a longer cell is cut; it is prose in the wrong place
_NUMBER = re.compile(r"[-+(]?[\d.,\s%€$£:/-]+\)?$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the file counts, and the text of its cells."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row as a line of text; ``number`` is the row's."""

    number: int
    text: str


def cell_text(value: object) -> str:
    """A cell's text on one line; empty for None."""
    text = "" if value is None else _SPACE.sub(" ", str(value)).strip()
    return text if len(text) <= CELL_CHARS else text[: CELL_CHARS - 1] + "…"


def row_lines(rows: Iterable[Row], *, header: Sequence[str] | None = None) -> Iterator[RowLine]:
    """Each row as ``Column: value; Column: value``, or its values when no header is known.

    ``header`` None means: the first row, when it looks like one.
    """
    names = header
    undecided = header is None
    waiting: Row | None = None
    for row in rows:
        if row.is_blank:
            continue
        if undecided and waiting is None:
            waiting = row
            continue
        if undecided and waiting is not None:
            undecided = False
            if is_header(waiting.cells, row.cells):
                names = waiting.cells
            else:
                yield RowLine(waiting.number, _line(waiting.cells, None))
            waiting = None
        yield RowLine(row.number, _line(row.cells, names))
    if waiting is not None:
        yield RowLine(waiting.number, _line(waiting.cells, None))


def is_header(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the first of two rows names the columns."""
    named = [cell for cell in first if cell]
    if len(named) < 2 or len(named) < len([cell for cell in second if cell]) * 0.6:
        return False
    if len(set(named)) < len(named) or any(len(cell) > 80 for cell in named):
        return False
    return not any(_NUMBER.match(cell) for cell in named)


def _line(cells: Sequence[str], names: Sequence[str] | None) -> str:
    if names is None:
        return " | ".join(cell for cell in cells if cell)
    parts: list[str] = []
    for n, cell in enumerate(cells):
        name = names[n].rstrip(": ") if n < len(names) else ""
        if cell:
            parts.append(f"{name}: {cell}" if name else cell)
    return "; ".join(parts)
