"""A signature's lines taken apart at the signs that people put between its parts.

Invariant: parts stand in their order, each with its line's number; none is longer than a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from copilot.extraction.people.naming import UPPER
from copilot.extraction.reading import Segment, Span

_APART = re.compile(r"\s*[|·•¦⋅]\s*|\s+[–—]{1,2}\s+|\s+-\s+|\t+|\s{3,}|\s+@\s+|\s*//\s*")
CONTACT = re.compile(
    r"\S\s?@\s?\S|https?://|www\.|^\S+\.(?:com|de|fr|es|net|org|eu|co\.uk|io|ch|at"
    r"|example)(?:/\S*)?$|\d[\d ()./-]{6,}\d"
    r"|^(?:t|m|f|p|e|w|d|dw|durchwahl|ext|extension|nst|nebenstelle|apparat|app|poste|tel|fon|fax|mob|mobile?|phone|telefon|tél|port|cell|email|e-mail|mail"
    r"|web|office)\b\.?\s?[.:+(\d]",
    re.IGNORECASE,
)
SPACED = re.compile(rf"(?:[{UPPER}] ){{2,}}[{UPPER}](?:\s{{2,4}}(?:[{UPPER}] ){{1,}}[{UPPER}])*$")


@dataclass(slots=True)
class Chunk:
    """A part of a line; ``later``: other parts stand before it there."""

    start: int
    words: str
    line: int = 0
    later: bool = False

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.words))


def chunks_of(text: str, segment: Segment) -> Iterator[Chunk]:
    """The parts of a signature's lines."""
    at = segment.start
    for number, line in enumerate(text[segment.start : segment.end].splitlines(keepends=True)):
        begun = 0
        marks = re.match(r"(?:[ \t]{0,3}>)+", line)
        if marks:
            begun = marks.end()
        body = line.rstrip()
        if SPACED.match(body.strip()):
            inner = body.strip()
            yield Chunk(at + line.find(inner), inner, number)
            at += len(line)
            continue
        for gap in _APART.finditer(body, begun):
            yield from _chunk(at, body, (begun, gap.start()), number)
            begun = gap.end()
        yield from _chunk(at, body, (begun, len(body)), number)
        at += len(line)


def _chunk(at: int, line: str, place: tuple[int, int], number: int) -> Iterator[Chunk]:
    words = line[place[0] : place[1]]
    inner = words.strip(' \t,;*_"“”')
    if inner and len(inner) <= 160:
        yield Chunk(at + place[0] + words.find(inner), inner, number, place[0] > 0)


def pieces(chunk: Chunk) -> Iterator[Chunk]:
    """The parts of a line with contact data that hold none: "Acme Foods, tel. 0511 4477"."""
    at = 0
    for part in chunk.words.split(","):
        inner = part.strip(" .;:")
        if "," in chunk.words and len(inner) > 2 and not CONTACT.search(inner):
            yield Chunk(chunk.start + at + part.find(inner), inner, chunk.line)
        at += len(part) + 1
