"""Numbers as people write them in English, German, French and Spanish.

Invariant: a text that isn't plainly one number is none; nothing here raises.
"""

from __future__ import annotations

import re

# 12 · 1.234,50 · 1,234.50 · 1 234,50 · 3'200 · 0.5
_GROUPS = "|".join(
    rf"{mark}[0-9]{{3}}(?:{mark}[0-9]{{3}}){{0,3}}" for mark in (r"\.", ",", "'", " ")
)
NUMBER = rf"[0-9]{{1,3}}(?:(?:{_GROUPS})(?![0-9]))?(?:[.,][0-9]{{1,4}})?(?![0-9])"
PLAIN = r"[0-9]{1,12}(?:[.,][0-9]{1,4})?"

_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*(?:([.,])([0-9]{1,4}))?")
_SIMPLE = re.compile(r"([0-9]+)(?:([.,])([0-9]{1,4}))?")

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn "
    "funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf vingt",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
    "quince dieciseis diecisiete dieciocho diecinueve veinte",
}
_MORE = {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "twenty-one": 21, "twenty-two": 22, "twenty-three": 23, "twenty-four": 24,
    "twenty-five": 25, "twenty-six": 26, "twenty-seven": 27, "twenty-eight": 28,
    "twenty-nine": 29, "thirty-one": 31, "hundred": 100, "dozen": 12,
    "fuenf": 5, "fuenfzehn": 15, "zwoelf": 12, "zwo": 2, "einundzwanzig": 21,
    "zweiundzwanzig": 22, "dreiundzwanzig": 23, "vierundzwanzig": 24, "funfundzwanzig": 25,
    "sechsundzwanzig": 26, "siebenundzwanzig": 27, "achtundzwanzig": 28, "neunundzwanzig": 29,
    "dreißig": 30, "dreissig": 30, "einunddreißig": 31, "vierzig": 40, "funfzig": 50,
    "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "hundert": 100, "dutzend": 12,
    "vingt-et-un": 21, "vingt-deux": 22, "vingt-trois": 23, "vingt-quatre": 24,
    "vingt-cinq": 25, "vingt-six": 26, "vingt-sept": 27, "vingt-huit": 28, "vingt-neuf": 29,
    "trente": 30, "trente-et-un": 31, "quarante": 40, "cinquante": 50, "soixante": 60,
    "cent": 100, "douzaine": 12, "soixantaine": 60, "vingtaine": 20, "dizaine": 10,
    "veintiuno": 21, "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25,
    "veintiseis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "treinta": 30,
    "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
    "noventa": 90, "cien": 100, "docena": 12,
}  # fmt: skip

WORDS: dict[str, int] = {
    word: value for units in _UNITS.values() for value, word in enumerate(units.split())
} | _MORE
WORDS["six"] = 6  # the same in English and French

MULTIPLES = {
    "k": 1_000, "tsd": 1_000, "tausend": 1_000, "thousand": 1_000, "mille": 1_000, "mil": 1_000,
    "m": 1_000_000, "mn": 1_000_000, "mm": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
    "millions": 1_000_000, "millionen": 1_000_000, "millones": 1_000_000, "millon": 1_000_000,
    "bn": 1_000_000_000, "mrd": 1_000_000_000, "billion": 1_000_000_000,
    "milliarden": 1_000_000_000, "milliards": 1_000_000_000,
}  # fmt: skip


def number(written: str, *, grouped: bool = True) -> int | float | None:
    """The number that these digits say.

    Three digits after the only separator are thousands where ``grouped``, as in sums of money and
    counts; otherwise they are a fraction.
    """
    digits = written.strip()
    groups = _GROUPED.fullmatch(digits)
    if groups is not None and groups[2] != groups[1]:
        one = digits.count(groups[1]) == 1 and groups[3] is None and groups[1] in ".,"
        if not digits.startswith("0") and (grouped or not one):
            whole = digits if groups[3] is None else digits[: -len(groups[3]) - 1]
            return _value("".join(char for char in whole if char.isdigit()), groups[3] or "")
    simple = _SIMPLE.fullmatch(digits)
    return None if simple is None else _value(simple[1], simple[3] or "")


def _value(whole: str, fraction: str) -> int | float:
    if not fraction.strip("0"):
        return int(whole)
    return float(f"{whole}.{fraction}")


def times(value: int | float, multiple: str) -> int | float:
    """``value`` thousands, millions …, exact where it is a whole number."""
    product = round(value * MULTIPLES.get(multiple.strip(". "), 1), 6)
    return int(product) if product == int(product) else product
