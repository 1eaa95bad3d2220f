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

    ``header`` None means: the first row, when it looks like one. A row with one filled cell is
    a caption; after it, and after a gap, another header may follow.
    """
    names = header
    may_be_header, needs_numbers = header is None, False
    kept = [row for row in rows if not row.is_blank]
    for n, row in enumerate(kept):
        following = kept[n + 1] if n + 1 < len(kept) else None
        after_gap = n > 0 and row.number > kept[n - 1].number + 1
        if sum(1 for cell in row.cells if cell) == 1 and names is None:
            yield RowLine(row.number, _line(row.cells, None))
            continue  # a caption above the table, or a table of one column
        if (may_be_header or after_gap) and following is not None:
            strict = needs_numbers or (after_gap and names is not None)
            if is_header(row.cells, following.cells) and (
                not strict or _names_numbers(row.cells, following.cells)
            ):
                names, may_be_header = row.cells, False
                continue
        may_be_header, needs_numbers = False, True
        yield RowLine(row.number, _line(row.cells, names))


def _names_numbers(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether words stand above a number in some column."""
    return any(
        name and value and not _NUMBER.match(name) and _NUMBER.match(value)
        for name, value in zip(first, second, strict=False)
    )


def is_header(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the first of two rows names the columns."""
    named = [cell for cell in first if cell]
    if len(named) < 2 or len(named) < len([cell for cell in second if cell]) * 0.6:
        return False
    if len(set(named)) < len(named) or any(len(cell) > 80 for cell in named):
        return False
    return not any(_NUMBER.match(cell) for cell in named)


def _line(cells: Sequence[str], names: Sequence[str] | None) -> str:
    if names is not None and sum(1 for cell in cells if cell) == 1 and len(cells) > 2:
        names = None  # a sub-heading inside the table
    if names is None:
        return " | ".join(cell for cell in cells if cell)
    parts: list[str] = []
    for n, cell in enumerate(cells):
        name = names[n].rstrip(": ") if n < len(names) else ""
        if cell:
            parts.append(f"{name}: {cell}" if name else cell)
    return "; ".join(parts)
