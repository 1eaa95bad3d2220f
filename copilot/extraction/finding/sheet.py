"""A text made ready for the finders: folded once, its words found once, its days known.

Invariant: ``folded`` has one character for each of the text, so offsets are those of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.reading import Message, Reading
from copilot.handoff import DateWords

_YEARS = range(1900, 2200)  # a header may claim any
_WORD = re.compile(r"[^\W_]+")
_LOOKALIKES = {
    **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007", " "),
    **dict.fromkeys("\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4\u02bc\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u0153": "o",
    "\u0142": "l",
    "\u0131": "i",
    "\u0111": "d",
    "\u00f8": "o",
}


def _without_accents() -> dict[int, str]:
    folded = {ord(char): plain for char, plain in _LOOKALIKES.items()}
    for code in range(0xC0, 0x180):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain.isascii():
            folded[code] = plain
    return folded


_FOLDED = _without_accents()


def fold(text: str) -> str:
    """Lower case, without accents, with plain blanks, quotes and dashes; character by character."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lower if lower.isascii() and "\t" not in lower else lower.translate(_FOLDED)


class Word(NamedTuple):
    """A run of letters and digits, folded."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every finder looks at. ``region``: the country that the settings give."""

    reading: Reading
    kinds: frozenset[CandidateKind]
    folded: str
    words: tuple[Word, ...]
    region: str
    dates: DateWords
    name_words: Collection[str]  # the last words of configured names
    message_starts: tuple[int, ...]

    @property
    def text(self) -> str:
        return self.reading.text

    def message_at(self, offset: int) -> Message | None:
        """The message that the words at this offset stand in."""
        index = bisect_right(self.message_starts, offset) - 1
        return self.reading.messages[index] if index >= 0 else None

    def told_at(self, offset: int) -> datetime | None:
        """When the words at this offset were written, as far as it is known and can be true."""
        message = self.message_at(offset)
        told = self.reading.source.received_at
        if message is not None and message.sent_at is not None:
            told = message.sent_at
        return told if told is not None and told.year in _YEARS else None

    def wants(self, *kinds: CandidateKind) -> bool:
        """Whether any of these is looked for."""
        return not self.kinds.isdisjoint(kinds)


def lay_out(
    reading: Reading,
    kinds: Collection[CandidateKind],
    *,
    region: str,
    dates: DateWords,
    name_words: Collection[str] = (),
) -> Sheet:
    """The reading's text, ready."""
    folded = fold(reading.text)
    return Sheet(
        reading=reading,
        kinds=frozenset(kinds),
        folded=folded,
        words=tuple(Word(*m.span(), m[0]) for m in _WORD.finditer(folded)),
        region=region,
        dates=dates,
        name_words=name_words,
        message_starts=tuple(message.start for message in reading.messages),
    )
