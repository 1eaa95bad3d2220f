"""Dates in the words of further languages, which a library reads: 3 listopada 2026.

Invariant: only a day with its month and its year; only so many of them in one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from copilot.extraction.finding.calendar_words import MONTHS
from copilot.extraction.finding.day_numbers import Day
from copilot.extraction.finding.days import OnDate
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.taken import Taken

_WRITTEN = re.compile(
    r"(?<![\w.,/\-])[0-9]{1,2}(?:\.|º|°|-a)? (?:de |di |d')?(?P<month>[^\W\d_]{3,12})\.?"
    r" (?:de |del |di )?(?:19|20)[0-9]{2}(?![\w.])"
)
# How months begin in Italian, Dutch, Portuguese, Polish, Czech, the Nordic languages, Romanian, …
_BEGINNINGS = frozenset(
    "gen feb mar apr mag giu lug ago set ott nov dic jan maa mrt mei jun jul aug sep okt dec fev"
    " abr "
    "mai out dez sty lut kwi maj cze lip sie wrz paz lis gru led uno bre dub kve cer srp zar rij"
    " pro "
    "tam hel maa huh tou kes hei elo syy lok mar jou ian iun iul noi oca sub nis haz tem agu eyl"
    " eki "
    "kas ara gener febr marc maig juny jul ago dese".split()
)
_MOST = 20


def foreign_days(sheet: Sheet, taken: Taken) -> Iterator[Day]:
    """Days that the four languages' own words don't say."""
    for match in islice(_WRITTEN.finditer(sheet.folded), _MOST):
        month = match["month"]
        if month in MONTHS or month[:3] not in _BEGINNINGS or taken.overlaps(*match.span()):
            continue
        day = sheet.dates.read(sheet.text[match.start() : match.end()])
        if day is not None:
            yield Day(match.start(), match.end(), OnDate(day, 0.85))
