"""Reads plain text: paragraphs, list items, entries of logs, underlined or capital headings, code.

Invariant: a block's text is a slice of the file's lines and its locator names those lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.front_matter import split_labelled
from copilot.errors import SkippedInputError
from copilot.messages import Block, BlockKind, Locator, ParsedDocument

LONG_LINE = 120  # lines this long on average are paragraphs, not wrapped text
_BULLET = re.compile(r"[ \t]*(?:[-*+•·‣▪◦–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]+\S")
# How an entry of a log begins: with a time to the second, or a date and a time.
_STAMP = re.compile(
    r"[\[(<]?(?:"
    r"\d{4}[-/]\d\d[-/]\d\d[T ,]+\d\d:\d\d"
    r"|\d\d?[-/](?:\d\d|[A-Z][a-z]{2})[-/]\d{4}[: ]\d\d:\d\d"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|\d\d:\d\d:\d\d)"
)
_ENTRIES = 3
_UNDERLINE = re.compile(r"([=\-~^*#])\1{2,}[ \t]*$")
_ORG_HEADING = re.compile(r"(\*+)[ \t]+\S")


class PlainTextReader(FileReader):
    """Text files without markup, and Org files, which read well enough as text."""

    name = "text"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.TEXT})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        front = split_labelled(decoded.text, source.name)
        blocks = text_blocks(front.body, org=source.path.suffix.lower() == ".org")
        if not blocks:
            raise SkippedInputError(f"{source.name} holds no words", hint="Nothing to do.")
        yield ParsedDocument(
            title=front.title or source.title,
            blocks=blocks,
            media_type="text/plain",
            modified_at=front.modified_at,
            labels=front.labels,
            url=front.url,
            superseded=front.superseded,
            warnings=decoded.warnings,
        )


def text_blocks(text: str, *, org: bool = False, headings: bool = True) -> tuple[Block, ...]:
    """The blocks of plain text, with ``lines`` locators that count from 1.

    Without ``headings``, a line in capitals is a paragraph like any other.
    """
    lines = text.split("\n")
    found: list[Block] = []
    for first, last in chunks(lines):
        introduced = bool(found) and found[-1].text.rstrip().endswith(":")
        if not headings and not introduced:
            found.extend(_prose(lines, first, last))
        else:
            found.extend(_chunk_blocks(lines, first, last, org=org, introduced=introduced))
    return tuple(found)


def chunks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of lines between blank ones, as (first, last) with ``last`` exclusive, from 0."""
    first = None
    for n, line in enumerate(lines):
        if line.strip():
            if first is None:
                first = n
        elif first is not None:
            yield first, n
            first = None
    if first is not None:
        yield first, len(lines)


def block_of(
    lines: Sequence[str], first: int, last: int, kind: BlockKind, *, level: int = 0
) -> Block:
    """Lines ``first`` to ``last`` (exclusive, from 0) as one block."""
    text = "\n".join(lines[first:last]).rstrip()
    if kind not in ("code", "list_item"):
        text = text.lstrip()
    return Block(kind, text, Locator("lines", first + 1, last), level=level)


def list_blocks(lines: Sequence[str], first: int, last: int) -> Iterator[Block]:
    """A list whose items begin with a bullet; other lines continue the item before."""
    starts = [n for n in range(first, last) if _BULLET.match(lines[n])]
    indents = sorted({_indent(lines[n]) for n in starts})
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else last
        level = indents.index(_indent(lines[start]))
        yield block_of(lines, start, end, "list_item", level=level)


def is_bullet(line: str) -> bool:
    return _BULLET.match(line) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _chunk_blocks(
    lines: Sequence[str], first: int, last: int, *, org: bool, introduced: bool
) -> Iterator[Block]:
    while first < last:
        org_heading = _ORG_HEADING.match(lines[first]) if org else None
        if org_heading:
            end, level = first + 1, len(org_heading.group(1))
        elif _underlined(lines[first : min(first + 2, last)]):
            end, level = first + 2, 1 if lines[first + 1][0] in "=#*" else 2
        else:
            break
        heading = block_of(lines, first, end, "heading", level=level)
        if any(c.isalnum() for c in heading.text):
            yield heading
        first, introduced = end, False
    run = lines[first:last]
    if not any(c.isalnum() for line in run for c in line):
        return
    if len(run) == 1 and _is_capital_heading(run[0]):
        yield block_of(lines, first, last, "heading", level=2)
    elif introduced and all(line.startswith(("    ", "\t")) for line in run):
        yield block_of(lines, first, last, "code")
    else:
        yield from _prose(lines, first, last)


def _prose(lines: Sequence[str], first: int, last: int) -> Iterator[Block]:
    bullets = [n for n in range(first, last) if is_bullet(lines[n])]
    entries = [n for n in range(first, last) if _STAMP.match(lines[n])]
    if len(entries) >= _ENTRIES and entries[0] == first:
        for start, end in zip(entries, [*entries[1:], last], strict=True):
            yield block_of(lines, start, end, "paragraph")
    elif bullets and (bullets[0] == first or len(bullets) > 1):
        if bullets[0] > first:
            yield block_of(lines, first, bullets[0], "paragraph")
        yield from list_blocks(lines, bullets[0], last)
    elif sum(len(line) for line in lines[first:last]) > LONG_LINE * (last - first):
        for n in range(first, last):
            yield block_of(lines, n, n + 1, "paragraph")
    else:
        yield block_of(lines, first, last, "paragraph")


def _underlined(run: Sequence[str]) -> bool:
    return (
        len(run) >= 2
        and _UNDERLINE.match(run[1]) is not None
        and abs(len(run[1].strip()) - len(run[0].strip())) <= 3
    )


def _is_capital_heading(line: str) -> bool:
    words = line.strip()
    letters = [c for c in words if c.isalpha()]
    return (
        len(letters) >= 3
        and len(words) <= 70
        and all(c.isupper() for c in letters)
        and not words.endswith((".", ",", ";", "!", "?"))
    )
