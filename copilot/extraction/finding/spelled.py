"""Codes and numbers that are read out: "P R N dash one one seven", "alarm one four four".

Invariant: what numbers an order, a device or a ticket is a reference, and no error's code.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from operator import attrgetter

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.labels import words_before
from copilot.extraction.finding.number_words import spoken_digits
from copilot.extraction.finding.sheet import Sheet

_SPELLED = re.compile(
    r"(?<![\w.])(?P<letters>[a-z](?:[ ,.\-]{1,2}[a-z]){1,4}|[a-z]{2,5}),?"
    r" (?:dash|minus|hyphen|strich|bindestrich|guion|tiret),? (?=(?P<digits>[0-9]{2,6})\b|[a-z])"
)
_ACRONYM = re.compile(r"(?<![\w\-])[A-Z]{2,5},? (?=[a-z]{2,})")
_TOLD = re.compile(
    r"\b(?:error|alarm|fault|fehler|erreur|alarme|alarma|fallo|(?<!postal )(?<!zip )code|codigo)"
    r"(?: (?:code|number|nummer|numero))?(?: (?:is|ist|est|es))? (?=[a-z])"
)
_TAKEN_BACK = re.compile(
    r"\W{0,3}(?:no,? sorry|sorry|i mean|no,? wait|scratch that|correction|nein|quatsch|moment"
    r"|non,? pardon|pardon|non\b|perdon|no,? perdon)\b"
)
_LONG_CODE = 5
_START = attrgetter("start")
_ALOUD = re.compile(r"dash|minus|hyphen|strich|guion|tiret")


def spelled(sheet: Sheet, numbered: Collection[str]) -> Iterator[Candidate]:
    """Codes that are read out. ``numbered``: the words for what has a number of its own."""
    for match in _SPELLED.finditer(sheet.folded) if _ALOUD.search(sheet.folded) else ():
        letters = "".join(char for char in match["letters"] if char.isalpha()).upper()
        if match["letters"].isalpha() and not sheet.text.startswith(letters, match.start()):
            continue  # a word before a dash, not a code's letters
        kind = _kind(sheet, match.start(), numbered)
        if match["digits"]:
            end = match.end("digits")
            yield _read_out(kind, f"{letters}-{match['digits']}", match.start(), end, 0.75)
            continue
        index = _word_at(sheet, match.end())
        digits, after = spoken_digits(sheet, index, most=7)
        if 2 <= len(digits) <= (_LONG_CODE if kind is CandidateKind.ERROR_CODE else 7):
            end = sheet.words[after - 1].end
            if not _TAKEN_BACK.match(sheet.folded, end):
                yield _read_out(kind, f"{letters}-{digits}", match.start(), end, 0.75)
    for match in _TOLD.finditer(sheet.folded):
        index = _word_at(sheet, match.end())
        digits, after = spoken_digits(sheet, index, most=6)
        if 2 <= len(digits) <= _LONG_CODE and after - index > 1:
            start, end = sheet.words[index].start, sheet.words[after - 1].end
            if not _TAKEN_BACK.match(sheet.folded, end):
                yield _read_out(CandidateKind.ERROR_CODE, digits, start, end, 0.6)
    for match in _ACRONYM.finditer(sheet.text):
        index = _word_at(sheet, match.end())
        digits, after = spoken_digits(sheet, index, most=6)
        if 3 <= len(digits) <= 4 and after - index > 1:
            end = sheet.words[after - 1].end
            kind = _kind(sheet, match.start(), numbered)
            yield _read_out(kind, f"{match[0].strip(' ,')}-{digits}", match.start(), end, 0.5)


def _word_at(sheet: Sheet, offset: int) -> int:
    return bisect_left(sheet.words, offset, key=_START)


def _kind(sheet: Sheet, start: int, numbered: Collection[str]) -> CandidateKind:
    """A reference behind the word for what it numbers: "the asset sticker says …"."""
    told = set(words_before(sheet.folded, start, 4))
    return CandidateKind.ERROR_CODE if told.isdisjoint(numbered) else CandidateKind.REFERENCE


def _read_out(kind: CandidateKind, value: str, start: int, end: int, sure: float) -> Candidate:
    return Candidate(kind, value, start, end, sure, label="spelled")
