"""Reads RTF: its paragraphs, without fonts, styles, pictures and hidden groups.

Invariant: a block's locator counts paragraphs from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
_CHARSETS = {  # a font's character set, as the code page of its bytes
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "cp1361", 134: "cp936", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group, and ends with it."""

    silent: bool = False
    fallback: int = 1  # characters that stand in for one Unicode escape
    code_page: str = ""  # of the font; the document's when it is empty
    in_fonts: bool = False


@dataclass(slots=True)
class _Decoder:
    """Runs over the tokens once. Bytes wait in ``held``: a character may have several."""

    out: list[str] = field(default_factory=list)
    held: bytearray = field(default_factory=bytearray)
    groups: list[_State] = field(default_factory=list)
    now: _State = field(default_factory=_State)
    skip: int = 0
    code_page: str = "cp1252"
    font: int = 0  # the one that is being defined
    fonts: dict[int, str] = field(default_factory=dict)

    def text(self, data: bytes) -> str:
        for match in _TOKEN.finditer(data):
            word, number, hexadecimal, symbol, brace, plain = match.groups()
            if hexadecimal:
                self._bytes(bytes([int(hexadecimal, 16)]))
            elif plain:
                self._bytes(plain)
            elif brace:
                self._flush()
                self.skip = 0
                self._brace(brace)
            elif word:
                self._flush()
                self._word(word, int(number) if number else None)
            elif symbol == b"*":
                self.now = replace(self.now, silent=True)
            elif symbol and symbol in b"\\{}~_-":
                self._flush()
                self._add({b"~": " ", b"_": "-", b"-": ""}.get(symbol, symbol.decode("ascii")))
        self._flush()
        # Characters beyond the first 65 536 are escaped as two halves.
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            self.groups.append(self.now)
        elif self.groups:
            self.now = self.groups.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        if word in _SILENT:
            self.now = replace(self.now, silent=True, in_fonts=word == b"fonttbl")
        elif word in _BREAKS:
            self._add(_BREAKS[word])
        elif number is None:
            return
        elif word == b"uc":
            self.now = replace(self.now, fallback=max(0, number))
        elif word == b"u":
            self._add(chr(number if 0 <= number < 0x110000 else number % 65536))
            self.skip = self.now.fallback
        elif word == b"ansicpg":
            self.code_page = f"cp{number}"
        elif word == b"f" and self.now.in_fonts:
            self.font = number
        elif word == b"f":
            self.now = replace(self.now, code_page=self.fonts.get(number, ""))
        elif word == b"fcharset" and self.now.in_fonts:
            self.fonts[self.font] = _CHARSETS.get(number, "")

    def _bytes(self, raw: bytes) -> None:
        self.held += raw[self.skip :]
        self.skip = max(0, self.skip - len(raw))

    def _flush(self) -> None:
        if self.held:
            raw = bytes(self.held)
            self.held.clear()
            try:
                self._add(raw.decode(self.now.code_page or self.code_page, "replace"))
            except LookupError:
                self._add(raw.decode("cp1252", "replace"))

    def _add(self, text: str) -> None:
        if not self.now.silent:
            self.out.append(text)
