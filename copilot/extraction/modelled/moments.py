"""Dates and times: reads how a model wrote them, and whether a quote says them.

Invariant: a day or an hour that the quote doesn't name, by number or by a word that leads to it
from the day of writing, isn't said; nothing here raises.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from copilot.extraction.finding.calendar_words import DAYS_AWAY, MONTHS, ORDINALS, WEEKDAYS
from copilot.extraction.finding.sheet import fold

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.A)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)", re.A)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})[./-]\s?(\d{4}|\d{2})(?!\d)", re.A)
# as calendars write them: 20261112T093000Z
_COMPACT = re.compile(
    r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:T([01]\d|2[0-3])([0-5]\d)(?:\d{2})?Z?)?(?!\w)", re.A | re.I
)
_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-3])(?:\s?[:.h]\s?(?P<minute>[0-5]\d)(?::[0-5]\d)?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?|uhr\b|h\b)?(?!\d|,\d)",
    re.A,
)
_MIDDAY = {"noon": 12, "mittag": 12, "midi": 12, "mediodia": 12, "midnight": 0, "mitternacht": 0}
_ISO_CLOCK = re.compile(
    r"[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?$", re.I | re.A
)
_ZONES = {
    "Z": "utc gmt z +00:00 +0000",
    "+00:00": "utc gmt z wet",
    "+01:00": "cet mez bst west",
    "+02:00": "cest mesz eet",
    "+03:00": "eest msk",
    "+05:30": "ist",
    "+09:00": "jst",
    "-03:00": "brt art",
    "-04:00": "edt",
    "-05:00": "est cdt",
    "-06:00": "cst mdt",
    "-07:00": "mst pdt",
    "-08:00": "pst",
}
_FARTHEST = 14  # days from the day of writing to the weekday that is meant
_PAIR = re.compile(r"(?<!\d)\d{1,2}\s?(?:/\s?\d{1,2}|\.\s?\d{1,2}\.)(?!\d)")  # 3/11, 3.11.
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def day_in(value: str) -> date | None:
    """The day of a date that a model wrote, if it can be read in one way only."""
    text = value.strip()
    for pattern in (_ISO, _YEAR_FIRST):
        if found := pattern.match(text):
            return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), _full(int(found[4]))
        readings = {_day(year, second, first)}
        if found[2] != ".":
            readings.add(_day(year, first, second))
        readings.discard(None)
        return readings.pop() if len(readings) == 1 else None
    return _in_words(text)


def moment_in(value: str) -> str | None:
    """A model's day, or day and time, as ``2026-11-22`` or ``2026-11-22T14:05+01:00``."""
    day = day_in(value)
    if day is None:
        return None
    clock = _ISO_CLOCK.search(value.strip())
    if clock is None:
        return day.isoformat() if re.search(r"\d[:hT]\d", value) is None else None
    if int(clock[1]) > 23 or int(clock[2]) > 59:
        return None
    seconds = f":{clock[3]}" if clock[3] and clock[3] != "00" else ""
    zone = (clock[4] or "").upper()
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{day.isoformat()}T{clock[1]}:{clock[2]}{seconds}{zone}"


def clock_in(value: str) -> str | None:
    """A model's time of day as ``14:05``."""
    found = {*_clocks(value)} if len(value) <= 20 else set()
    return found.pop() if len(found) == 1 else None


def says_day(quote: str, day: date, told: datetime | None, text: str) -> bool:
    """Whether the quote names the day; its year may stand elsewhere in the text, or be that of
    the day of writing. What a "Friday" leads to counts where no date stands beside it."""
    if day_in_quote(quote, day):
        return True
    folded = fold(quote)
    words = set(_WORD.findall(folded))
    months = {MONTHS[word] for word in words if word in MONTHS}
    numbers = [int(one) for one in re.findall(r"(?<![\d:])\d{1,2}(?![\d:])", folded)]
    numbers += [ORDINALS[word] for word in words if word in ORDINALS]
    whole = any(pattern.search(quote) for pattern in (_ISO, _YEAR_FIRST, _YEAR_LAST, _COMPACT))
    dated = whole or bool(months and numbers) or _PAIR.search(folded) is not None
    if not dated and told is not None and _leads_to(words, day, told.date()):
        return True
    by_word = day.month in months and day.day in numbers
    pairs = re.findall(r"(?<!\d)(\d{1,2})\s?[./]\s?(\d{1,2})(?!\d)", folded)
    by_number = any({int(one), int(two)} == {day.day, day.month} for one, two in pairs)
    if not (by_word or by_number):
        return False
    years = {_full(int(one)) for one in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", folded)}
    if years:
        return day.year in years
    near = told is not None and abs((day - told.date()).days) <= 366
    return near or (told is None and str(day.year) in text)


def day_in_quote(quote: str, day: date) -> bool:
    """Whether the whole date stands there, year and all, in numbers."""
    for pattern in (_ISO, _YEAR_FIRST, _COMPACT):
        for found in pattern.finditer(quote):
            if (int(found[1]), int(found[2]), int(found[3])) == (day.year, day.month, day.day):
                return True
    return any(
        _full(int(found[4])) == day.year
        and {int(found[1]), int(found[3])} == {day.day, day.month}
        and (found[2] != "." or int(found[1]) == day.day)
        for found in _YEAR_LAST.finditer(quote)
    )


def says_clock(quote: str, clock: str) -> bool:
    """Whether the quote names the time of day."""
    return clock[:5] in _clocks(quote)


def says_zone(quote: str, zone: str) -> bool:
    """Whether the quote names the time zone, which is ``Z`` or ``+01:00``."""
    folded = fold(quote)
    if zone != "Z" and (zone in folded or zone.replace(":", "") in folded):
        return True
    names = _ZONES.get(zone, "").split()
    return any(re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", folded) for name in names)


def _clocks(text: str) -> set[str]:
    """All times of day that the text may name."""
    folded = fold(text)
    found = {f"{hour:02}:00" for word, hour in _MIDDAY.items() if re.search(rf"\b{word}\b", folded)}
    for match in _CLOCK.finditer(folded):
        half, minute = match["half"] or "", match["minute"] or "00"
        if not half and match["minute"] is None:
            continue
        hour = int(match["hour"])
        if half.startswith("p") and hour < 12:
            hour += 12
        elif half.startswith("a") and hour == 12:
            hour = 0
        found.add(f"{hour:02}:{minute}")
    return found | {f"{one[4]}:{one[5]}" for one in _COMPACT.finditer(text) if one[4]}


def _leads_to(words: set[str], day: date, told: date) -> bool:
    """Whether "tomorrow" or "Friday", written on the day ``told``, may be that day."""
    away = {DAYS_AWAY[word] for word in words if word in DAYS_AWAY}
    if any(told + timedelta(days=days) == day for days in away if abs(days) < 10):
        return True
    named = {WEEKDAYS[word] for word in words if word in WEEKDAYS}
    return day.weekday() in named and abs((day - told).days) <= _FARTHEST


def _in_words(text: str) -> date | None:
    """ "22 November 2026" and "Nov 22, 2026"."""
    folded = fold(text)
    months = {MONTHS[word] for word in _WORD.findall(folded) if word in MONTHS}
    numbers = [int(one) for one in re.findall(r"\d+", folded)]
    days = [one for one in numbers if one <= 31]
    years = [one for one in numbers if 1900 <= one <= 2199]
    if len(numbers) != 2 or len(months) != 1 or len(days) != 1 or len(years) != 1:
        return None
    return _day(years[0], months.pop(), days[0])


def _full(year: int) -> int:
    return year + 2000 if year < 100 else year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
