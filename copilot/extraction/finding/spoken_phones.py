"""Telephone numbers that are read out: oh seven seven double oh, nine double oh …

Invariant: only runs of number words with at least nine digits, which a country's numbers allow.
"""

from __future__ import annotations

from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.number_words import spoken_digits, tells_digits
from copilot.extraction.finding.regions import regions_of
from copilot.extraction.finding.sheet import Sheet
from copilot.handoff import PhoneNumbers

_PLUS = frozenset(("plus", "mas", "+"))
_LEAST, _MOST = 9, 15
_FEWEST_WORDS = 4


def find_spoken_phones(sheet: Sheet, phones: PhoneNumbers) -> Iterator[Candidate]:
    """Each run of number words that is a telephone number."""
    index, words = 0, sheet.words
    if sum(tells_digits(word.text) for word in words) < _FEWEST_WORDS:
        return
    while index < len(words):
        digits, after = spoken_digits(sheet, index, most=_MOST)
        if after == index:
            index += 1
            continue
        if _LEAST <= len(digits) <= _MOST:
            start, end = words[index].start, words[after - 1].end
            international = index > 0 and words[index - 1].text in _PLUS
            written = f"+{digits}" if international else digits
            for region in ("",) if international else regions_of(sheet, start, digits):
                number = phones.read(written, region=region)
                if number is not None:
                    yield Candidate(CandidateKind.PHONE, number.e164, start, end, 0.7)
                    break
        index = after
