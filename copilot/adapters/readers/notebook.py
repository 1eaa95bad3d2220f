"""Reads Jupyter notebooks: Markdown cells, code cells and their text outputs.

Invariant: every block is located by the number of its cell, from 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.front_matter import split_labelled
from copilot.adapters.readers.markdown import first_heading, markdown_blocks
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

MAX_OUTPUT = 2000  # characters of one output; more is a dump, not an explanation


class NotebookReader(FileReader):
    """IPYNB, versions 3 and 4 of the format."""

    name = "notebook"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.NOTEBOOK})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        try:
            notebook = json.loads(decoded.text)
        except (ValueError, RecursionError) as error:
            raise ReadError(
                f"{source.name} is not valid JSON: {error}", hint="Save the notebook again."
            ) from error
        cells = _cells(notebook) if isinstance(notebook, dict) else None
        if cells is None:
            raise ReadError(
                f"{source.name} has no notebook cells", hint="Save it from Jupyter again."
            )
        blocks = tuple(
            block
            for number, cell in enumerate(cells, start=1)
            if isinstance(cell, dict)
            for block in _cell_blocks(cell, Locator("cell", number, number))
        )
        front = split_labelled(_head(cells), source.name)
        yield ParsedDocument(
            title=first_heading(blocks) or source.title,
            blocks=blocks,
            media_type="application/x-ipynb+json",
            labels=front.labels,
            warnings=decoded.warnings,
        )


def _cells(notebook: Mapping[str, object]) -> list[object] | None:
    cells = notebook.get("cells")
    if cells is None and isinstance(sheets := notebook.get("worksheets"), list):
        cells = [
            cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []
        ]
    return cells if isinstance(cells, list) else None


def _head(cells: Sequence[object]) -> str:
    """The first cell, unless it is code: site generators look for front matter there."""
    first = cells[0] if cells else None
    if not isinstance(first, dict) or first.get("cell_type") not in ("raw", "markdown"):
        return ""
    return _source(first)


def _source(cell: Mapping[str, object]) -> str:
    return _joined(cell.get("source", cell.get("input"))).replace("\r\n", "\n")


def _cell_blocks(cell: Mapping[str, object], here: Locator) -> Iterator[Block]:
    text = _source(cell)
    match cell.get("cell_type"):
        case "markdown":
            for block in markdown_blocks(text):
                yield replace(block, locator=here)
        case "heading":
            level = cell.get("level")
            yield Block("heading", text.strip(), here, level=level if isinstance(level, int) else 1)
        case "code" | "raw" if text.strip():
            yield Block("code", text.strip("\n").rstrip(), here)
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        words = _output_text(output).strip("\n").rstrip() if isinstance(output, dict) else ""
        if any(c.isalnum() for c in words):
            yield Block("code", words[:MAX_OUTPUT], here)


def _output_text(output: Mapping[str, object]) -> str:
    if "text" in output:
        return _joined(output["text"])
    data = output.get("data")
    if isinstance(data, dict):
        return _joined(data.get("text/plain"))
    return ""


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
