"""Reads JSON, YAML, TOML, XML and INI files as the text they are.

Invariant: blocks are runs of whole lines of the file; a file on one endless line is laid out
first, and then its blocks are paragraphs without a claim to line numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input
from copilot.adapters.readers.code import code_blocks
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

LONG_LINE = 2000
_BETWEEN_TAGS = re.compile(r">\s*<")
_KEYS_OF_RECORDS = tuple(
    re.compile(rf'"\s*{key}\s*"\s*:', re.IGNORECASE) for key in ("text", "labels")
)
_MEDIA_TYPES = {".json": "application/json", ".xml": "application/xml", ".toml": "application/toml"}


class DataReader(FileReader):
    """Structured data that people also read: configuration, schemas, feeds."""

    name = "data"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.DATA})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        suffix = source.path.suffix.lower()
        if suffix == ".json" and _are_labelled_records(decoded.text):
            raise ReadError(
                f"{source.name} holds records with labels, which aren't read from this format",
                hint="Save them as .jsonl, one record a line.",
            )
        blocks = code_blocks(decoded.text)
        warnings = decoded.warnings
        if any(len(line) > LONG_LINE for line in decoded.text.split("\n")):
            laid_out = _laid_out(decoded.text, suffix)
            if laid_out is not None:
                blocks = _without_lines(code_blocks(laid_out), decoded.text.count("\n") + 1)
        yield ParsedDocument(
            title=source.name,
            blocks=blocks,
            media_type=_MEDIA_TYPES.get(suffix, "text/plain"),
            warnings=warnings,
        )


def _are_labelled_records(text: str) -> bool:
    """Whether JSON is of the form of JSON Lines, but isn't lines; then its labels would be lost."""
    if not all(key.search(text) for key in _KEYS_OF_RECORDS):
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return True
    records = found if isinstance(found, list) else [found]
    objects = (record for record in records if isinstance(record, dict))
    return any({"text", "labels"} <= {k.strip().casefold() for k in own} for own in objects)


def _laid_out(text: str, suffix: str) -> str | None:
    """The same data over many lines; None when it can't be done."""
    if suffix == ".json":
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
        except (ValueError, RecursionError):
            return None
    if suffix == ".xml":
        return _BETWEEN_TAGS.sub(">\n<", text)
    return None


def _without_lines(blocks: tuple[Block, ...], lines: int) -> tuple[Block, ...]:
    """The blocks with a locator over the whole file: its own lines are too long to tell."""
    return tuple(replace(block, locator=Locator("lines", 1, lines)) for block in blocks)
