"""Numbers written or spoken in words: forty-five, zwölftausend, quatre-vingt-dix, treinta y cuatro.

Invariant: one number is one run of words; two that can't be one ("seven seven") stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from copilot.extraction.finding.numerals import WORDS
from copilot.extraction.finding.sheet import Sheet

_HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300,
    "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500,
    "quinientas": 500, "seiscientos": 600, "seiscientas": 600, "setecientos": 700,
    "ochocientos": 800, "ochocientas": 800, "novecientos": 900, "novecientas": 900,
}  # fmt: skip
_TIMES = {
    "hundred": 100, "cent": 100, "cents": 100, "hundert": 100,
    "thousand": 1_000, "grand": 1_000, "mille": 1_000, "mil": 1_000, "tausend": 1_000,
    "million": 1_000_000, "millions": 1_000_000, "millon": 1_000_000, "millones": 1_000_000,
    "millionen": 1_000_000,
}  # fmt: skip
_SMALL = {
    word: value
    for word, value in WORDS.items()
    if value < 100 and "-" not in word and not word.endswith(("aine", "zaine", "dozen"))
} | {"seventy": 70, "septante": 70, "huitante": 80, "nonante": 90, "vingts": 20}
_SMALL.pop("once", None)
_JOINING = frozenset(("and", "et", "y"))
_ZEROS = frozenset(("zero", "oh", "o", "null", "cero", "nought"))
_TWICE = {"double": 2, "doble": 2, "doppel": 2, "triple": 3, "treble": 3}
_GAP = frozenset(" ,-")
_DIGITS_BEFORE = re.compile(r"[0-9] ?\Z")  # "30 mil" is no "mil"
_COMPOUND = re.compile("und|hundert|tausend")
_LONGEST = 12  # words of one number
_DIGIT_UNIT = r"ein|eins|zwei|drei|vier|funf|sechs|sieben|acht|neun"
_GERMAN_TENS = {
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "funfzig": 50, "sechzig": 60,
    "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_GERMAN_BELOW = (
    rf"(?:(?P<{{0}}one>{_DIGIT_UNIT})und(?P<{{0}}ten>{'|'.join(_GERMAN_TENS)})"
    r"|(?P<{0}small>zehn|elf|zwolf|[a-z]{{3,6}}zehn|"
    + "|".join(_GERMAN_TENS)
    + rf"|{_DIGIT_UNIT}))"
)
_GERMAN = re.compile(
    rf"(?:(?P<t>(?:(?:{_DIGIT_UNIT})hundert)?(?:[a-zß]{{2,20}}?)?)tausend)?"
    rf"(?:(?P<h>{_DIGIT_UNIT})?hundert)?(?:und)?(?:{_GERMAN_BELOW.format('')})?"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A number in words. ``words``: how many of them."""

    start: int
    end: int
    value: int
    words: int


def spoken_numbers(sheet: Sheet) -> Iterator[Spoken]:
    """All runs of words that are one number each."""
    index, words = 0, sheet.words
    while index < len(words):
        found = spoken_at(sheet, index)
        if found is None or _DIGITS_BEFORE.search(
            sheet.folded, max(0, found.start - 2), found.start
        ):
            index += 1
            continue
        yield found
        index += found.words


def spoken_at(sheet: Sheet, index: int) -> Spoken | None:
    """The number whose words begin with this one."""
    words = sheet.words
    first = words[index]
    value = _single(first.text)
    if value is None:
        return None
    total, current, least = 0, value, 10 if first.text == "dix" else _scale(value)
    step = index
    while step - index < _LONGEST:
        at = _next(sheet, step)
        if at is None:
            break
        word = words[at].text
        times = _TIMES.get(word)
        more = _SMALL.get(word, _HUNDREDS.get(word))
        if times == 100 and current < 100:
            current, least = current * 100, 100
        elif times is not None and times > 100 and 0 < current < times:
            total, current, least = total + current * times, 0, times
        elif more == 20 and current % 100 == 4 and word.startswith("vingt"):
            current, least = current + 76, 20
        elif more is not None and 0 < more < least:
            current, least = current + more, 10 if word == "dix" else _scale(more)
        else:
            break
        step = at
    whole = total + current
    return Spoken(first.start, words[step].end, whole, step - index + 1) if whole else None


def _next(sheet: Sheet, step: int) -> int | None:
    """The word that may go on with a number, past a word that joins."""
    words = sheet.words
    for at in (step + 1, step + 2):
        if at >= len(words):
            return None
        if sheet.folded[words[at - 1].end : words[at].start] not in (" ", "-"):
            return None
        if words[at].text not in _JOINING:
            return at
    return None


def _scale(value: int) -> int:
    """What is added has to be smaller: 40 takes a unit, 60 and 80 take teens in French."""
    if value in (60, 80):
        return 20
    if value >= 100:
        return 100
    return 10 if value >= 20 else 0


def _single(word: str) -> int | None:
    for table in (_SMALL, _HUNDREDS):
        if word in table:
            return table[word]
    if word in ("hundred", "thousand", "mille", "mil", "cent", "hundert", "tausend"):
        return _TIMES[word]
    return _german(word) if len(word) > 7 and _COMPOUND.search(word) else None


def _german(word: str) -> int | None:
    """A compound: zwölftausendfünfhundert, einundzwanzig."""
    match = _GERMAN.fullmatch(word)
    if match is None or not word:
        return None
    value = 0
    if "tausend" in word:
        head = match["t"] or ""
        before = 1 if head in ("", "ein") else _SMALL.get(head) or _german(head)
        if before is None:
            return None
        value += before * 1000
    if "hundert" in word.rpartition("tausend")[2]:
        value += _SMALL.get(match["h"] or "ein", 1) * 100
    if match["one"]:
        value += (_SMALL.get(match["one"]) or 1) + _GERMAN_TENS[match["ten"]]
    elif match["small"]:
        small = _GERMAN_TENS.get(match["small"], _SMALL.get(match["small"]))
        if small is None:
            return None
        value += small
    return value or None


def spoken_digits(sheet: Sheet, index: int, *, most: int) -> tuple[str, int]:
    """The digits of a run of number words, and the word behind it."""
    words, folded = sheet.words, sheet.folded
    digits, at, times = "", index, 1
    while at < len(words) and len(digits) <= most:
        if at > index and not _close(folded, words[at - 1].end, words[at].start):
            break
        word = words[at].text
        if word in _TWICE:
            times = _TWICE[word]
            at += 1
            continue
        if word in _ZEROS:
            digits += "0" * times
            at, times = at + 1, 1
            continue
        spoken = spoken_at(sheet, at)
        if spoken is None or spoken.value > 999:
            break
        digits += str(spoken.value) * times
        at, times = at + spoken.words, 1
    return (digits, at) if digits else ("", index)


def tells_digits(word: str) -> bool:
    """Whether a word may be part of a number that is read out digit by digit."""
    return word in _SMALL or word in _ZEROS or word in _TWICE


def _close(folded: str, start: int, end: int) -> bool:
    return end - start <= 3 and all(char in _GAP for char in folded[start:end])
