"""Numbers: reads how a model wrote one, and whether a quote says it.

Invariant: a number that no numeral and no number word of the quote means isn't said.
"""

from __future__ import annotations

import math
import re

from copilot.extraction.finding.numerals import MULTIPLES, WORDS, number, times
from copilot.extraction.finding.sheet import fold

_DIGITS = r"[0-9](?:[0-9.,' ]*[0-9])?"
_NUMERAL = re.compile(
    rf"(?:(?<![\w.,])|(?<=eur)|(?<=usd)|(?<=chf)|(?<=gbp))(?P<sign>[-−]?)(?P<digits>{_DIGITS})"
)
_ALONE = re.compile(
    rf"(?:[a-z]{{3}}|[$€£¥])?\s*(?P<sign>[-−]?)\s*(?P<digits>{_DIGITS})\s*"
    r"(?P<multiple>[a-z]*)\.?\s*(?:[a-z]{3}|[$€£¥%])?"
)
_MULTIPLE = re.compile(r"\s?([a-z]+)\b")
_ALSO_UNITS = frozenset({"m", "mm"})  # metres and minutes, or millions
_LARGEST = 1e15
_LONGEST = 40  # characters of a numeral that means something


def number_in(value: object) -> int | float | None:
    """The number that a model meant: one, or a text that is plainly one."""
    found: int | float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = value
    elif isinstance(value, str) and len(value) <= 40:
        match = _ALONE.fullmatch(fold(value.strip()))
        read = number(match["digits"]) if match is not None else None
        if match is not None and read is not None:
            found = times(read, match["multiple"]) if match["multiple"] in MULTIPLES else read
            found = -found if match["sign"] else found
    return found if found is not None and sane(found) else None


def sane(value: int | float) -> bool:
    """Whether a record may hold the number: no infinity, none that only a list of digits says."""
    return abs(value) < _LARGEST  # which no comparison with a NaN is


def says_number(quote: str, value: int | float) -> bool:
    """Whether a numeral or a word of the quote means the number, in some country's writing."""
    return any(math.isclose(one, value, rel_tol=1e-9, abs_tol=1e-9) for one in _all(quote))


def _all(text: str) -> set[int | float]:
    folded = fold(text)
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", folded)
    found: set[int | float] = {WORDS[word] for word in words if word in WORDS}
    for match in _NUMERAL.finditer(folded):
        written = match["digits"]
        if len(written) > _LONGEST:
            continue
        readings = {number(written), number(written, grouped=False)}
        if readings == {None}:  # "10, 20": several in a row
            readings = {number(part) for part in re.split(r"[, ]+", written)}
        after = _MULTIPLE.match(folded, match.end())
        for reading in readings:
            if reading is None:
                continue
            said = after[1] if after is not None and after[1] in MULTIPLES else ""
            if not said or said in _ALSO_UNITS:
                found |= {reading, -reading} if match["sign"] else {reading}
            if said:
                found.add(times(reading, said))
    return found
