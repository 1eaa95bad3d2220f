"""Reads source code, cut where top-level definitions begin.

Invariant: blocks are runs of whole lines of the file, so that an indentation or a line number
is never lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import LANGUAGES, Format
from copilot.messages import Block, Locator, ParsedDocument

BLOCK_CHARS = 700  # small neighbours share a block up to this size
_TOP_LEVEL = re.compile(r"[^\s)\]}#/*]")
_DEFINITION = re.compile(
    r"(?:@|(?:export |default |pub(?:\([\w:]+\))? |public |private |protected |static |async "
    r"|abstract |final |unsafe |extern )*"
    r"(?:def|class|func|function|fn|impl|struct|enum|trait|interface|type|module|namespace"
    r"|const|let|var|package|resource|message|service|create|sub)\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\s*(?:#|//|/\*|\*|--|;|@|\"\"\"|''')")


class CodeReader(FileReader):
    """Program text of any language; the suffix names it."""

    name = "code"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.CODE})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        language = LANGUAGES.get(source.path.suffix.lower(), source.path.name.lower())
        yield ParsedDocument(
            title=source.name,
            blocks=code_blocks(decoded.text),
            media_type=f"text/x-{language}",
            warnings=decoded.warnings,
        )


def code_blocks(text: str) -> tuple[Block, ...]:
    """Code as blocks of whole definitions; small neighbours share one. Lines count from 1."""
    lines = text.split("\n")
    starts = _starts(lines)
    found: list[Block] = []
    first, size = 0, 0
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        length = sum(len(line) + 1 for line in lines[start:end])
        if start > first and size + length > BLOCK_CHARS:
            found.extend(_block(lines, first, start))
            first, size = start, 0
        size += length
    found.extend(_block(lines, first, len(lines)))
    return tuple(found)


def _starts(lines: Sequence[str]) -> list[int]:
    """Lines where a new piece may begin: a definition with its comments, or after a gap."""
    starts = [0]
    for n in range(1, len(lines)):
        line = lines[n]
        if not line.strip():
            continue
        after_gap = not lines[n - 1].strip()
        unindented = _TOP_LEVEL.match(line) or (after_gap and not line[0].isspace())
        if not unindented or not (after_gap or _DEFINITION.match(line)):
            continue
        # Comments and decorators right above belong to the definition.
        begin = n
        while (
            begin - 1 > starts[-1]
            and _LEADING.match(lines[begin - 1])
            and not lines[begin - 1][:1].isspace()
        ):
            begin -= 1
        if begin > starts[-1]:
            starts.append(begin)
    return starts


def _block(lines: Sequence[str], first: int, last: int) -> Iterator[Block]:
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    if first < last and any(c.isalnum() for line in lines[first:last] for c in line):
        yield Block(
            "code", "\n".join(lines[first:last]).rstrip(), Locator("lines", first + 1, last)
        )
