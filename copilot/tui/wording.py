"""Text on its way to a screen: made safe, citation markers made into chips.

Invariant: nothing of a document or a model reaches a widget but through ``shown`` or
``as_markdown``; a chip stands only where the core put a marker that the answer cites.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise

from copilot.guard.terminal import clean, clean_line

CITE = "cite:"
SAID = "said:"
_HERE = "\x00"  # where a mark comes; no text that was made safe holds it
_FENCE = re.compile(r"^(?:```|~~~)", re.M)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)
_MARKERS = re.compile(r"(?<![\w\]`])(?:\[\d{1,3}\])+(?![(\[:])")
_MARKER = re.compile(r"\[(\d{1,3})\]")
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")


def shown(text: str) -> str:
    """Text of one or more lines."""
    return clean(text)


def shown_line(text: str) -> str:
    """Text on one line."""
    return clean_line(text)


def as_markdown(
    text: str, cited: Collection[int] | None = None, marks: Sequence[tuple[int, str]] = ()
) -> str:
    """An answer's Markdown with its markers as links to ``cite:N``; code stays as it is.

    ``cited``: the numbers that are markers; None while that isn't known yet. ``marks``: what
    stands behind which place of it, in order, as a link to ``said:``.
    """
    ends = [0, *(at for at, _ in marks), len(text)]
    safe = _HERE.join(clean(text[start:end]) for start, end in pairwise(ends))
    told = (mark for _, mark in marks)
    pieces = []
    for piece, is_code in _pieces(safe):
        written = piece if is_code else _chips(_PICTURE.sub(r"\1", piece), cited)
        for mark in islice(told, piece.count(_HERE)):
            written = written.replace(_HERE, "" if is_code else f"[{mark}]({SAID})", 1)
        pieces.append(written)
    return "".join(pieces)


def _chips(text: str, cited: Collection[int] | None) -> str:
    def chip(found: re.Match[str]) -> str:
        if cited is not None and int(found[1]) not in cited:
            return found[0]
        return rf"[\[{found[1]}\]]({CITE}{found[1]})"

    return _MARKERS.sub(lambda run: _MARKER.sub(chip, run[0]), text)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Stretches of text, and whether each is code."""
    fences = [found.start() for found in _FENCE.finditer(text)]
    at = 0
    for opening, closing in zip(fences[::2], [*fences[1::2], len(text)], strict=False):
        yield from _inline(text[at:opening])
        end = text.find("\n", closing) if closing < len(text) else len(text)
        end = len(text) if end < 0 else end
        yield text[opening:end], True
        at = end
    yield from _inline(text[at:])


def _inline(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in _CODE.finditer(text):
        yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    yield text[at:], False
