"""Finds rows of cells among the lines of a PDF page.

Invariant: a row is lines that begin at one height, further and further to the right; words are
joined to cells and never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from copilot.adapters.readers.tables import Row, cell_text, row_lines

CELL_LINES = 8  # a taller cell is more likely a column of text
_MARKER = re.compile(r"\d{1,3}|[a-zA-Z]|\(?\w{1,3}[.)]|[^\w\s]")


@dataclass(slots=True)
class Line:
    """A line of text with its place in points from the lower left, and its font size."""

    text: str
    x: float
    y: float
    size: float
    bold: bool
    ended: bool = False

    def join(self, piece: Line) -> None:
        """Take in the next piece on the same row."""
        if not self.text.strip():
            self.x, self.y, self.size, self.bold = piece.x, piece.y, piece.size, piece.bold
        elif len(piece.text.strip()) > len(self.text.strip()):
            self.size, self.bold = piece.size, piece.bold
        self.text += piece.text

    def is_far_left_of(self, piece: Line) -> bool:
        """Whether a gap wider than between words lies before ``piece``; widths are estimated."""
        width = 0.5 * self.size * len(self.text.rstrip())
        return piece.x - self.x > 1.25 * width + 2.5 * max(self.size, 1.0)


@dataclass(slots=True)
class TableRow:
    """Cells that stand side by side, each of one or more lines."""

    cells: list[list[Line]] = field(default_factory=list)

    @property
    def is_item(self) -> bool:
        """A list marker and its text, not a table."""
        marker = " ".join(line.text for line in self.cells[0])
        return len(self.cells) == 2 and _MARKER.fullmatch(marker) is not None

    @property
    def text(self) -> str:
        return " ".join(line.text for cell in self.cells for line in cell)


def rows_and_lines(lines: Sequence[Line]) -> Iterator[Line | TableRow]:
    """The lines in their order, with those that form rows put together."""
    at = 0
    while at < len(lines):
        row, after = _row(lines, at)
        if row is None:
            yield lines[at]
            at += 1
        else:
            yield row
            at = after


def _row(lines: Sequence[Line], at: int) -> tuple[TableRow | None, int]:
    """The row that begins at line ``at`` and the line after it; None when none does."""
    top = lines[at]
    row = TableRow([[top]])
    taken = after = at + 1
    while taken < len(lines) and taken - at <= CELL_LINES * 8:
        line, cell = lines[taken], row.cells[-1]
        last = cell[-1]
        level = abs(line.y - top.y) <= 0.45 * max(line.size, top.size)
        if level and line.x > cell[0].x + max(line.size, 4.0):
            row.cells.append([line])
            after = taken + 1
        elif (
            len(cell) < CELL_LINES
            and abs(line.x - cell[0].x) <= 1.0
            and 0 < last.y - line.y <= 1.5 * line.size
            and abs(line.size - last.size) < 0.5
        ):
            cell.append(line)
            if len(row.cells) > 1:
                after = taken + 1
        else:
            break
        taken += 1
    if len(row.cells) < 2:
        return None, at + 1
    return _without_followers(row, lines, at, after), after


def _without_followers(row: TableRow, lines: Sequence[Line], at: int, after: int) -> TableRow:
    """The row with the lines up to ``after``; what follows its last cell is not in it."""
    kept = {id(line) for line in lines[at:after]}
    row.cells = [[line for line in cell if id(line) in kept] for cell in row.cells]
    return row


def table_texts(rows: Sequence[TableRow]) -> list[str]:
    """The rows of one table as lines that name their columns."""
    columns = sorted(cell[0].x for cell in max(rows, key=lambda row: len(row.cells)).cells)
    table = [Row(number, _cells(row, columns)) for number, row in enumerate(rows, start=1)]
    return [line.text for line in row_lines(table)]


def _cells(row: TableRow, columns: Sequence[float]) -> tuple[str, ...]:
    """The row's cells, each under the column that begins nearest to it."""
    cells = [""] * len(columns)
    for cell in row.cells:
        nearest = min(range(len(columns)), key=lambda n: abs(columns[n] - cell[0].x))
        words = " ".join(line.text for line in cell)
        cells[nearest] = cell_text(f"{cells[nearest]} {words}")
    return tuple(cells)
