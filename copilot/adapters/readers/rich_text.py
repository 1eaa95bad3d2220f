"""Reads RTF: its paragraphs, without fonts, styles, pictures and hidden groups.

Invariant: a block's locator counts paragraphs from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.detecting import Format
from copilot.messages import Block, BlockKind, Locator, ParsedDocument

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)"
)
_SILENT = frozenset(
    (
        b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata",
        b"datastore", b"xmlnstbl", b"listtable", b"listoverridetable", b"rsidtbl", b"generator",
        b"latentstyles", b"header", b"footer", b"headerf", b"footerf", b"fldinst", b"filetbl",
    )
)  # fmt: skip
_BREAKS = {b"par": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"line": " ", b"tab": " ",
           b"cell": " | ", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’",
           b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}  # fmt: skip
_BULLET = re.compile(r"\s*(?:[•·-]|\d{1,3}[.)])\s+\S")


class RichTextReader(FileReader):
    """RTF as word processors write it."""

    name = "rtf"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.RTF})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        text = _Decoder().text(source.read())
        blocks: list[Block] = []
        for number, line in enumerate(text.split("\n"), start=1):
            words = " ".join(line.split()).strip("| ")
            if any(c.isalnum() for c in words):
                kind: BlockKind = "list_item" if _BULLET.match(words) else "paragraph"
                blocks.append(Block(kind, words, Locator("paragraphs", number, number)))
        yield ParsedDocument(title=source.title, blocks=tuple(blocks), media_type="application/rtf")


@dataclass(slots=True)
class _Decoder:
    """Runs over the tokens once; a group's silence and code page end with it."""

    out: list[str] = field(default_factory=list)
    groups: list[tuple[bool, int]] = field(default_factory=list)
    silent: bool = False
    fallback: int = 1  # characters that stand in for one Unicode escape
    skip: int = 0
    code_page: str = "cp1252"

    def text(self, data: bytes) -> str:
        for match in _TOKEN.finditer(data):
            word, number, hexadecimal, symbol, brace, plain = match.groups()
            if brace == b"{":
                self.groups.append((self.silent, self.fallback))
            elif brace == b"}":
                if self.groups:
                    self.silent, self.fallback = self.groups.pop()
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == b"*":
                self.silent = True
            elif symbol and symbol in b"\\{}~_-":
                self._add({b"~": " ", b"_": "-", b"-": ""}.get(symbol, symbol.decode("ascii")))
            elif hexadecimal:
                self._bytes(bytes([int(hexadecimal, 16)]))
            elif plain:
                self._bytes(plain)
        return "".join(self.out)

    def _word(self, word: bytes, number: int | None) -> None:
        if word in _SILENT:
            self.silent = True
        elif word in _BREAKS:
            self._add(_BREAKS[word])
        elif word == b"uc" and number is not None:
            self.fallback = number
        elif word == b"u" and number is not None:
            self._add(chr(number % 65536))
            self.skip = self.fallback
        elif word == b"ansicpg" and number is not None:
            self.code_page = f"cp{number}"

    def _bytes(self, raw: bytes) -> None:
        used, self.skip = raw[self.skip :], max(0, self.skip - len(raw))
        try:
            self._add(used.decode(self.code_page, "replace"))
        except LookupError:
            self._add(used.decode("cp1252", "replace"))

    def _add(self, text: str) -> None:
        if not self.silent:
            self.out.append(text)
