"""Reads Excel workbooks: one block a row, with its column names, sheet by sheet.

Invariant: a row's locator is its own cell range; a huge or sparse sheet costs bounded time and
memory, and what was left out is a warning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, cast

from copilot.adapters.readers.base import FileReader, Input, stated_before
from copilot.adapters.readers.containers import (
    DAMAGE,
    MAX_MEMBER,
    check_archive,
    quiet_vendor,
)
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet

MAX_ROWS = 100_000  # of one sheet
MAX_COLUMNS = 256
_BLANK_RUN = 2_000  # a sheet ends after so many blank rows: formatting reaches further


class SpreadsheetReader(FileReader):
    """XLSX and XLSM, values as last calculated."""

    name = "xlsx"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.XLSX})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        opened_at = dt.datetime.now(dt.UTC)
        warnings: list[str] = []
        blocks: list[Block] = []
        with source.open() as stream, quiet_vendor():
            check_archive(stream, source.name, max_markup=MAX_MEMBER)  # rows are streamed
            try:
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
                try:
                    for name in book.sheetnames:
                        blocks.extend(_sheet_blocks(book, name, warnings))
                    modified = stated_before(book.properties.modified, opened_at)
                finally:
                    book.close()
            except (InvalidFileException, *DAMAGE) as error:
                raise ReadError(
                    f"{source.name} is not a workbook that can be read: {error}",
                    hint="Open it in a spreadsheet program and save it again.",
                ) from error
        yield ParsedDocument(
            title=source.title,
            blocks=tuple(blocks),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            modified_at=modified,
            warnings=tuple(warnings),
        )


def column_name(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters or "A"


def _sheet_blocks(book: Workbook, name: str, warnings: list[str]) -> Iterator[Block]:
    sheet = book[name]
    if not hasattr(sheet, "iter_rows"):
        return  # a chart sheet
    if sheet.sheet_state != "visible":
        warnings.append(f"sheet {name!r} is hidden and was left out")
        return
    # Stored dimensions are often wrong, and openpyxl trusts them.
    sheet.reset_dimensions()
    spans: dict[int, tuple[int, int]] = {}
    rows = _rows(sheet, name, spans, warnings)
    for n, line in enumerate(row_lines(rows)):
        if n == 0:
            yield Block("heading", name, Locator("cells", f"{name}!A1", f"{name}!A1"), 1, name)
        first, last = spans[line.number]
        start = f"{name}!{column_name(first)}{line.number}"
        end = f"{name}!{column_name(last)}{line.number}"
        yield Block("table", line.text, Locator("cells", start, end), part=name)


def _rows(
    sheet: ReadOnlyWorksheet,
    name: str,
    spans: dict[int, tuple[int, int]],
    warnings: list[str],
) -> Iterator[Row]:
    """The sheet's rows up to the limits; fills ``spans`` with first and last used column."""
    blank = 0
    all_rows = cast("Worksheet", sheet).iter_rows(max_col=MAX_COLUMNS)
    for number, row in enumerate(all_rows, start=1):
        cells = tuple(_cell_text(cell) for cell in row)
        used = [n for n, cell in enumerate(cells, start=1) if cell]
        if not used:
            blank += 1
            if blank > _BLANK_RUN:
                return
            continue
        blank = 0
        if number > MAX_ROWS:
            warnings.append(f"sheet {name!r}: only the first {MAX_ROWS:,} rows were read")
            return
        spans[number] = (used[0], used[-1])
        yield Row(number, cells)


def _cell_text(cell: Cell | MergedCell) -> str:
    """A cell as it is shown, as far as that changes its meaning: 0.15 may be shown as 15%."""
    value = cell.value
    is_number = type(value) in (int, float)
    if is_number and "%" in str(cell.number_format):
        return f"{cast('float', value) * 100:.10g}%"
    return _value_text(value)


def _value_text(value: object) -> str:
    match value:
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime():
            return value.isoformat(" ", "minutes")
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return f"{value:.10g}"
        case _:
            return cell_text(value)
