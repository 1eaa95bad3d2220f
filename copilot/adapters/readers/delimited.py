"""Reads CSV and TSV: one block a row, with its column names and its cells.

Invariant: a row's locator is its own cell range, counted in rows as a spreadsheet shows them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.spreadsheet import MAX_ROWS, column_name
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

_FIELD_LIMIT = 2_000_000


class DelimitedReader(FileReader):
    """Comma, semicolon, tab or bar separated values."""

    name = "csv"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.DELIMITED})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        rows, warnings = _rows(decoded.text, source)
        widths = {row.number: len(row.cells) for row in rows}
        sheet = source.path.stem
        blocks = tuple(
            Block(
                "table",
                line.text,
                Locator(
                    "cells",
                    f"{sheet}!A{line.number}",
                    f"{sheet}!{column_name(widths[line.number])}{line.number}",
                ),
            )
            for line in row_lines(rows)
        )
        yield ParsedDocument(
            title=source.title,
            blocks=blocks,
            media_type="text/csv",
            warnings=(*decoded.warnings, *warnings),
        )


def _rows(text: str, source: Input) -> tuple[list[Row], tuple[str, ...]]:
    delimiter = _delimiter(text, source.path.suffix.lower())
    csv.field_size_limit(_FIELD_LIMIT)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            if number > MAX_ROWS:
                return rows, (f"only the first {MAX_ROWS:,} rows were read",)
            rows.append(Row(number, tuple(cell_text(cell) for cell in cells)))
    except csv.Error as error:
        if not rows:
            raise ReadError(
                f"{source.name} is not a table: {error}", hint="Save it as CSV again."
            ) from error
        return rows, (f"row {len(rows) + 1} and what follows can't be read: {error}",)
    return rows, ()


def _delimiter(text: str, suffix: str) -> str:
    """The separator that cuts the first lines into the most columns, evenly."""
    if suffix in (".tsv", ".tab"):
        return "\t"
    sample = [line for line in text[:20_000].split("\n")[:20] if line.strip()]
    best, best_score = ",", 0.0
    for candidate in (",", ";", "\t", "|"):
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=candidate) if row]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count) if widths else 0
        score = (common - 1) * widths.count(common) / max(len(widths), 1)
        if score > best_score:
            best, best_score = candidate, score
    return best
