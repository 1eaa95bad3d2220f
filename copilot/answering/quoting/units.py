"""Passages taken apart into pieces, and pieces put together into units that make sense alone.

Invariant: a piece lies inside one block; code is one piece; a table row comes with its header,
a list item with the line that introduces it, a sentence that refers back with its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.answering.quoting.boilerplate import is_boilerplate, word_count
from copilot.answering.quoting.values import Piece, Unit
from copilot.messages import BlockSpan, StoredPassage

PARAGRAPH_WORDS = 100
LIST_WORDS = 120
PROCEDURE_WORDS = 320
ITEM_WORDS = 90
LEAD_WORDS = 45
LONG_ITEM_WORDS = 70
# An item of so few words with items under it is their title.
TITLE_WORDS = 6

_REFERS_BACK = re.compile(
    r"\A\W*(?:this|that|these|those|it|its|they|them|their|he|she|his|her|such|both|either|"
    r"neither|the (?:same|latter|former|above|following)|however|otherwise|instead|therefore|thus|"
    r"hence|then|also|but|so|and|or|if (?:so|not|it|they|you don't)|for (?:example|instance)|"
    r"in (?:this|that|these|those|other|such) \w+|doing so|to do (?:this|so)|once (?:this|that|it)|"
    r"after (?:this|that)|additionally|likewise|similarly|typically|note that it)\b",
    re.IGNORECASE,
)
_SEPARATOR_ROW = re.compile(r"\A[\s|:+=\-]+\Z")


@dataclass(frozen=True, slots=True)
class Segmented:
    """One passage in pieces, in order. ``lists`` groups piece indices of adjacent list items."""

    number: int
    stored: StoredPassage
    pieces: tuple[Piece, ...]

    def text(self, index: int) -> str:
        piece = self.pieces[index]
        return self.stored.passage.text[piece.start : piece.end]


def segment(stored: StoredPassage, number: int) -> Segmented:
    """The pieces of a passage without its boilerplate. A heading is one that can only lead."""
    pieces: list[Piece] = []
    for block, span in enumerate(stored.passage.spans):
        text = stored.passage.text[span.start : span.end]
        if is_boilerplate(text, span.kind):
            continue
        for start, end in _cuts(stored, span):
            part = stored.passage.text[start:end]
            if is_boilerplate(part, span.kind):
                continue
            pieces.append(
                Piece(
                    passage=number,
                    block=block,
                    start=start,
                    end=end,
                    kind=span.kind,
                    level=span.level,
                    words=word_count(part),
                    rows=_rows(stored, start, end),
                )
            )
    return Segmented(number, stored, tuple(pieces))


def units(segmented: Segmented) -> list[Unit]:
    """Every unit that could be said from a passage; they overlap, selection picks among them."""
    found: dict[tuple[int, ...], Unit] = {}
    for unit in _all_units(segmented):
        found.setdefault(tuple(sorted(set(unit.pieces))), unit)
    return list(found.values())


def _cuts(stored: StoredPassage, span: BlockSpan) -> Iterator[tuple[int, int]]:
    text = stored.passage.text
    if span.kind in ("code", "heading"):
        yield _trimmed(text, span.start, span.end, lines=True)
        return
    if span.kind == "table":
        yield from _table_rows(text, span)
        return
    block_words = word_count(text[span.start : span.end])
    inside = [
        (max(a, span.start), min(b, span.end))
        for a, b in stored.vectors.sentence_spans
        if a < span.end and span.start < b
    ]
    if not inside or (span.kind == "list_item" and block_words <= LONG_ITEM_WORDS):
        inside = [(span.start, span.end)]
    at = span.start
    for _, end in inside[:-1]:
        if end > at:
            yield _trimmed(text, at, end)
        at = max(at, end)
    if at < span.end:
        yield _trimmed(text, at, span.end)


def _trimmed(text: str, start: int, end: int, *, lines: bool = False) -> tuple[int, int]:
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and (text[start] in "\n\r" or (not lines and text[start].isspace())):
        start += 1
    return start, end


def _table_rows(text: str, span: BlockSpan) -> Iterator[tuple[int, int]]:
    """The header (with its separator line) as one piece, then each row."""
    at, spans = span.start, []
    for line in text[span.start : span.end].split("\n"):
        if line.strip():
            spans.append((at, at + len(line)))
        at += len(line) + 1
    if len(spans) > 1 and _SEPARATOR_ROW.match(text[slice(*spans[1])]):
        spans[:2] = [(spans[0][0], spans[1][1])]
    yield from spans


def _rows(stored: StoredPassage, start: int, end: int) -> tuple[int, int]:
    touched = [
        row
        for row, (a, b) in enumerate(stored.vectors.sentence_spans)
        if a < end and start < b and row < len(stored.vectors.sentences)
    ]
    return (touched[0], touched[-1] + 1) if touched else (0, 0)


def _all_units(seg: Segmented) -> Iterator[Unit]:
    blocks: list[list[int]] = []
    for index, piece in enumerate(seg.pieces):
        if blocks and seg.pieces[blocks[-1][0]].block == piece.block:
            blocks[-1].append(index)
        else:
            blocks.append([index])
    position = 0
    while position < len(blocks):
        block = blocks[position]
        kind = seg.pieces[block[0]].kind
        if kind == "heading":
            position += 1
            continue
        lead = _lead(seg, blocks[position - 1]) if position else ()
        if kind == "list_item":
            stop = position + 1
            while stop < len(blocks) and seg.pieces[blocks[stop][0]].kind == "list_item":
                stop += 1
            yield from _list_units(seg, blocks[position:stop], lead)
            position = stop
            continue
        if kind == "code":
            yield Unit(seg.number, "code", tuple(block), lead)
        elif kind == "table":
            yield from _table_units(seg, block)
        else:
            followed = position + 1 < len(blocks) and seg.pieces[blocks[position + 1][0]].kind in (
                "code",
                "list_item",
                "table",
            )
            yield from _prose_units(seg, block, introduces=followed, lead=lead)
        position += 1


def _prose_units(
    seg: Segmented, block: Sequence[int], *, introduces: bool, lead: tuple[int, ...]
) -> Iterator[Unit]:
    """Single sentences, each with the one before when it refers back, pairs, the paragraph.

    ``lead`` counts only when it is the heading that the first sentence refers back to.
    """
    n = seg.number
    usable = list(block)
    opening = bool(_REFERS_BACK.match(seg.text(usable[0])))
    headed = lead if opening and lead and seg.pieces[lead[-1]].kind == "heading" else ()
    if introduces and seg.text(usable[-1]).rstrip().endswith((":", "::")):
        usable.pop()  # It is the lead of what follows, and says little alone.
    for at, index in enumerate(usable):
        if at and _REFERS_BACK.match(seg.text(index)):
            continue
        yield Unit(n, "sentence", (index,), headed if at == 0 else ())
    for at in range(1, len(usable)):
        start = at - 1
        while start > 0 and _REFERS_BACK.match(seg.text(usable[start])) and at - start < 3:
            start -= 1
        yield Unit(n, "sentences", tuple(usable[start : at + 1]), headed if start == 0 else ())
    if len(usable) > 2 and sum(seg.pieces[i].words for i in usable) <= PARAGRAPH_WORDS:
        yield Unit(n, "paragraph", tuple(usable), headed)
    if len(usable) == 1 and opening and not headed:
        before = usable[0] - 1
        if before >= 0 and seg.pieces[before].kind == "paragraph":
            yield Unit(n, "sentences", (before, usable[0]))


def _lead(seg: Segmented, block: Sequence[int]) -> tuple[int, ...]:
    """The line that introduces what follows: the last sentence before, or the heading."""
    if seg.pieces[block[-1]].kind == "heading":
        return (block[-1],)
    if seg.pieces[block[-1]].kind not in ("paragraph", "quote"):
        return ()
    last = block[-1]
    if seg.pieces[last].words > LEAD_WORDS and not seg.text(last).rstrip().endswith(":"):
        return ()
    if len(block) > 1 and _REFERS_BACK.match(seg.text(last)):
        pair = (block[-2], last)
        if sum(seg.pieces[i].words for i in pair) <= LEAD_WORDS:
            return pair
    return (last,)


def _table_units(seg: Segmented, block: Sequence[int]) -> Iterator[Unit]:
    header, rows = block[0], block[1:]
    if not rows:
        yield Unit(seg.number, "rows", (header,))
        return
    for row in rows:
        yield Unit(seg.number, "rows", (row,), (header,))
    if sum(seg.pieces[i].words for i in block) <= LIST_WORDS:
        yield Unit(seg.number, "rows", tuple(rows), (header,))


def _list_units(
    seg: Segmented, blocks: Sequence[Sequence[int]], lead: tuple[int, ...]
) -> Iterator[Unit]:
    """Each item under its parents and with its children, runs of items, and the whole list."""
    pieces = seg.pieces
    levels = [pieces[block[0]].level for block in blocks]
    introduced = bool(lead) and seg.text(lead[-1]).rstrip().endswith((":", ",", "::"))
    needed = lead if introduced else ()
    for at, block in enumerate(blocks):
        lead_in = (*needed, *_parents(seg, blocks, levels, at))
        stop = at + 1
        while stop < len(blocks) and levels[stop] > levels[at]:
            stop += 1
        if stop == at + 1 or pieces[block[0]].words > TITLE_WORDS:
            yield Unit(seg.number, "item", tuple(block), lead_in)
        if len(block) > 1:
            yield from (Unit(seg.number, "item", (i,), lead_in) for i in block)
        family = tuple(i for member in blocks[at:stop] for i in member)
        if stop > at + 1 and sum(pieces[i].words for i in family) <= ITEM_WORDS:
            yield Unit(seg.number, "item", family, lead_in)
    everything = tuple(i for block in blocks for i in block)
    words = sum(pieces[i].words for i in (*lead, *everything))
    if len(blocks) > 1 and words <= LIST_WORDS:
        yield Unit(seg.number, "list", everything, lead)


def _parents(
    seg: Segmented, blocks: Sequence[Sequence[int]], levels: Sequence[int], at: int
) -> tuple[int, ...]:
    """The items that a nested item stands under, outermost first; long ones give a sentence."""
    chain: list[int] = []
    level = levels[at]
    for before in range(at - 1, -1, -1):
        if levels[before] < level:
            level = levels[before]
            if seg.pieces[blocks[before][0]].words <= LEAD_WORDS:
                chain.insert(0, blocks[before][0])
    return tuple(chain)
