"""Cuts what people wrote into sentences and words, with the offsets of the text.

Invariant: a sentence lies within one segment and one paragraph; sentences are in order and don't
overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from copilot.extraction.reading import Segment, SegmentKind, Span

WORD = re.compile(r"[^\W_]+(?:['.:-][^\W_]+)*")
_BREAK = re.compile(r"\n[ \t>|]*\n|\n(?=[ \t>|]*(?:[-*•·–→]|\(?\d{1,2}[.)]|\(?[A-Za-z][.)])[ \t])")
_STOP = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.b|d\.h|u\.a|i\.a|bzw|ca|inkl|nr|no|st|dr|mr|mrs|ms|prof|pr[oó]x|n[uú]m"
    r"|p[aá]g|t[eé]l|approx|etc|vs"
    r"|str|tel|abs|art|evtl|ggf|usw|max|min|bât|av|apr|aprox|sr|sra|lic|ing|mme|vol|resp|std"
    r"|jan|feb|mar|jun|jul|aug|sept?|oct|okt|nov|dec|dez|mon|tue|wed|thu|fri|sat|sun"
    r"|inc|ltd|corp|co|s\.a|c\.v|s\.l)|(?<!['’])\b[a-z]|(?<![:\w])\d{1,2})\.$",
    re.IGNORECASE,
)
_COUNTED_ON = re.compile(  # "25. November", "3. Stock": the stop makes the number an ordinal
    r"\s*(?:[^\sA-ZÀ-Ý]|(?:Jan|Feb|Mär|Mar|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)\w*|(?:Stock"
    r"|Etage|OG|UG"
    r"|Quartal|Tag|Woche|Klasse|Mal|Platz|Version|Auflage|Kalenderwoche|KW|Semester|Zeile|Seite)\b)"
)
_NEXT = re.compile(r"\s*[\"'“«(\[]*([^\s])")
# a line ends a sentence where people write in lines and not in paragraphs
_BY_LINE = frozenset({SegmentKind.FORM, SegmentKind.TRACE, SegmentKind.CODE, SegmentKind.HEADERS})
_BEHIND_NAME = re.compile(r"[ \t]*(?:\([^)\n]{1,40}\))?[ \t]*[\])]?[ \t]*[:>–—-]?[ \t]*")
_WRAPPED = 55
# what a line of its own begins with: a time, a label
_BEGUN = re.compile(r"[ \t>*•-]*(?:[\[(]?\d{1,2}[:.h]\d\d\b|[A-ZÀ-Ý][\w /#&-]{1,24}:\s)")
LONGEST = 500


class Word(NamedTuple):
    """One word, folded as the whole text was."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch between stops. ``ordinal`` counts within its message."""

    start: int
    end: int
    segment: Segment
    ordinal: int
    paragraph: int


def sentences(
    text: str, segments: tuple[Segment, ...], names: Mapping[int, Span]
) -> Iterator[Sentence]:
    """The sentences of these segments; ``ordinal`` begins anew in each message.

    ``names``: of each turn, where its speaker is named, which is no part of what they say.
    """
    message, ordinal, paragraph = -1, 0, 0
    for segment in segments:
        if segment.message != message:
            message, ordinal = segment.message, 0
        first = _behind_name(text, segment, names.get(segment.message))
        for start, end in paragraphs(text, first, segment.end):
            paragraph += 1
            by_line = segment.kind in _BY_LINE or _in_lines(text[start:end])
            for one, last in _cut(text, start, end, by_line=by_line):
                yield Sentence(one, last, segment, ordinal, paragraph)
                ordinal += 1


def _behind_name(text: str, segment: Segment, name: Span | None) -> int:
    if name is None or not segment.start <= name.start < segment.end:
        return segment.start
    found = _BEHIND_NAME.match(text, name.end, segment.end)
    return found.end() if found else name.end


def paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What empty lines and list marks part."""
    at = start
    for found in _BREAK.finditer(text, start, end):
        if text[at : found.start()].strip():
            yield at, found.start()
        at = found.start() + 1
    if text[at:end].strip():
        yield at, end


def _in_lines(block: str) -> bool:
    """Whether lines end where a thought does: none but the last is as long as a wrapped one."""
    lines = [line for line in block.split("\n") if line.strip()]
    timed = sum(_BEGUN.match(line) is not None for line in lines[1:])
    if len(lines) > 1 and timed * 2 > len(lines):
        return True
    return len(lines) > 1 and max(map(len, lines[:-1])) < _WRAPPED


def _cut(text: str, start: int, end: int, *, by_line: bool) -> Iterator[tuple[int, int]]:
    at = start
    for stop in _STOP.finditer(text, start, end):
        if stop[0] == "\n":
            if not by_line:
                continue
        elif _goes_on(text, at, stop.end(), end):
            continue
        yield from _trimmed(text, at, stop.end())
        at = stop.end()
    yield from _trimmed(text, at, end)


def _goes_on(text: str, start: int, stop: int, end: int) -> bool:
    """Whether the stop belongs to an abbreviation, a number or an ellipsis."""
    if text[stop - 1] == "." and _ABBREVIATED.search(text[max(start, stop - 12) : stop]):
        return not text[stop - 2].isdigit() or _COUNTED_ON.match(text, stop, end) is not None
    following = _NEXT.match(text, stop, end)
    return (
        following is not None
        and following[1].islower()
        and "\n" not in text[stop : following.start(1)]
        and text[stop - 1] in ".…"
        and text[max(start, stop - 2) : stop] in ("..", ". .", "…")
    )


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start] in " \t\n\r>|*•·→–-":
        start += 1
    while end > start and text[end - 1] in " \t\n\r>|":
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > 0 else start + LONGEST
        yield start, cut
        start = cut + 1
    if any(char.isalnum() for char in text[start:end]):
        yield start, end


def words(folded: str, start: int, end: int) -> tuple[Word, ...]:
    """The words of a stretch of the folded text."""
    return tuple(Word(m[0], m.start(), m.end()) for m in WORD.finditer(folded, start, end))
