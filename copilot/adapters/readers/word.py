"""Reads Word documents: headings, paragraphs, lists and tables in body order.

Invariant: a block's locator counts the body's elements from 1, paragraphs and tables alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import FileReader, Input, stated_before
from copilot.adapters.readers.containers import DAMAGE, check_archive, quiet_vendor
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.errors import ReadError
from copilot.messages import Block, BlockKind, Locator, ParsedDocument

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_HEADING = re.compile(r"(?:heading|überschrift|titre|título)\s*(\d)", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list|aufzählung|bullet", re.IGNORECASE)
_CODE_STYLE = re.compile(r"code|preformatted|source", re.IGNORECASE)
_QUOTE_STYLE = re.compile(r"quote|zitat", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:[•·‣▪◦●○–-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_TEMPLATE_DATE = datetime(2013, 12, 23, tzinfo=UTC).date()  # python-docx's own template
_NESTED_TABLES = 3
MAX_SPAN = 63


class WordReader(FileReader):
    """DOCX; old .doc files are told apart and refused by name."""

    name = "docx"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.DOCX})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        import docx
        from docx.opc.exceptions import OpcError
        from lxml.etree import LxmlError

        opened_at = datetime.now(UTC)
        with source.open() as stream, quiet_vendor():
            check_archive(stream, source.name)
            try:
                document = docx.Document(stream)
                blocks = tuple(_blocks(document))
                title, modified = _properties(document, opened_at)
            except (OpcError, LxmlError, *DAMAGE) as error:
                raise ReadError(
                    f"{source.name} is not a Word document that can be read: {error}",
                    hint="Open it in a word processor and save it again.",
                ) from error
        heading = next((b.text for b in blocks if b.kind == "heading" and b.level == 1), "")
        yield ParsedDocument(
            title=title or heading or source.title,
            blocks=blocks,
            media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            modified_at=modified,
        )


def _properties(document: Document, opened_at: datetime) -> tuple[str, datetime | None]:
    properties = document.core_properties
    modified = stated_before(properties.modified, opened_at)
    if modified is not None and modified.date() == _TEMPLATE_DATE:
        modified = None
    title = " ".join((properties.title or "").split())
    return ("" if title.lower() in ("word document", "title") else title), modified


def _blocks(document: Document) -> Iterator[Block]:
    from docx.text.paragraph import Paragraph

    # python-docx looks a style up in the whole list for each paragraph.
    styles = {style.style_id: style.name or "" for style in document.styles}
    for number, element in enumerate(document.iter_inner_content(), start=1):
        here = Locator("paragraphs", number, number)
        if isinstance(element, Paragraph):
            block = _paragraph(element, styles.get(element._p.style or "", ""), here)
            if block is not None:
                yield block
        else:
            yield from _table(element, here)


def _paragraph(paragraph: Paragraph, style: str, here: Locator) -> Block | None:
    text = _text(paragraph)
    if not any(c.isalnum() for c in text):
        return None
    heading = _HEADING.match(style)
    if heading or style.lower() == "title":
        level = int(heading.group(1)) if heading else 1
        return Block("heading", " ".join(text.split()), here, level=max(level, 1))
    nesting = _list_level(paragraph)
    kind: BlockKind = "paragraph"
    if nesting is not None or _LIST_STYLE.search(style) or _BULLET.match(text):
        kind = "list_item"
    elif _CODE_STYLE.search(style):
        kind = "code"
    elif _QUOTE_STYLE.search(style):
        kind = "quote"
    return Block(kind, text, here, level=nesting or 0)


def _text(paragraph: Paragraph) -> str:
    """The paragraph's text with its hyperlinks, and text boxes that hang on it."""
    text = str(paragraph.text)
    boxes = paragraph._p.xpath(".//*[local-name()='txbxContent']//w:p")
    if boxes:
        seen: list[str] = []
        for box in boxes:
            words = "".join(node.text or "" for node in box.xpath(".//w:t"))
            if words.strip() and words not in seen and words not in text:
                seen.append(words)
        text = "\n".join([text, *seen]) if text.strip() else "\n".join(seen)
    return text.replace("\xa0", " ").strip()


def _list_level(paragraph: Paragraph) -> int | None:
    """The nesting of a numbered or bulleted paragraph, from 0; None when it is neither."""
    found = paragraph._p.xpath("./w:pPr/w:numPr/w:ilvl/@w:val")
    if found:
        return int(found[0]) if str(found[0]).isdigit() else 0
    return 0 if paragraph._p.xpath("./w:pPr/w:numPr/w:numId") else None


def _table(table: Table, here: Locator, depth: int = 0) -> Iterator[Block]:
    """The rows as they stand in the XML: python-docx stumbles over gaps in a table's grid."""
    rows: list[Row] = []
    for number, row in enumerate(table._tbl.xpath("./w:tr"), start=1):
        cells: list[str] = []
        for cell in row.xpath("./w:tc | ./w:sdt/w:sdtContent/w:tc"):
            continued = cell.xpath("./w:tcPr/w:vMerge[not(@w:val='restart')]")
            words = " ".join(_cell_paragraphs(cell))
            cells.append("" if continued else cell_text(words))
            spans = cell.xpath("./w:tcPr/w:gridSpan/@w:val")
            width = int(spans[0]) if spans and str(spans[0]).isdigit() else 1
            cells.extend([""] * min(width - 1, MAX_SPAN))
        rows.append(Row(number, tuple(cells)))
    for line in row_lines(rows):
        yield Block("table", line.text, here)
    if depth < _NESTED_TABLES:
        from docx.table import Table as WordTable

        for inner in table._tbl.xpath("./w:tr/w:tc/w:tbl"):
            yield from _table(WordTable(inner, table._parent), here, depth + 1)


def _cell_paragraphs(cell: BaseOxmlElement) -> Iterator[str]:
    for paragraph in cell.xpath("./w:p | ./w:sdt//w:p"):
        yield "".join(
            node.text or " " if node.tag.endswith("}t") else " "
            for node in paragraph.xpath(".//w:t | .//w:tab | .//w:br")
        )
