"""Builds passages for tests, as a reader and the splitter would.

Invariant: the spans slice the text exactly, a block for each paragraph.
"""

from __future__ import annotations

import hashlib
import re

from copilot.messages import BlockSpan, Hit, Locator, Passage


def made_passage(text: str, *, title: str = "", headings: tuple[str, ...] = ()) -> Passage:
    """A passage of plain paragraphs; its id is its text's hash, its lines count from 1."""
    spans: list[BlockSpan] = []
    at, line = 0, 1
    for piece in re.split(r"(\n\s*\n)", text):
        lines = piece.count("\n")
        if piece.strip():
            where = Locator("lines", line, line + lines)
            spans.append(BlockSpan("paragraph", at, at + len(piece), where))
        at += len(piece)
        line += lines
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Passage(
        id=digest[:16],
        document_id=title or digest[:8],
        path=f"/docs/{title or digest[:8]}.md",
        title=title,
        ordinal=0,
        text=text,
        heading_path=headings,
        locator=Locator("lines", 1, line),
        spans=tuple(spans),
        char_start=0,
        char_end=len(text),
        content_hash=digest,
    )


def made_hits(*passages: Passage) -> tuple[Hit, ...]:
    """The passages as hits, best first."""
    return tuple(
        Hit(rank, 1 / rank, {"fused": 1 / rank}, passage)
        for rank, passage in enumerate(passages, start=1)
    )
