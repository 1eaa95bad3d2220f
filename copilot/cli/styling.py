"""Light emphasis for a terminal with colour: bold, code, headings and citation markers.

Invariant: only the look changes. Without colour, and in a pipe, the text is shown as it is,
so what is copied from there is verbatim.
"""

from __future__ import annotations

import re

_BOLD, _CODE, _MARKER, _DIM, _OFF = "\x1b[1m", "\x1b[36m", "\x1b[1;34m", "\x1b[2m", "\x1b[0m"
_INLINE = re.compile(r"(?P<code>`[^`\n]+`)|\*\*(?P<bold>[^*\n]+)\*\*|(?P<marker>(?:\[\d{1,3}\])+)")
_HEADING = re.compile(r"#{1,6} +(.*)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


class Styler:
    """Styles text line by line; remembers whether it is inside a fenced code block."""

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self._in_code = False

    def strong(self, text: str) -> str:
        return f"{_BOLD}{text}{_OFF}" if self._on else text

    def faint(self, text: str) -> str:
        return f"{_DIM}{text}{_OFF}" if self._on else text

    def marker(self, text: str) -> str:
        return f"{_MARKER}{text}{_OFF}" if self._on else text

    def prose(self, text: str) -> str:
        """Markdown text with its emphasis shown; clean text in, nothing but styles added."""
        if not self._on:
            return text
        return "\n".join(self._line(line) for line in text.split("\n"))

    def _line(self, line: str) -> str:
        if _FENCE.match(line):
            self._in_code = not self._in_code
            return f"{_DIM}{line}{_OFF}"
        if self._in_code:
            return f"{_CODE}{line}{_OFF}" if line else line
        heading = _HEADING.fullmatch(line)
        if heading:
            return f"{_BOLD}{heading.group(1)}{_OFF}"
        return _INLINE.sub(_styled, line)


def _styled(match: re.Match[str]) -> str:
    if match["code"]:
        return f"{_CODE}{match['code'][1:-1]}{_OFF}"
    if match["bold"]:
        return f"{_BOLD}{match['bold']}{_OFF}"
    return f"{_MARKER}{match['marker']}{_OFF}"
