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
_WIDTHS = {**dict.fromkeys("ijl'|", 0.22), **dict.fromkeys("ftrI.,;:!()[] -", 0.3),
           **dict.fromkeys("cksvxyz", 0.5), **dict.fromkeys("mwMW@%—", 0.85)}  # fmt: skip
_WORD_PIECES = 3.5  # pieces a row, on average, on a page that places each word by itself


@dataclass(slots=True)
class Line:
    """A line of text with its place in points from the lower left, and its font size."""

    text: str
    x: float
    y: float
    size: float
    bold: bool
    mono: bool = False
    ended: bool = False

    def join(self, piece: Line) -> None:
        """Take in the next piece on the same row."""
        if not self.text.strip():
            self.x, self.y, self.size, self.bold = piece.x, piece.y, piece.size, piece.bold
        elif len(piece.text.strip()) > len(self.text.strip()):
            self.size, self.bold = piece.size, piece.bold
        self.text += piece.text

    def is_apart_from(self, piece: Line) -> bool:
        """Whether ``piece`` on the same row is a cell of its own, not the next word."""
        gap = piece.x - self.x - self._width
        marker = self.text.strip()
        if _MARKER.fullmatch(marker):
            return gap > (0.8 if marker.isalpha() else 0.45) * self.size
        return gap > 0.15 * self._width + self.size

    @property
    def _width(self) -> float:
        """In points, as common fonts would have it: pypdf doesn't tell."""
        ems = sum(_WIDTHS.get(c, 0.68 if c.isupper() else 0.54) for c in self.text.rstrip())
        return self.size * max(ems, 0.6 * len(self.text.rstrip()) if self.mono else 0.0)


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


def on_one_row(lines: Sequence[Line]) -> list[Line]:
    """The lines, with words joined on a page whose program placed each word by itself."""
    if not _places_words(lines):
        return list(lines)
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and _follows(last, line) and not last.is_apart_from(line):
            if len(line.text) > len(last.text):
                last.size, last.bold, last.mono = line.size, line.bold, line.mono
            last.text = f"{last.text} {line.text}"
        else:
            joined.append(line)
    return joined


def _places_words(lines: Sequence[Line]) -> bool:
    rows: list[list[Line]] = []
    for line in lines:
        if rows and _follows(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    split = [row for row in rows if len(row) > 1]
    pieces = [line for row in split for line in row]
    single = sum(1 for line in pieces if " " not in line.text)
    return single > 0.7 * len(pieces) and len(pieces) >= _WORD_PIECES * len(split) > 0


def _follows(last: Line, line: Line) -> bool:
    level = abs(last.y - line.y) <= 0.45 * max(last.size, line.size)
    return level and line.x > last.x


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
