"""When a message was sent, out of a header, an attribution or before a turn.

Invariant: a zone is set only where the words name one; what isn't a moment is None.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner jän janvier janv enero ene",
            "february feb februar feber février févr fév fevrier febrero",
            "march mar märz mär mrz mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août aout agosto ago",
            "september sept sep septembre septiembre setiembre set",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    name: timedelta(minutes=minutes)
    for names, minutes in (
        ("utc gmt z wet", 0),
        ("cet mez bst west", 60),
        ("cest mesz eet", 120),
        ("eest", 180),
        ("edt", -240),
        ("est cdt", -300),
        ("cst mdt", -360),
        ("mst pdt", -420),
        ("pst", -480),
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:\.|er|st|nd|rd|th|º)?[\s-]{{0,2}}(?:de |of )?({_MONTH})\b\.?"
    r"(?:,|[\s-]{1,2}|$)\s?(?:del? )?((?:19|20)\d\d\b)?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?![./-]\d)(?:,? ((?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?<![\d.:/-])(\d{1,2})(?:([./-])(\d{1,2})\2((?:19|20)?\d\d)?|/(\d{1,2}))(?![\d/-])"
)
_TIME = re.compile(
    r"(?<![\d.,:+-])(\d{1,2})(?::|\s?[hH]\s?|\.(?=\d\d\s?Uhr))(\d\d)(?::(\d\d))?(?![\d:])"
    r"(?:[.,]\d{1,6})?\s?(?:([ap])\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(\d{1,2})\s?(?:([ap])\.?m\b|(?:Uhr|h)\b)", re.IGNORECASE)
_ZONE = re.compile(
    r"(?:\b(?:UTC|GMT)\s?)?([+-])(\d\d?):?(\d\d)?\b"
    r"|\b(UTC|GMT|Z|WEST|WET|CEST|CET|MESZ|MEZ|BST|EEST|EET|[ECMP][SD]T)\b"
)


def moment_in(
    words: str, *, near: datetime | None = None, month_first: bool | None = None
) -> datetime | None:
    """The one moment that the words state. ``near`` completes a year, or a date where only a time
    stands there. ``month_first`` says how to read 4/11/2026; None: as what else stands there tells.
    """
    words = words[:200]
    time, behind = _time_in(words)
    day = _day_in(words, near=near, month_first=month_first)
    if day is None:
        if near is None or time is None:
            return None
        day = (near.year, near.month, near.day)
    hour, minute, second = time or (0, 0, 0)
    zone = _zone_in(words[behind:]) if time else None
    try:
        return datetime(*day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _time_in(words: str) -> tuple[tuple[int, int, int] | None, int]:
    found = _TIME.search(words)
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        half = found[4]
    else:
        found = _HOUR.search(words)
        if not found:
            return None, 0
        hour, minute, second, half = int(found[1]), 0, 0, found[2]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None, 0
    return (hour, minute, second), found.end()


def _day_in(
    words: str, *, near: datetime | None, month_first: bool | None
) -> tuple[int, int, int] | None:
    if found := _ISO.search(words):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_MONTH.search(words):
        month = _MONTHS[found[2].lower()]
        return _completed(found[3], month, int(found[1]), near=near)
    if found := _MONTH_DAY.search(words):
        month = _MONTHS[found[1].lower()]
        return _completed(found[3], month, int(found[2]), near=near)
    if found := _NUMBERS.search(words):
        first, second = int(found[1]), int(found[3] or found[5])
        if found[2] == "." or (first > 12 >= second):
            american = False
        elif second > 12 >= first:
            american = True
        elif month_first is None:
            american = bool(re.search(r"\d\s?[ap]m\b", words, re.IGNORECASE))
        else:
            american = month_first
        day, month = (second, first) if american else (first, second)
        year = found[4] and (found[4] if len(found[4]) == 4 else f"20{found[4]}")
        return _completed(year, month, day, near=near)
    return None


def _completed(
    year: str | None, month: int, day: int, *, near: datetime | None
) -> tuple[int, int, int] | None:
    """A day without a year is the latest one up to ``near``."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if year:
        return int(year), month, day
    if near is None:
        return None
    later = (month, day) > ((near + timedelta(days=1)).month, (near + timedelta(days=1)).day)
    return near.year - (1 if later else 0), month, day


def _zone_in(words: str) -> tzinfo | None:
    found = _ZONE.search(words[:40])
    if not found:
        return None
    if found[4]:
        return timezone(_ZONES[found[4].lower()])
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if ahead >= timedelta(hours=15):
        return None
    return timezone(ahead if found[1] == "+" else -ahead)
