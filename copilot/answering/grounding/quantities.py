"""Numbers, dates, times, versions and amounts of a text, in comparable form.

Invariant: two quantities are equal when they say the same thing ("45 min" and "45 minutes",
"1,000" and "1000", "1 hour" and "60 minutes", "5 %" and "5 percent") and else they differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SECONDS = {
    "ms": 0.001, "msec": 0.001, "millisecond": 0.001, "milliseconds": 0.001,
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400, "week": 604800, "weeks": 604800,
    "month": 2629800, "months": 2629800, "year": 31557600, "years": 31557600,
}  # fmt: skip
_BYTES = {
    "b": 1, "byte": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 1024, "mib": 1024**2, "gib": 1024**3, "tib": 1024**4,
    "kilobytes": 1e3, "megabytes": 1e6, "gigabytes": 1e9, "terabytes": 1e12,
}  # fmt: skip
_MONEY = {"$": "usd", "usd": "usd", "dollars": "usd", "dollar": "usd", "€": "eur", "eur": "eur",
          "euros": "eur", "euro": "eur", "£": "gbp", "gbp": "gbp", "pounds": "gbp"}  # fmt: skip
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "billion": 1e9, "bn": 1e9,
          "trillion": 1e12, "hundred": 100, "dozen": 12}  # fmt: skip
_WORDS = {
    w: float(i)
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"half": 0.5}
_TENS = {
    w: 10.0 * i
    for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_WORDS |= _TENS
_MONTHS = {
    m: i + 1
    for i, m in enumerate(
        "january february march april may june july august september october november "
        "december".split()
    )
}
_MONTHS |= {m[:3]: i for m, i in _MONTHS.items()} | {"sept": 9}

_UNIT = "|".join(sorted(map(re.escape, [*_SECONDS, *_BYTES]), key=len, reverse=True))
_SCALES = "|".join(_SCALE)
_TIMES = "second|minute|hour|day|week|month|year"
_NUMBER = r"\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_COUNT = "|".join(w for w in _WORDS if w not in ("one", "half"))
# capitalised, or "may 5" would be a date
_MONTH = "(?-i:" + "|".join(m.title() for m in sorted(_MONTHS, key=len, reverse=True)) + ")"

_PATTERN = re.compile(
    rf"""
    (?P<iso>\b\d{{4}}-\d\d-\d\d\b)
  | (?P<dmy>\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>\d{{4}}))?)
  | (?P<mdy>\b(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*[:%])
      (?:,?\s+(?P<y2>\d{{4}}))?)
  | (?P<my>\b(?P<m3>{_MONTH})\.?\s+(?P<y3>\d{{4}})\b)
  | (?P<time>\b(?P<hh>\d{{1,2}})
      (?::(?P<mm>\d\d)(?::\d\d)?\s*(?P<ap1>[ap]\.?m\b)?|\s*(?P<ap2>[ap]\.?m\b)))
  | (?P<version>\bv?\d+(?:\.\d+){{2,}}(?:[-+][\w.]+)?\b|\bv\d+(?:\.\d+)*\b)
  | (?P<money>(?P<sign>[$€£])\s?(?P<amount>{_NUMBER})\s?(?P<mscale>(?:{_SCALES})\b)?)
  | (?<![A-Za-z0-9_.])(?<![A-Za-z]-)(?P<number>(?:(?<![\w)])[-−+])?(?:{_NUMBER}))(?![\d])
      (?:(?P<pct>\s?%|\s(?:percent|per\s+cent)\b)
        |(?P<scale>\s?(?:{_SCALES})\b)?(?:[\s-]?(?P<unit>(?:{_UNIT}|usd|eur|gbp|dollars?|euros?)\b))?
      )(?![A-Za-z0-9_])
  | \b(?:(?P<tens>{"|".join(_TENS)})-)?
      (?P<word>(?:{_COUNT})|(?<=-)one|(?:one|an?|half\ an?)(?=[\s-](?:{_TIMES})\b))
      (?P<wscale>[\s-](?:hundred|thousand|million|billion|dozen)\b)?
      (?:(?P<wpct>\s(?:percent|per\s+cent)\b)|[\s-](?P<wunit>(?:{_UNIT})\b))?
    """,
    re.X | re.I,
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|and|or)\s*\Z", re.I)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*+•])\s+")


@dataclass(frozen=True, slots=True)
class Quantity:
    """``kind`` and ``value`` compare; ``text`` is how it is written, at ``[start, end)``."""

    kind: str
    value: str
    text: str
    start: int
    end: int

    def equals(self, other: Quantity) -> bool:
        if self.kind == other.kind == "date":
            mine, theirs = self.value.split("-"), other.value.split("-")
            return all(a == b or "" in (a, b) for a, b in zip(mine, theirs, strict=True))
        return self.kind == other.kind and self.value == other.value


def quantities(text: str) -> list[Quantity]:
    """All quantities in order. The number of a list item isn't one."""
    mark = _LIST_MARK.match(text)
    found = [q for m in _PATTERN.finditer(text, mark.end() if mark else 0) if (q := _read(m))]
    return _shared_units(text, found)


def _read(match: re.Match[str]) -> Quantity | None:
    kind, value = _kind_and_value(match)
    written = match.group().strip()
    return Quantity(kind, value, written, match.start(), match.end())


def _kind_and_value(m: re.Match[str]) -> tuple[str, str]:
    if m["iso"]:
        year, month, day = m["iso"].split("-")
        return "date", f"{year}-{int(month)}-{int(day)}"
    for n in "123":
        if m[f"m{n}"]:
            day = m[f"d{n}"] if n != "3" else ""
            return "date", f"{m[f'y{n}'] or ''}-{_MONTHS[m[f'm{n}'].lower()]}-{day or ''}"
    if m["time"]:
        return "time", _time(m)
    if m["version"]:
        return "version", m["version"].lower().lstrip("v")
    if m["money"]:
        scale = _SCALE[m["mscale"].lower()] if m["mscale"] else 1
        return "usd" if m["sign"] == "$" else _MONEY[m["sign"]], _plain(_value(m["amount"]) * scale)
    if m["number"]:
        scale = _SCALE[m["scale"].strip().lower()] if m["scale"] else 1
        return _with_unit(_value(m["number"]) * scale, m["unit"], percent=bool(m["pct"]))
    word = m["word"].lower()
    value = 0.5 if word.startswith("half") else _WORDS.get(word, 1.0)
    if m["tens"]:
        value += _TENS[m["tens"].lower()]
    if m["wscale"]:
        value *= _SCALE[m["wscale"].strip(" -").lower()]
    return _with_unit(value, m["wunit"], percent=bool(m["wpct"]))


def _with_unit(value: float, unit: str | None, *, percent: bool) -> tuple[str, str]:
    if percent:
        return "%", _plain(value)
    unit = (unit or "").lower()
    if unit in _SECONDS:
        return "seconds", _plain(value * _SECONDS[unit])
    if unit in _BYTES:
        return "bytes", _plain(value * _BYTES[unit])
    if unit in _MONEY:
        return _MONEY[unit], _plain(value)
    return "number", _plain(value)


def _time(m: re.Match[str]) -> str:
    hour, half = int(m["hh"]), (m["ap1"] or m["ap2"] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return f"{hour}:{m['mm'] or '00'}"


def _value(written: str) -> float:
    return float(re.sub(r"[,\u202f\u00a0+]", "", written).replace("−", "-"))


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _shared_units(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """In "5 to 10 minutes" the first number has the second one's unit."""
    result = list(found)
    for i in range(len(result) - 2, -1, -1):
        here, after = result[i], result[i + 1]
        between = text[here.end : after.start]
        if here.kind != "number" or after.kind not in ("seconds", "bytes", "%"):
            continue
        if not _RANGE.fullmatch(between) or not (unit := _unit_of(after)):
            continue
        kind, value = _with_unit(
            float(here.value), None if unit == "%" else unit, percent=unit == "%"
        )
        result[i] = Quantity(kind, value, here.text, here.start, here.end)
    return result


def _unit_of(quantity: Quantity) -> str:
    if quantity.kind == "%":
        return "%"
    match = re.search(rf"({_UNIT})\s*\Z", quantity.text, re.I)
    return match[1] if match else ""
