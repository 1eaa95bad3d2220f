"""Reads OpenDocument texts: headings, paragraphs, lists and tables in body order.

Invariant: a block's locator counts the body's elements from 1, as for Word documents.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.containers import DAMAGE, check_archive, parse_xml, quiet_vendor
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

_REPEAT_LIMIT = 63
_DEPTH = 40


class OpenDocumentReader(FileReader):
    """ODT."""

    name = "odt"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.ODT})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        with source.open() as stream, quiet_vendor():
            check_archive(stream, source.name)
            try:
                with zipfile.ZipFile(stream) as archive:
                    root = parse_xml(archive.read("content.xml"), source.name)
            except DAMAGE as error:
                raise ReadError(
                    f"{source.name} has no content that can be read", hint="Get a fresh copy."
                ) from error
        bodies = root.xpath("//*[local-name()='text' and namespace-uri()=namespace-uri(..)]")
        blocks: list[Block] = []
        if bodies:
            for number, element in enumerate(_elements(bodies[0]), start=1):
                blocks.extend(_blocks(element, Locator("paragraphs", number, number), 0))
        heading = next((b.text for b in blocks if b.kind == "heading" and b.level == 1), "")
        yield ParsedDocument(
            title=heading or source.title,
            blocks=tuple(blocks),
            media_type="application/vnd.oasis.opendocument.text",
        )


def _elements(body: _Element) -> Iterator[_Element]:
    """The body's paragraphs, lists and tables; sections are looked into."""
    for child in body:
        if _tag(child) in ("section", "index-body"):
            yield from _elements(child)
        else:
            yield child


def _blocks(element: _Element, here: Locator, depth: int) -> Iterator[Block]:
    match _tag(element):
        case "h":
            level = _number(element, "outline-level") or 1
            yield from _worded(Block("heading", _text(element), here, level=level))
        case "p":
            yield from _worded(Block("paragraph", _text(element), here))
        case "list" if depth < _DEPTH:
            for item in element:
                for child in item:
                    if _tag(child) == "list":
                        yield from _blocks(child, here, depth + 1)
                    else:
                        yield from _worded(Block("list_item", _text(child), here, level=depth))
        case "table":
            rows = [
                Row(n, tuple(_cells(row)))
                for n, row in enumerate(element.xpath(".//*[local-name()='table-row']"), start=1)
            ]
            for line in row_lines(rows):
                yield Block("table", line.text, here)


def _cells(row: _Element) -> Iterator[str]:
    for cell in row:
        repeat = min(_number(cell, "number-columns-repeated") or 1, _REPEAT_LIMIT)
        words = " ".join(_text(child) for child in cell)
        for _ in range(repeat if words.strip() else 1):
            yield cell_text(words)


def _worded(block: Block) -> Iterator[Block]:
    if any(c.isalnum() for c in block.text):
        yield block


def _text(element: _Element) -> str:
    parts: list[str] = [element.text or ""]
    for child in element.iterdescendants():
        match _tag(child):
            case "line-break":
                parts.append("\n")
            case "s" | "tab":
                parts.append(" ")
            case _:
                parts.append(child.text or "")
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _tag(element: _Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(element: _Element, name: str) -> int:
    found = element.xpath(f"@*[local-name()='{name}']")
    return int(found[0]) if found and str(found[0]).isdigit() else 0
