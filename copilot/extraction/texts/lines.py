"""A text's lines, with their quote marks and indentation told apart from what they say.

Invariant: lines lie side by side and cover the text; a run of blank lines is one line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_WORDS = 400  # of a line's own text, as far as rules look at it
MAX_DEPTH = 32
MAX_LINES = 20_000  # a mail that somebody wrote has fewer; what is behind them is one line
_BLANKS = " \t\r\f\v\u00a0\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
_MARKS = re.compile(r"(?:[ \t\u00a0]{0,3}>)+")


class Line(NamedTuple):
    """``text[start:end]``, the line break within; ``words`` are its first ``MAX_WORDS`` characters
    from ``at``, behind quote marks and blanks, and empty for blank lines.
    """

    start: int
    end: int
    at: int
    depth: int
    indent: int
    words: str


def lines_of(text: str) -> list[Line]:
    """The lines of a text; line breaks may be of any system's kind."""
    lines: list[Line] = []
    breaks = "\r" if "\n" not in text and "\r" in text else "\n"
    start = 0
    blank_since = -1
    for raw in text.split(breaks, MAX_LINES):
        end = min(start + len(raw) + 1, len(text))
        words = raw.strip(_BLANKS)
        if not words:
            if blank_since < 0:
                blank_since = start
        else:
            if blank_since >= 0:
                lines.append(Line(blank_since, start, start, 0, 0, ""))
                blank_since = -1
            lines.append(_line(raw, words, start, end))
        start = end
    if blank_since >= 0 and blank_since < len(text):
        lines.append(Line(blank_since, len(text), len(text), 0, 0, ""))
    return lines


def _line(raw: str, words: str, start: int, end: int) -> Line:
    indent = len(raw) - len(raw.lstrip(_BLANKS))
    if words[0] != ">":
        return Line(start, end, start + indent, 0, indent, words[:MAX_WORDS])
    marks = _MARKS.match(raw, indent)
    behind = marks.end() if marks else indent + 1
    depth = min(raw.count(">", 0, behind), MAX_DEPTH)
    said = raw[behind:]
    words = said.strip(_BLANKS)
    within = len(said) - len(said.lstrip(_BLANKS)) if words else 0
    return Line(start, end, start + behind + within, depth, max(0, within - 1), words[:MAX_WORDS])
