"""Rebuilds headings, paragraphs and list items from the lines on PDF pages.

Invariant: words are only dropped when they are a running header, footer or page number; lines
are joined, never reordered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from copilot.adapters.readers.pdf_rows import Line, TableRow, rows_and_lines, table_texts
from copilot.messages import Block, BlockKind, Locator

EDGE_LINES = 3  # lines at the top and bottom of a page where running heads stand
_RUNNING_SHARE = 0.5
_RUNNING_PAGES = 3
_HEADING_CHARS = 160
_BULLET = re.compile(r"(?:[•·‣▪◦●○■□–▶➢✓*-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_NUMBERED_HEADING = re.compile(r"(?:\d+\.)*\d+\.?\s+[A-Z]|(?:Appendix|Chapter|Section)\s+\w")
_PAGE_NUMBER = re.compile(
    r"(?:page\s+|seite\s+|-\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von)\s*\d{1,4})?(?:\s*-)?$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_ENDS = (".", "!", "?", ":", "”", '"', ".)", "。")


def page_blocks(pages: Sequence[Sequence[Line]]) -> tuple[Block, ...]:
    """The blocks of all pages; ``pages[0]`` is page 1."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    running = _running(pages, body)
    levels = _heading_levels(pages, body)
    found: list[Block] = []
    for number, lines in enumerate(pages, start=1):
        kept = [line for n, line in enumerate(lines) if not _is_running(lines, n, running)]
        for kind, level, text in _page(kept, body, levels):
            here = Locator("page", number, number)
            found.append(Block(kind, text, here, level=level, part=f"page {number}"))
    return tuple(found)


def _running(pages: Sequence[Sequence[Line]], body: float) -> frozenset[str]:
    """Lines at page edges that come back, with other numbers, on most pages.

    On two pages only small print counts: a title may well stand on both.
    """
    seen: Counter[str] = Counter()
    filled = [lines for lines in pages if lines]
    for lines in filled:
        on_two = len(filled) < _RUNNING_PAGES
        seen.update(
            {_key(lines[n].text) for n in _edges(lines) if not on_two or lines[n].size < body}
        )
    if len(filled) < _RUNNING_PAGES:
        return frozenset(key for key, count in seen.items() if count == 2)
    # Left and right pages may carry different heads.
    needed = max(_RUNNING_PAGES, len(filled) * _RUNNING_SHARE) * 0.8
    return frozenset(key for key, count in seen.items() if key and count >= needed)


def _edges(lines: Sequence[Line]) -> list[int]:
    """Lines near the top and bottom; few on a short page, whose text would be taken for heads."""
    depth = min(EDGE_LINES, len(lines) // 4)
    return [n for n in range(len(lines)) if n < depth or n >= len(lines) - depth]


def _is_running(lines: Sequence[Line], at: int, running: frozenset[str]) -> bool:
    if at not in _edges(lines):
        return False
    text = lines[at].text
    if _key(text) in running:
        return True
    number = _PAGE_NUMBER.match(text)
    if number is None or any(
        abs(lines[n].y - lines[at].y) < 1.0 for n in (at - 1, at + 1) if 0 <= n < len(lines)
    ):
        return False  # a number beside text may be a list's or a table's
    return at in (0, len(lines) - 1) or text[0].lower() in "ps"


def _key(text: str) -> str:
    return _DIGITS.sub("#", text.casefold()).strip()


def _heading_levels(pages: Sequence[Sequence[Line]], body: float) -> dict[float, int]:
    """Font sizes that headings use, largest first, as levels from 1."""
    chars: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            if line.size >= body * 1.12 and len(line.text) <= _HEADING_CHARS:
                chars[round(line.size, 1)] += len(line.text)
    total = sum(len(line.text) for lines in pages for line in lines)
    ordered = sorted((size for size, n in chars.items() if n < total * 0.25), reverse=True)
    return {size: min(n, 4) for n, size in enumerate(ordered, start=1)}


def _page(
    lines: Sequence[Line], body: float, levels: dict[float, int]
) -> Iterator[tuple[BlockKind, int, str]]:
    full = _full_length(lines)
    group: list[Line] = []
    table: list[TableRow] = []
    for element in rows_and_lines(lines):
        if isinstance(element, TableRow):
            yield from _block(group, levels, body)
            group = []
            if element.is_item:
                yield from _table(table)
                table = []
                yield "list_item", 0, _joined([ln.text for cell in element.cells for ln in cell])
            else:
                table.append(element)
            continue
        yield from _table(table)
        table = []
        if group and _breaks(group[-1], element, full=full, levels=levels, body=body):
            yield from _block(group, levels, body)
            group = []
        group.append(element)
    yield from _table(table)
    yield from _block(group, levels, body)


def _table(rows: Sequence[TableRow]) -> Iterator[tuple[BlockKind, int, str]]:
    for text in table_texts(rows) if rows else ():
        if any(c.isalnum() for c in text):
            yield "table", 0, text


def _full_length(lines: Sequence[Line]) -> int:
    """How many characters a line that reaches the margin has."""
    lengths = sorted(len(line.text) for line in lines)
    return lengths[int(len(lengths) * 0.8)] if lengths else 0


def _breaks(before: Line, line: Line, *, full: int, levels: dict[float, int], body: float) -> bool:
    """Whether a new block begins at ``line``."""
    level = _level(line, levels, body)
    gap = before.y - line.y
    if not any(c.isalpha() for c in line.text) and 0 < gap <= 1.6 * line.size:
        level = level or _level(before, levels, body) * (before.size == line.size)
    if level != _level(before, levels, body):
        return True
    if line.mono and before.mono and not level:  # code keeps its short lines together
        return not 0 < gap <= 2.2 * line.size
    if level:  # a heading over several lines
        return not 0 < gap <= 1.6 * line.size or _NUMBERED_HEADING.match(line.text) is not None
    if abs(before.size - line.size) > 1.5 or _BULLET.match(line.text):
        return True
    ends = before.text.endswith(_ENDS)
    if gap < -0.5 * line.size:  # the next column: a sentence may go on there
        return ends or line.text[:1].isupper()
    if gap > 1.75 * max(line.size, before.size):
        return True
    if line.x - before.x > 0.8 * line.size and ends:
        return True
    short = len(before.text) < 0.6 * full
    return short and (ends or not line.text[:1].islower())


def _level(line: Line, levels: dict[float, int], body: float) -> int:
    """The heading level of a line; 0 for text."""
    if len(line.text) > _HEADING_CHARS or not any(c.isalpha() for c in line.text):
        return 0
    level = levels.get(round(line.size, 1), 0)
    if level:
        return level
    bold_heading = (
        line.bold
        and line.size >= body * 0.95
        and len(line.text) <= 90
        and not line.text.endswith((".", ",", ";"))
        and (_NUMBERED_HEADING.match(line.text) is not None or line.text[:1].isupper())
    )
    return len(set(levels.values())) + 1 if bold_heading else 0


def _block(
    group: Sequence[Line], levels: dict[float, int], body: float
) -> Iterator[tuple[BlockKind, int, str]]:
    text = _joined([line.text for line in group])
    if not group or not any(c.isalnum() for c in text):
        return
    level = _level(group[0], levels, body)
    if level and len(text) <= _HEADING_CHARS * 1.5 and any(c.isalpha() for c in text):
        yield "heading", level, text
    elif all(line.mono for line in group):
        yield "code", 0, "\n".join(line.text for line in group)
    elif _BULLET.match(text):
        yield "list_item", 0, text
    else:
        yield "paragraph", 0, text


def _joined(lines: Sequence[str]) -> str:
    """Lines as one text; a word that was hyphenated at a line's end is made whole."""
    text = ""
    for line in lines:
        if not text:
            text = line
        elif text.endswith("-") and text[-2:-1].islower() and line[:1].islower():
            text = text[:-1] + line
        elif text.endswith(("-", "/")) and not text.endswith(" -"):
            text += line
        else:
            text += " " + line
    return text
