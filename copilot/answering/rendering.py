"""Quotes as an answer: numbered citations and the text that carries their markers.

Invariant: a sentence's text is its quote to the character, or rows of one table, each a quote,
line by line; the marker stands outside of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.answering.quoting import Quote
from copilot.messages import BlockSpan, Citation, Locator, Passage, Sentence, Support

ABSTENTION = "I could not find this in your documents."
_FENCES = ("```", "~~~")


def render_quotes(
    quotes: Sequence[Quote], *, number: int = 1
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...], str]:
    """The sentences, their citations (from ``number`` on, in reading order) and the whole text."""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    shown: list[str] = []
    for group in _grouped(quotes):
        first = number + len(citations)
        for n, quote in enumerate(group, start=first):
            citations.append(cite(n, quote.passage, quote.start, quote.end))
        text = "\n".join(quote.passage.text[quote.start : quote.end] for quote in group)
        numbers = tuple(range(first, first + len(group)))
        sentences.append(Sentence(text=text, citations=numbers, support=Support.VERBATIM))
        shown.append(mark(text, numbers, below=_ends_in_lines(group[-1])))
    return tuple(sentences), tuple(citations), "\n\n".join(shown)


def _grouped(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Quotes that are shown as one: rows of the same table, the header among them."""
    groups: list[list[Quote]] = []
    for quote in quotes:
        table = _block_at(quote.passage, quote.start)
        before = groups[-1][-1] if groups else None
        if (
            before is not None
            and before.passage.id == quote.passage.id
            and table is not None
            and table.kind == "table"
            and table == _block_at(before.passage, before.end - 1)
        ):
            groups[-1].append(quote)
        else:
            groups.append([quote])
    return groups


def _block_at(passage: Passage, at: int) -> BlockSpan | None:
    return next((span for span in passage.spans if span.start <= at < span.end), None)


def _ends_in_lines(quote: Quote) -> bool:
    """Whether the quote's last line is code or a table's row, which a marker would change."""
    block = _block_at(quote.passage, quote.end - 1)
    return block is not None and block.kind in ("code", "table")


def cite(n: int, passage: Passage, start: int, end: int) -> Citation:
    """The citation of ``passage.text[start:end]``, located as narrowly as its blocks allow."""
    return Citation(
        n=n,
        passage_id=passage.id,
        document_id=passage.document_id,
        path=passage.path,
        title=passage.title,
        heading_path=passage.heading_path,
        locator=locate(passage, start, end),
        quote=passage.text[start:end],
        quote_start=start,
        quote_end=end,
        url=passage.url,
    )


def mark(text: str, numbers: Sequence[int], *, below: bool = False) -> str:
    """``text`` with its markers behind it, or ``below`` it; below a fence or row in any case."""
    markers = "".join(f"[{n}]" for n in numbers)
    last = text.rstrip().rsplit("\n", 1)[-1].strip()
    if below or last.startswith(_FENCES) or last.startswith("|"):
        return f"{text}\n{markers}"
    return f"{text} {markers}"


def locate(passage: Passage, start: int, end: int) -> Locator:
    """The locator of a part of a passage: that of the blocks it touches, to the line at best."""
    touched = [span for span in passage.spans if span.start < end and start < span.end]
    if not touched:
        return passage.locator
    first, last = touched[0], touched[-1]
    if first.locator.kind != last.locator.kind:
        return passage.locator
    return Locator(
        kind=first.locator.kind,
        start=_line_at(passage, first, start, first.locator.start),
        end=_line_end(passage, last, end),
    )


def _line_at(passage: Passage, span: BlockSpan, at: int, fallback: int | str) -> int | str:
    """The line on which offset ``at`` stands, where a block's lines are the file's lines."""
    if not _lines_match(passage, span) or not isinstance(span.locator.start, int):
        return fallback
    if at <= span.start:
        return span.locator.start
    return span.locator.start + passage.text.count("\n", span.start, at)


def _line_end(passage: Passage, span: BlockSpan, end: int) -> int | str:
    if end >= span.end:
        return span.locator.end
    return _line_at(passage, span, max(span.start, end - 1), span.locator.end)


def _lines_match(passage: Passage, span: BlockSpan) -> bool:
    """Whether the block's text is the file's lines one to one, so that lines can be counted."""
    locator = span.locator
    if locator.kind != "lines":
        return False
    if not isinstance(locator.start, int) or not isinstance(locator.end, int):
        return False
    return passage.text.count("\n", span.start, span.end) == locator.end - locator.start
