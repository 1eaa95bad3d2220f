"""Finds the words that a model copied where they stand in the text.

Invariant: what is found is given by its offsets in the text, so that a quote is always the text's
own characters; a quote begins and ends where words do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property

from copilot.extracted import Evidence
from copilot.extraction.finding.sheet import fold

# zero-width and direction marks, soft hyphens, accents that are characters of their own; and the
# marks that begin a quoted line
_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANK = re.compile(r"(?:\A|\s*\n)[ \t]*>[ \t>]*|\s+|[*_`]{2,3}")
_INSIDE_A_NUMBER = re.compile(r"\d[.,]\d")  # "12" of "12,5", "1.2" of "1.2.3"
_ALPHABETIC = 0x0590  # from here on, scripts that may write words without blanks between them
_TRIMMED = " \t\r\n\"'“”„‚‘’«»`"


class Anchors:
    """A text that words are looked up in, exactly or but for blanks, case, accents and quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, words: str, start: int = 0, end: int | None = None) -> Evidence | None:
        """Where the words stand first between two offsets of the text."""
        end = len(self.text) if end is None else end
        for tried in dict.fromkeys((words, words.strip(), words.strip(_TRIMMED))):
            if not _says_something(tried):
                return None
            for at in _places(self.text, tried, start, end):
                return self._evidence(at, at + len(tried))
        return self._find_alike(words.strip(_TRIMMED), start, end)

    def _find_alike(self, words: str, start: int, end: int) -> Evidence | None:
        plain, offsets = self._plain
        tried = _squeezed(words)[0].strip()
        if not _says_something(tried):
            return None
        for at in _places(plain, tried, 0, len(plain)):
            first, last = offsets[at], offsets[at + len(tried) - 1] + 1
            while unicodedata.combining(self.text[last : last + 1] or " "):
                last += 1
            if start <= first and last <= end:
                return self._evidence(first, last)
        return None

    def _evidence(self, start: int, end: int) -> Evidence:
        return Evidence(self.text[start:end], start, end)

    @cached_property
    def _plain(self) -> tuple[str, list[int]]:
        return _squeezed(self.text)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text folded, with single blanks, and where each of its characters came from."""
    folded = fold(text)
    chars: list[str] = []
    offsets: list[int] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(folded, at)
        if blank is not None and blank.end() > at:
            if chars and chars[-1] != " ":
                chars.append(" ")
                offsets.append(at)
            at = blank.end()
            continue
        if not _UNSEEN.match(folded, at):
            chars.append(folded[at])
            offsets.append(at)
        at += 1
    return "".join(chars), offsets


def _places(text: str, words: str, start: int, end: int) -> Iterator[int]:
    """Where the words stand as words of their own, not within longer ones."""
    at = text.find(words, start, end)
    while at >= 0:
        if not (_joined(text, at) or _joined(text, at + len(words))):
            yield at
        at = text.find(words, at + 1, end)


def _says_something(words: str) -> bool:
    """Whether there is more to it than marks; the sign of a currency says which."""
    return any(char.isalnum() or unicodedata.category(char) == "Sc" for char in words)


def _joined(text: str, at: int) -> bool:
    """Whether a word, or a number, goes on over this offset; a version does not from its v."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after):
        return True
    if before in "vV" and after.isdigit() and not text[at - 2 : at - 1].isalnum():
        return False
    if before in ".," or after in ".,":
        around = text[max(0, at - 2) : at + 1] if before in ".," else text[at - 1 : at + 2]
        return _INSIDE_A_NUMBER.fullmatch(around) is not None
    return all(char.isalnum() and ord(char) < _ALPHABETIC for char in (before, after))
