"""Packs the blocks of a document into passages, the unit of retrieval.

Invariant: every passage's text is one slice of the document's text (blocks joined by
``joiner``), its spans slice whole blocks or whole pieces of a long block, in order; each
block with words stands in exactly one passage; no passage spans two heading paths or parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from copilot.knowledge.sentences import best_cut, plain, sentence_spans
from copilot.messages import Block, BlockSpan, Locator, ParsedDocument, Passage

TokenCounter = Callable[[str], int]

SLACK = 1.1  # a passage may be this much over the target before a block is moved on
CONTEXT_SHARE = 0.4  # a long title and heading path take at most this share of the target
CARRY_SHARE = 0.4  # an outer list item moves on with its nested ones up to this size
_TIGHT = frozenset({"list_item", "table"})
_TOKENS = re.compile(r"[^\W_]+|[^\w\s]|_")


def estimate_tokens(text: str) -> int:
    """About how many word pieces the embedder makes of ``text``; no tokenizer needed."""
    count = 0
    for match in _TOKENS.finditer(text):
        length = match.end() - match.start()
        if length <= 7:
            count += 1
        else:
            count += 1 + (length - 3) // 5
    return count


def split(
    document: ParsedDocument,
    *,
    document_id: str,
    path: str,
    source: str,
    labels: tuple[str, ...],
    target_tokens: int,
    count_tokens: TokenCounter | None = None,
) -> list[Passage]:
    """Cut ``document`` into passages of about ``target_tokens``, in reading order.

    ``labels`` stand on every passage as given; when there are none, the document's own do.
    Ids depend on path, ordinal and text, so an unchanged document gives the same passages.
    """
    count = count_tokens or estimate_tokens
    pieces, text = _pieces(document, target_tokens, count)
    passages: list[Passage] = []
    for group in _groups(pieces, target_tokens, count):
        passages.append(
            _passage(
                document,
                group,
                text=text,
                ordinal=len(passages),
                document_id=document_id,
                path=path,
                source=source,
                labels=labels or document.labels,
            )
        )
    return passages


def embedding_text(passage: Passage) -> str:
    """What is embedded for a passage: title > heading path, then its words without markup."""
    body = " ".join(
        plain(passage.text[span.start : span.end])
        for span in passage.spans
        if span.kind != "heading"
    )
    context = " > ".join(_context(passage.title, passage.heading_path))
    return f"{context}\n{body}" if context and body else context or body


def joiner(before: Block, after: Block) -> str:
    """What stands between two blocks in the document's text."""
    tight = before.kind == after.kind and before.kind in _TIGHT and before.part == after.part
    return "\n" if tight else "\n\n"


def _context(title: str, heading_path: Sequence[str]) -> tuple[str, ...]:
    if heading_path and plain(title).casefold() == heading_path[0].casefold():
        return tuple(heading_path)
    return tuple(part for part in (plain(title), *heading_path) if part)


# --- from blocks to pieces ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block, or a part of a long one, with its place in the document's text."""

    block: Block
    start: int
    end: int
    locator: Locator
    tokens: int
    heading_path: tuple[str, ...]
    leads_in: bool

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.block.part, self.heading_path

    @property
    def is_heading(self) -> bool:
        return self.block.kind == "heading"


def _pieces(document: ParsedDocument, target: int, count: TokenCounter) -> tuple[list[_Piece], str]:
    blocks = [block for block in document.blocks if block.text.strip()]
    chunks: list[str] = []
    pieces: list[_Piece] = []
    open_headings: list[tuple[int, str]] = []
    part, offset = "", 0
    for before, block in pairwise([None, *blocks]):
        assert block is not None
        if before is not None:
            gap = joiner(before, block)
            chunks.append(gap)
            offset += len(gap)
        if block.part != part:
            part = block.part
            if block.locator.kind != "page":  # a section goes on over the page
                open_headings = []
        if block.kind == "heading":
            level = max(block.level, 1)
            open_headings = [entry for entry in open_headings if entry[0] < level]
            open_headings.append((level, _heading_words(block.text)))
        headings = tuple(words for _, words in open_headings)
        chunks.append(block.text)
        budget = _budget(document.title, headings, target, count)
        pieces.extend(_cut(block, offset, headings, budget=budget, count=count))
        offset += len(block.text)
    return pieces, "".join(chunks)


def _heading_words(text: str) -> str:
    """A heading without markup, and without the lines that only underline it."""
    worded = [line for line in text.split("\n") if any(c.isalnum() for c in line)]
    return plain("\n".join(worded)) or " ".join(text.split())


def _budget(title: str, headings: tuple[str, ...], target: int, count: TokenCounter) -> int:
    context = count(" > ".join(_context(title, headings)))
    return target - min(context, int(target * CONTEXT_SHARE))


def _cut(
    block: Block, offset: int, headings: tuple[str, ...], *, budget: int, count: TokenCounter
) -> Iterator[_Piece]:
    """The block as one piece, or several that each fit the budget."""
    tokens = count(block.text)
    if tokens <= budget * SLACK:
        leads_in = block.kind == "paragraph" and block.text.rstrip(" *_`").endswith(":")
        yield _Piece(
            block, offset, offset + len(block.text), block.locator, tokens, headings, leads_in
        )
        return
    lines = _Lines.of(block)
    for start, end in _long_spans(block, budget, count):
        text = block.text[start:end]
        locator = lines.locator(start, end) if lines else block.locator
        yield _Piece(
            block, offset + start, offset + end, locator, count(text), headings, leads_in=False
        )


def _long_spans(block: Block, budget: int, count: TokenCounter) -> list[tuple[int, int]]:
    """Spans of about equal size, cut where sentences, lines or rows end."""
    spans: list[tuple[int, int, int]] = []
    for start, end in _units(block):
        spans.extend(_fitting(block.text, start, end, budget=budget, count=count))
    total = sum(tokens for *_, tokens in spans)
    share = total / -(-total // budget)
    packed: list[tuple[int, int]] = []
    size = 0
    for start, end, tokens in spans:
        if packed and size + tokens / 2 <= share and size + tokens <= budget * SLACK:
            packed[-1] = (packed[-1][0], end)
            size += tokens
        else:
            packed.append((start, end))
            size = tokens
    return packed


def _units(block: Block) -> list[tuple[int, int]]:
    if block.kind in ("code", "table"):
        units: list[tuple[int, int]] = []
        start = 0
        for line in block.text.splitlines(keepends=True):
            end = start + len(line.rstrip())
            if end > start:
                units.append((start, end))
            start += len(line)
        return units
    span = BlockSpan("paragraph", 0, len(block.text), block.locator)
    return list(sentence_spans(block.text, [span]))


def _fitting(
    text: str, start: int, end: int, *, budget: int, count: TokenCounter
) -> Iterator[tuple[int, int, int]]:
    """One unit, cut at words until each part fits; (start, end, tokens)."""
    tokens = count(text[start:end])
    step = max(1, (end - start) * budget // max(tokens, 1))  # characters that should fit
    while tokens > budget and end - start > 1:
        limit = min(end, start + step)
        cut = best_cut(text, start, limit) if limit < end else end
        inner = count(text[start:cut])
        while inner > budget * SLACK and cut - start > 1:
            cut = best_cut(text, start, start + max(1, (cut - start) // 2))
            inner = count(text[start:cut])
        if text[start:cut].strip():
            yield start, start + len(text[start:cut].rstrip()), inner
        start = cut
        while start < end and text[start].isspace():
            start += 1
        tokens -= inner
    if start < end:
        yield start, end, count(text[start:end])


@dataclass(slots=True)
class _Lines:
    """Counts the lines of a long block as its pieces are taken off in order."""

    block: Block
    part: str
    line: int
    offset: int = 0

    @classmethod
    def of(cls, block: Block) -> _Lines | None:
        """None when the block's locator doesn't count the lines of its text."""
        if block.locator.kind not in ("lines", "part"):
            return None
        part, begins = _line_of(block.locator.start)
        _, ends = _line_of(block.locator.end)
        # Extracted text may have other line breaks than its file, a page or slide has none.
        if begins is None or ends is None or ends - begins != block.text.rstrip().count("\n"):
            return None
        return cls(block, part, begins)

    def locator(self, start: int, end: int) -> Locator:
        """The locator of ``block.text[start:end]``; ``start`` never goes back."""
        text = self.block.text
        first = self.line + text.count("\n", self.offset, start)
        self.line = last = first + text.count("\n", start, end)
        self.offset = end
        if self.block.locator.kind == "part":
            return Locator("part", f"{self.part}:{first}", f"{self.part}:{last}")
        return Locator("lines", first, last)


def _line_of(place: int | str) -> tuple[str, int | None]:
    """The part and line of one end of a locator; the line is None when it counts no lines."""
    if isinstance(place, int):
        return "", place
    name, _, line = place.rpartition(":")
    return name, int(line) if line.isdigit() else None


# --- from pieces to passages -------------------------------------------------------------


def _groups(pieces: list[_Piece], target: int, count: TokenCounter) -> Iterator[list[_Piece]]:
    """Runs of pieces that become one passage each."""
    pending: list[_Piece] = []  # headings that wait for the text they introduce
    section: list[_Piece] = []
    for piece in pieces:
        if section and (piece.is_heading or piece.key != section[0].key):
            yield from _packed(pending, section, target)
            pending, section = [], []
        if not piece.is_heading:
            section.append(piece)
            continue
        if pending and (
            piece.block.part != pending[0].block.part
            or sum(p.tokens for p in pending) + piece.tokens > target // 2
        ):
            yield pending
            pending = []
        pending.append(piece)
    yield from _packed(pending, section, target)


def _packed(headings: list[_Piece], section: list[_Piece], target: int) -> Iterator[list[_Piece]]:
    """Pack one section into passages of about equal size; its headings begin the first."""
    if not section:
        if headings:
            yield headings
        return
    # Text before the first heading of a part has none pending.
    total = sum(piece.tokens for piece in section)
    context = min(sum(p.tokens for p in headings[-1:]), int(target * CONTEXT_SHARE))
    budget = max(target - context, target // 2)
    share = total / -(-total // budget) if total else budget
    group, size = list(headings), 0
    for piece in section:
        full = size > 0 and (
            size + piece.tokens > budget * SLACK
            or size + piece.tokens / 2 > share
            or piece.block is group[-1].block
        )
        if full:
            carried = _carried(group, piece, budget)
            yield group
            group, size = carried, sum(p.tokens for p in carried)
        group.append(piece)
        size += piece.tokens
    yield group


def _carried(group: list[_Piece], following: _Piece, budget: int) -> list[_Piece]:
    """Take off the end of ``group`` what belongs with the piece that comes next.

    That is the list item under which a nested one stands, and the line that ends in a colon.
    """
    keep = 1 + next((n for n, piece in enumerate(group) if not piece.is_heading), 0)
    cut = len(group)
    if following.block.kind == "list_item" and following.block.level > 0:
        outer = next((n for n in range(cut - 1, keep - 1, -1) if _is_outer_item(group[n])), cut)
        if sum(piece.tokens for piece in group[outer:]) <= budget * CARRY_SHARE:
            cut = outer
    if cut > keep and group[cut - 1].leads_in:
        cut -= 1
    carried = group[cut:]
    del group[cut:]
    return carried


def _is_outer_item(piece: _Piece) -> bool:
    return piece.block.kind == "list_item" and piece.block.level == 0


def _passage(
    document: ParsedDocument,
    group: list[_Piece],
    *,
    text: str,
    ordinal: int,
    document_id: str,
    path: str,
    source: str,
    labels: tuple[str, ...],
) -> Passage:
    start, end = group[0].start, group[-1].end
    body = text[start:end]
    digest = sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    identity = f"{path}\0{ordinal}\0{digest}".encode("utf-8", "surrogatepass")
    spans = tuple(
        BlockSpan(p.block.kind, p.start - start, p.end - start, p.locator, p.block.level)
        for p in group
    )
    return Passage(
        id=sha256(identity).hexdigest()[:20],
        document_id=document_id,
        path=path,
        title=document.title,
        ordinal=ordinal,
        text=body,
        heading_path=group[-1].heading_path,
        locator=_joined([p.locator for p in group]),
        spans=spans,
        char_start=start,
        char_end=end,
        content_hash=digest,
        labels=labels,
        source=source,
        url=document.url,
        modified_at=document.modified_at,
        superseded=document.superseded,
    )


def _joined(locators: Sequence[Locator]) -> Locator:
    """One locator over all of them; they come in reading order."""
    first, last = locators[0], locators[-1]
    if first.kind != last.kind:
        return first
    if isinstance(first.start, int):
        starts = [loc.start for loc in locators if isinstance(loc.start, int)]
        ends = [loc.end for loc in locators if isinstance(loc.end, int)]
        return Locator(first.kind, min(starts), max(ends))
    return Locator(first.kind, first.start, last.end)
