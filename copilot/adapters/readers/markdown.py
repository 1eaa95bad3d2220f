"""Reads Markdown: headings, paragraphs, list items, code, tables and quotes, verbatim.

Invariant: a block's text is a slice of the file's lines and its locator names those lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from copilot.adapters.readers.base import ITEM_CHARS, FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.front_matter import FrontMatter, split_front_matter
from copilot.adapters.readers.plain_text import text_blocks
from copilot.messages import Block, BlockKind, Locator, ParsedDocument

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MAX_NESTING = 200
_ADMONITION = re.compile(r"([ \t]*)(?:!!!|\?\?\?\+?|===\+?!?)[ \t]+(.*)$")
_ADMONITION_TITLE = re.compile(r"[\"'].+[\"']")
_FENCE = re.compile(r"[ \t>]*+(?:(?:[-*+]|\d+[.)])[ \t]*+)?(```+|~~~+)(.*)$")
_SILENT = re.compile(
    r"[ \t]*(?:///+[ \t]*(?:[\w-]+)?|\[TOC\]|\([\w:.-]+\)=|:::+(?:[ \t]*\{[\w-]*\})?)[ \t]*$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])"
)
_EMPHASIS = re.compile(r"`|\*+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
_ANCHOR = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")


class MarkdownReader(FileReader):
    """Markdown, with front matter, admonitions and the fences of common site generators."""

    name = "markdown"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.MARKDOWN})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        front = split_front_matter(decoded.text, source.name)
        blocks, warnings = read_markdown(front.body)
        yield ParsedDocument(
            title=front.title or first_heading(blocks) or source.title,
            blocks=(*_description(front), *blocks),
            media_type="text/markdown",
            modified_at=front.modified_at,
            labels=front.labels,
            url=front.url,
            superseded=front.superseded,
            warnings=(*decoded.warnings, *front.warnings, *warnings),
        )


def first_heading(blocks: Sequence[Block]) -> str:
    """The text of the first heading of level 1, without markup; empty when there is none."""
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            return heading_words(block.text)
    return ""


def heading_words(text: str) -> str:
    """A heading's words: no hashes, underline, links, emphasis or anchor."""
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    line = _ANCHOR.sub("", _TAG.sub("", line).strip("# \t"))
    return _EMPHASIS.sub("", _LINK.sub(r"\1", line)).strip()


def _description(front: FrontMatter) -> tuple[Block, ...]:
    if not front.description:
        return ()
    line = front.description_line
    return (Block("paragraph", front.description, Locator("lines", line, line)),)


def markdown_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of Markdown text, with ``lines`` locators that count from 1."""
    return read_markdown(text)[0]


def read_markdown(text: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """As ``markdown_blocks``, with warnings."""
    lines = text.split("\n")
    tokens = _parser().parse("\n".join(_without_site_syntax(lines)))
    if any(token.level >= _MAX_NESTING - 2 for token in tokens):
        return text_blocks(text), ("nested too deep: read without its markup",)
    return tuple(_Walk(tokens, lines).blocks(0, len(tokens), 0)), ()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # What is nested deeper than maxNesting it drops without a word.
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _without_site_syntax(lines: Sequence[str]) -> list[str]:
    """The same number of lines, with what site generators add to Markdown taken out.

    The body of an admonition or tab is outdented, else CommonMark takes it for code.
    """
    shown: list[str] = []
    fence = ""
    outdents: list[int] = []  # indentation of each open admonition's marker, in the file
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        while outdents and line.strip() and indent < outdents[-1] + 4 and not fence:
            outdents.pop()
        shown_line = line[min(indent, 4 * len(outdents)) :] if outdents else line
        opened = _FENCE.match(line)
        if fence:
            if opened and opened.group(1).startswith(fence) and not opened.group(2).strip():
                fence = ""
            shown.append(shown_line)
            continue
        if opened:
            fence = opened.group(1)
        marker = _ADMONITION.match(line)
        if marker:
            outdents.append(indent)
            titled = _ADMONITION_TITLE.search(marker.group(2))
            shown_line = shown_line if titled else ""
        shown.append("" if _SILENT.match(shown_line) else shown_line)
    return shown


@dataclass(frozen=True, slots=True)
class _Walk:
    """Turns a flat token list into blocks; ``lines`` are the file's own."""

    tokens: Sequence[Token]
    lines: Sequence[str]

    def blocks(self, at: int, stop: int, depth: int) -> Iterator[Block]:
        """The blocks of ``tokens[at:stop]``; ``depth`` is the nesting of lists."""
        while at < stop:
            token = self.tokens[at]
            after = self._closing(at) + 1
            match token.type:
                case "heading_open":
                    yield from self._block("heading", token.map, level=int(token.tag[1]))
                case "paragraph_open":
                    yield from self._block("paragraph", token.map)
                case "fence" if not token.info.strip().startswith(("{toctree", "{contents")):
                    yield from self._block("code", token.map)
                case "code_block":
                    yield from self._block("code", token.map)
                case "table_open":
                    yield from self._block("table", token.map)
                case "blockquote_open":
                    yield from self._block("quote", token.map)
                case "html_block":
                    yield from self._html(token)
                case "bullet_list_open" | "ordered_list_open":
                    yield from self._items(at + 1, after - 1, depth)
            at = after

    def _items(self, at: int, stop: int, depth: int) -> Iterator[Block]:
        while at < stop:
            after = self._closing(at) + 1
            yield from self._item(at, after, depth)
            at = after

    def _item(self, at: int, stop: int, depth: int) -> Iterator[Block]:
        """An item up to its nested lists as one block; each nested item is its own."""
        span = self.tokens[at].map
        if span is None:
            return
        first, last = span
        inner = at + 1
        while inner < stop - 1:
            after = self._closing(inner) + 1
            if self.tokens[inner].type in ("bullet_list_open", "ordered_list_open"):
                begin, end = self.tokens[inner].map or (first, first)
                yield from self._own(first, begin, at, inner, depth)
                yield from self._items(inner + 1, after - 1, depth + 1)
                first, at = end, after - 1
            inner = after
        yield from self._own(first, last, at, stop - 1, depth)

    def _own(self, first: int, last: int, at: int, stop: int, depth: int) -> Iterator[Block]:
        """What stands in an item between ``first`` and ``last``, whole unless it is long."""
        if sum(len(line) for line in self.lines[first:last]) <= ITEM_CHARS:
            yield from self._block("list_item", [first, last], level=depth)
            return
        parts = list(self.blocks(at + 1, stop, depth))
        for n, block in enumerate(parts):
            kind: BlockKind = "list_item" if n == 0 else block.kind
            if n == 0 and block.kind == "paragraph":  # the marker stands before the paragraph
                yield from self._block(kind, [first, int(block.locator.end)], level=depth)
            else:
                yield block

    def _html(self, token: Token) -> Iterator[Block]:
        words = _TAG.sub("", _COMMENT.sub("", token.content))
        if any(c.isalnum() for c in words):
            yield from self._block("paragraph", token.map)

    def _block(
        self, kind: BlockKind, span: Sequence[int] | None, *, level: int = 0
    ) -> Iterator[Block]:
        if span is None:
            return
        first, last = span[0], min(span[1], len(self.lines))
        while first < last and not self.lines[first].strip():
            first += 1
        while first < last and not self.lines[last - 1].strip():
            last -= 1
        text = "\n".join(self.lines[first:last]).rstrip()
        if kind not in ("code", "list_item"):
            text = text.lstrip()
        if any(c.isalnum() for c in text):
            yield Block(kind, text, Locator("lines", first + 1, last), level=level)

    def _closing(self, at: int) -> int:
        """The index of the token that closes the one at ``at``."""
        depth = 0
        for i in range(at, len(self.tokens)):
            depth += self.tokens[i].nesting
            if depth == 0:
                return i
        return len(self.tokens) - 1
