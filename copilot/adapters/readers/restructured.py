"""Reads reStructuredText: titles, paragraphs, lists, literal blocks, directives, tables.

Invariant: a block's text is a slice of the file's lines and its locator names those lines.
docutils is not used: it keeps no line numbers for what a quote needs.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from copilot.adapters.readers.base import ITEM_CHARS, FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.front_matter import split_labelled
from copilot.adapters.readers.plain_text import block_of
from copilot.messages import Block, BlockKind, ParsedDocument

_BORDER = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_BULLET = re.compile(r"[ \t]*(?:[-*+•]|#\.|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])[ \t]+\S")
_GRID = re.compile(r"[ \t]*\+[-=]{2,}[-=+]*\+[ \t]*$")
_SIMPLE = re.compile(r"[ \t]*={2,}(?:[ \t]+={2,})+[ \t]*$")
_DIRECTIVE = re.compile(r"[ \t]*\.\.[ \t]+(?:\|[^|]+\|[ \t]*)?([\w:+.-]+?)::(?:[ \t]+(.*))?$")
_FOOTNOTE = re.compile(r"[ \t]*\.\.[ \t]+\[[^\]]+\][ \t]+\S")
_OPTION = re.compile(r"[ \t]+:[\w -]+:(?:[ \t].*)?$")
_CODE_DIRECTIVES = frozenset(
    (
        "code", "code-block", "sourcecode", "literalinclude", "parsed-literal", "doctest",
        "testcode", "testoutput", "prompt", "console", "math",
    )
)  # fmt: skip
_SILENT_DIRECTIVES = frozenset(
    (
        "toctree", "contents", "image", "highlight", "index", "meta", "module", "currentmodule",
        "default-domain", "raw", "include", "sectnum", "target-notes", "replace", "unicode",
        "role", "cssclass", "rst-class", "tocdepth",
    )
)  # fmt: skip
_TABLE_DIRECTIVES = frozenset(("table", "list-table", "csv-table"))


class RestructuredReader(FileReader):
    """reStructuredText, with the directives that Sphinx adds."""

    name = "rst"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.RST})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        front = split_labelled(decoded.text, source.name)
        written = front.body.split("\n")
        lines = [line.expandtabs(8) if "\t" in line else line for line in written]
        blocks = tuple(_Scanner(written, lines).region(0, len(lines)))
        first = next((block for block in blocks if block.kind == "heading"), None)
        yield ParsedDocument(
            title=front.title or (_title(first.text) if first else source.title),
            blocks=blocks,
            media_type="text/x-rst",
            modified_at=front.modified_at,
            labels=front.labels,
            url=front.url,
            superseded=front.superseded,
            warnings=decoded.warnings,
        )


def _title(heading: str) -> str:
    line = next(line for line in heading.split("\n") if not _BORDER.match(line))
    return line.replace("``", "").replace("*", "").strip()


@dataclass(slots=True)
class _Scanner:
    """``written`` are the file's lines, ``lines`` the same with tabs expanded."""

    written: list[str]
    lines: list[str]
    styles: list[tuple[str, bool]] = field(default_factory=list)  # titles, outermost first

    def region(self, at: int, stop: int) -> Iterator[Block]:
        """The blocks of lines ``at`` to ``stop`` (exclusive, from 0)."""
        while at < stop:
            line = self.lines[at]
            if not line.strip():
                at += 1
                continue
            title = self._title_end(at, stop)
            if title:
                yield from self._heading(at, title)
                at = title
            elif _BORDER.match(line) and not _SIMPLE.match(line) and len(line.strip()) >= 4:
                at += 1
            elif line.lstrip().startswith((".. ", "__ ")) or line.strip() == "..":
                end = self._body_end(at, stop)
                yield from self._explicit(at, end)
                at = end
            elif _GRID.match(line) or _SIMPLE.match(line):
                end = self._table_end(at, stop)
                yield from self._block(at, end, "table")
                at = end
            elif _BULLET.match(line):
                end = self._body_end(at, stop)
                yield from self._item(at, end, 0)
                at = end
            else:
                at = yield from self._paragraph(at, stop)

    def _paragraph(self, at: int, stop: int) -> Generator[Block, None, int]:
        """A paragraph and the literal block it introduces; returns the line after them."""
        end = at
        while end < stop and self.lines[end].strip():
            end += 1
        is_doctest = self.lines[at].lstrip().startswith(">>> ")
        yield from self._block(at, end, "code" if is_doctest else "paragraph")
        if not self.lines[end - 1].rstrip().endswith("::"):
            return end
        code = self._body_end(end - 1, stop, of=self._indent(at))
        yield from self._block(end, code, "code")
        return code

    def _heading(self, at: int, end: int) -> Iterator[Block]:
        overlined = end - at == 3
        style = (self.lines[end - 1].strip()[0], overlined)
        if style not in self.styles:
            self.styles.append(style)
        yield from self._block(at, end, "heading", level=self.styles.index(style) + 1)

    def _title_end(self, at: int, stop: int) -> int:
        """The line after a section title that begins at ``at``; 0 when none does."""
        line = self.lines[at]
        if self._indent(at) == 0 and at + 1 < stop and not _BORDER.match(line):
            under = self.lines[at + 1]
            if _BORDER.match(under) and len(under.strip()) + 2 >= len(line.strip()):
                return at + 2
        if (
            at + 2 < stop
            and _BORDER.match(line)
            and self.lines[at + 1].strip()
            and self.lines[at + 2].strip() == line.strip()
            and len(line.strip()) + 2 >= len(self.lines[at + 1].strip())
        ):
            return at + 3
        return 0

    def _explicit(self, at: int, end: int) -> Iterator[Block]:
        """A directive, footnote, target or comment."""
        if _FOOTNOTE.match(self.lines[at]):
            yield from self._block(at, end, "paragraph")
            return
        directive = _DIRECTIVE.match(self.lines[at])
        if directive is None or directive.group(1) in _SILENT_DIRECTIVES:
            return
        name, argument = directive.group(1), directive.group(2)
        body = at + 1
        while body < end and _OPTION.match(self.lines[body]):
            body += 1
        if name in _CODE_DIRECTIVES:
            yield from self._block(body, end, "code")
        elif name in _TABLE_DIRECTIVES:
            yield from self._block(body, end, "table")
        else:
            # The argument of a note is its text; of a function its signature.
            first = at if argument else body
            if argument and body == at + 1 and body < end and self.lines[body].strip():
                body = self._run_end(at, end)
            if argument:
                yield from self._block(first, body if body > at + 1 else at + 1, "paragraph")
            yield from self.region(max(body, at + 1), end)

    def _item(self, at: int, end: int, level: int) -> Iterator[Block]:
        """A list item; nested items are blocks of their own."""
        nested = [
            n
            for n in range(at + 1, end)
            if _BULLET.match(self.lines[n]) and not self.lines[n - 1].strip()
        ]
        own_end = nested[0] if nested else end
        if sum(len(line) for line in self.lines[at:own_end]) <= ITEM_CHARS:
            yield from self._block(at, own_end, "list_item", level=level)
        else:
            head = self._run_end(at, own_end)
            yield from self._block(at, head, "list_item", level=level)
            yield from self.region(head, own_end)
        while own_end < end:
            stop = self._body_end(own_end, end)
            if _BULLET.match(self.lines[own_end]):
                yield from self._item(own_end, stop, level + 1)
            else:
                yield from self._block(own_end, stop, "list_item", level=level)
            own_end = stop

    def _body_end(self, at: int, stop: int, *, of: int | None = None) -> int:
        """The line after everything that is indented deeper than line ``at`` (or than ``of``)."""
        indent = self._indent(at) if of is None else of
        end = at + 1
        for n in range(at + 1, stop):
            if self.lines[n].strip():
                if self._indent(n) <= indent:
                    break
                end = n + 1
        return end

    def _table_end(self, at: int, stop: int) -> int:
        border = _GRID if _GRID.match(self.lines[at]) else _SIMPLE
        end = at + 1
        for n in range(at + 1, stop):
            if border.match(self.lines[n]):
                end = n + 1
                if n + 1 >= stop or not self.lines[n + 1].strip():
                    break
            elif border is _GRID and not self.lines[n].strip():
                break
        return max(end, self._run_end(at, stop)) if end == at + 1 else end

    def _run_end(self, at: int, stop: int) -> int:
        while at < stop and self.lines[at].strip():
            at += 1
        return at

    def _indent(self, at: int) -> int:
        return len(self.lines[at]) - len(self.lines[at].lstrip())

    def _block(self, at: int, end: int, kind: BlockKind, *, level: int = 0) -> Iterator[Block]:
        while at < end and not self.lines[at].strip():
            at += 1
        while end > at and not self.lines[end - 1].strip():
            end -= 1
        if any(c.isalnum() for line in self.lines[at:end] for c in line):
            yield block_of(self.written, at, end, kind, level=level)
