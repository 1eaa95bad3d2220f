"""Turns an HTML tree into blocks in reading order.

Invariant: every word of the tree stands in one block, inline markup apart; text in ``pre`` is
kept as written, other white space is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot.adapters.readers.base import ITEM_CHARS
from copilot.adapters.readers.tables import Row, cell_text, row_lines
from copilot.messages import Block, BlockKind, Locator

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LAYOUT_CELL = 400  # a table with a longer cell is there for layout
_MAX_SPAN = 63
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK_TAGS = _HEADINGS | frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup",
        "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody",
        "td", "tfoot", "th", "thead", "tr", "ul",
    )
)  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_LEADING = re.compile(r"\s*")
_BEFORE_NUMBER = frozenset(("$", "€", "£", "¥", "("))
_AFTER_NUMBER = frozenset((")", "%", ")%"))


def words_of(element: HtmlElement) -> str:
    """All text below an element on one line."""
    return _SPACE.sub(" ", "".join(element.itertext())).strip().rstrip("¶").rstrip()


@dataclass(slots=True)
class _Inline:
    """Text that waits to become a paragraph, and the lines it came from."""

    parts: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0

    def add(self, text: str, first: int, last: int) -> None:
        if text.strip():
            if not any(part.strip() for part in self.parts):
                self.first = first
            self.last = max(last, self.first)
        self.parts.append(text)


@dataclass(slots=True)
class Walk:
    """Collects blocks over one tree."""

    found: list[Block] = field(default_factory=list)

    def blocks(self, root: HtmlElement) -> list[Block]:
        self._container(root, "paragraph", 0)
        return self.found

    def _container(
        self, element: HtmlElement, kind: BlockKind, level: int, *, below: int = 0
    ) -> None:
        """Blocks below ``element``; its own text becomes blocks of ``kind``.

        ``below`` is the level of lists inside it.
        """
        inline = _Inline()
        line = element.sourceline or 1
        if element.text:
            inline.add(element.text, *_lines(element.text, line))
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if _is_block(child):
                self._flush(inline, kind, level)
                inline = _Inline()
                self._element(child, kind, level, below=below)
            else:
                first, last = child.sourceline or line, _last_line(child)
                inline.add(_inline_text(child), first, last)
            if child.tail:
                inline.add(child.tail, *_lines(child.tail, _last_line(child)))
        self._flush(inline, kind, level)

    def _element(
        self, element: HtmlElement, kind: BlockKind, level: int, *, below: int = 0
    ) -> None:
        tag = element.tag.lower()
        if tag in _HEADINGS:
            self._whole(element, "heading", int(tag[1]))
        elif tag == "pre":
            self._whole(element, "code", 0)
        elif tag in ("ul", "ol"):
            for item in element:
                if isinstance(item.tag, str):
                    self._item(item, below)
        elif tag == "dl":
            self._definitions(element, below)
        elif tag == "table":
            self._table(element)
        elif tag == "blockquote":
            self._container(element, "quote", level, below=below)
        else:
            self._container(element, kind, level, below=below)

    def _item(self, item: HtmlElement, level: int) -> None:
        """A list item as one block, with its nested lists after it."""
        if item.tag in ("ul", "ol"):  # nested without an item around it
            self._element(item, "list_item", level, below=level + 1)
            return
        nested = [child for child in item if child.tag in ("ul", "ol", "table", "pre")]
        if not nested and len(words_of(item)) <= ITEM_CHARS:
            self._whole(item, "list_item", level)
        else:
            self._container(item, "list_item", level, below=level + 1)

    def _definitions(self, element: HtmlElement, level: int) -> None:
        term: HtmlElement | None = None
        for child in element.iter("dt", "dd"):
            if child.tag == "dt":
                if term is not None:
                    self._whole(term, "list_item", level)
                term = child
                continue
            words = words_of(child)
            if term is not None and len(words) <= ITEM_CHARS and not child.xpath(".//pre|.//dl"):
                text = f"{words_of(term).rstrip(':')}: {words}"
                self._add("list_item", text, term.sourceline or 1, _last_line(child), level)
            else:
                if term is not None:
                    self._whole(term, "list_item", level)
                self._container(child, "list_item", level, below=level + 1)
            term = None
        if term is not None:
            self._whole(term, "list_item", level)

    def _table(self, table: HtmlElement) -> None:
        trs = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        for caption in table.xpath("./caption"):
            self._whole(caption, "paragraph", 0)
        if _is_layout(table, trs):
            for tr in trs:
                for cell in tr.xpath("./td | ./th"):
                    self._container(cell, "paragraph", 0)
            return
        rows = [Row(n, _cells(tr)) for n, tr in enumerate(trs, start=1)]
        header = None
        if trs and (trs[0].xpath("parent::thead") or not trs[0].xpath("./td")):
            header, rows = rows[0].cells, rows[1:] or rows
        for line in row_lines(rows, header=header):
            tr = trs[line.number - 1]
            self._add("table", line.text, tr.sourceline or 1, _last_line(tr), 0)

    def _whole(self, element: HtmlElement, kind: BlockKind, level: int) -> None:
        if kind == "code":
            text = "".join(element.itertext()).replace("\r\n", "\n").strip("\n").rstrip()
        else:
            text = _folded(_inline_text(element)).rstrip("¶ ").strip()
        first = element.sourceline or 1
        if element.text and not element.text.strip():
            first += element.text.count("\n")
        self._add(kind, text, first, _last_line(element), level)

    def _flush(self, inline: _Inline, kind: BlockKind, level: int) -> None:
        text = _folded("".join(inline.parts))
        if text:
            self._add(kind, text, inline.first, inline.last, level if kind == "list_item" else 0)

    def _add(self, kind: BlockKind, text: str, first: int, last: int, level: int) -> None:
        if any(c.isalnum() for c in text):
            locator = Locator("lines", max(first, 1), max(first, last, 1))
            self.found.append(Block(kind, text, locator, level=level))


def _is_block(element: HtmlElement) -> bool:
    tag = element.tag.lower()
    if tag in _BLOCK_TAGS:
        return True
    # An inline element around blocks ("<a><div>…") is a container as well.
    return any(isinstance(e.tag, str) and e.tag.lower() in _BLOCK_TAGS for e in element.iter())


def _inline_text(element: HtmlElement) -> str:
    """Text below an element; line breaks are kept, blocks are set apart."""
    parts: list[str] = []
    for event, node in _events(element):
        tag = node.tag.lower() if isinstance(node.tag, str) else ""
        if event == "start":
            if tag == "br" or (tag in _BLOCK_TAGS and node is not element):
                parts.append("\v")
            if tag and node.text:
                parts.append(node.text)
        elif node is not element:
            if tag in ("td", "th", "p", "li", "div"):
                parts.append("\v" if tag != "td" else " ")
            if node.tail:
                parts.append(node.tail)
    return "".join(parts)


def _events(element: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    from lxml.etree import iterwalk

    walk: Iterator[tuple[str, HtmlElement]] = iterwalk(element, events=("start", "end"))
    return walk


def _folded(text: str) -> str:
    """White space folded; a vertical tab stands for a line break that is shown."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\v"))
    return "\n".join(line for line in lines if line)


def _lines(text: str, line: int) -> tuple[int, int]:
    """First and last line of the words in ``text``, which begins on ``line``."""
    leading = _LEADING.match(text)
    skipped = leading.group().count("\n") if leading else 0
    return line + skipped, line + text.rstrip().count("\n")


def _last_line(element: HtmlElement) -> int:
    """The line on which an element's own text ends."""
    line = element.sourceline or 1
    if element.text:
        line += element.text.rstrip().count("\n")
    for child in element:
        line = max(line, _last_line(child))
        if child.tail and child.tail.strip():
            line += child.tail.rstrip().count("\n")
    return int(line)


def _is_layout(table: HtmlElement, trs: list[HtmlElement]) -> bool:
    if table.get("role") == "presentation" or table.xpath(".//table"):
        return True
    if not any(len(tr.xpath("./td | ./th")) > 1 for tr in trs):
        return True
    return any(
        len(words_of(cell)) > _LAYOUT_CELL or cell.xpath(".//pre | .//h1 | .//h2 | .//h3")
        for tr in trs
        for cell in tr.xpath("./td | ./th")
    )


def _cells(tr: HtmlElement) -> tuple[str, ...]:
    """The row's cells, one for each column; a currency sign joins its number."""
    cells: list[str] = []
    carried = ""
    for cell in tr.xpath("./td | ./th"):
        text = cell_text(words_of(cell))
        if text in _BEFORE_NUMBER:
            carried, text = text, ""
        elif text in _AFTER_NUMBER:
            last = next((n for n in range(len(cells) - 1, -1, -1) if cells[n]), None)
            if last is not None:
                cells[last] += text
            text = ""
        elif text:
            text, carried = carried + text, ""
        cells.append(text)
        span = cell.get("colspan") or "1"
        cells.extend([""] * min(int(span) - 1 if span.isdigit() else 0, _MAX_SPAN))
    return tuple(cells)
