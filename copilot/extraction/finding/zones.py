"""Time zones as people name them, and how far each is from UTC at a moment.

Invariant: an abbreviation means its offset, a place means its clock, with summer time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIXED = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "hnec": 60,
    "cest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "ist": 330, "sgt": 480,
    "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "akst": -540, "hst": -600, "art": -180, "brt": -180,
}  # fmt: skip
_WORDS = frozenset((*_FIXED, "pt", "et", "ct", "mt")) - {"utc", "gmt", "cet", "mez", "mesz", "z"}
_PLACES = {
    "pt": "America/Los_Angeles", "et": "America/New_York", "ct": "America/Chicago",
    "mt": "America/Denver", "pacific": "America/Los_Angeles", "pacifico": "America/Los_Angeles",
    "eastern": "America/New_York", "central european": "Europe/Berlin",
    "central": "America/Chicago", "mountain": "America/Denver",
    "london": "Europe/London", "uk": "Europe/London", "londres": "Europe/London",
    "londoner": "Europe/London", "dublin": "Europe/Dublin", "lisbon": "Europe/Lisbon",
    "lisboa": "Europe/Lisbon", "lissabon": "Europe/Lisbon", "lisbonne": "Europe/Lisbon",
    "porto": "Europe/Lisbon", "paris": "Europe/Paris", "pariser": "Europe/Paris",
    "french": "Europe/Paris", "berlin": "Europe/Berlin", "berliner": "Europe/Berlin",
    "german": "Europe/Berlin", "deutsche": "Europe/Berlin", "deutscher": "Europe/Berlin",
    "madrid": "Europe/Madrid", "barcelona": "Europe/Madrid", "peninsular": "Europe/Madrid",
    "spanish": "Europe/Madrid", "amsterdam": "Europe/Amsterdam", "brussels": "Europe/Brussels",
    "brussel": "Europe/Brussels", "bruxelles": "Europe/Brussels", "bruselas": "Europe/Brussels",
    "zurich": "Europe/Zurich", "zurcher": "Europe/Zurich", "swiss": "Europe/Zurich",
    "vienna": "Europe/Vienna", "wien": "Europe/Vienna", "wiener": "Europe/Vienna",
    "rome": "Europe/Rome", "rom": "Europe/Rome", "roma": "Europe/Rome", "milan": "Europe/Rome",
    "new york": "America/New_York", "ny": "America/New_York", "boston": "America/New_York",
    "toronto": "America/Toronto", "chicago": "America/Chicago", "denver": "America/Denver",
    "seattle": "America/Los_Angeles", "los angeles": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "california": "America/Los_Angeles",
    "mexico": "America/Mexico_City", "mexico city": "America/Mexico_City",
    "ciudad de mexico": "America/Mexico_City", "cdmx": "America/Mexico_City",
    "bogota": "America/Bogota", "lima": "America/Lima", "santiago": "America/Santiago",
    "buenos aires": "America/Argentina/Buenos_Aires", "sao paulo": "America/Sao_Paulo",
    "dubai": "Asia/Dubai", "mumbai": "Asia/Kolkata", "india": "Asia/Kolkata",
    "singapore": "Asia/Singapore", "tokyo": "Asia/Tokyo", "sydney": "Australia/Sydney",
    "warsaw": "Europe/Warsaw", "prague": "Europe/Prague", "athens": "Europe/Athens",
    "stockholm": "Europe/Stockholm", "copenhagen": "Europe/Copenhagen", "oslo": "Europe/Oslo",
    "helsinki": "Europe/Helsinki", "istanbul": "Europe/Istanbul",
}  # fmt: skip
_APART = re.compile(r"(?:utc|gmt)? ?([+-])([0-9]{1,2}):?([0-9]{2})?")
_PLACE = "|".join(sorted(_PLACES, key=len, reverse=True))
_ABBREVIATION = "|".join(sorted((name for name in _FIXED if name != "z"), key=len, reverse=True))
_CLEAR = r"utc|gmt|cet|cest|mez|mesz|est|edt|cdt|mst|mdt|pst|pdt|bst|wet|eet|eest|ist|jst|aest|aedt"
_AREA = r"(?:europe|america|asia|africa|australia|pacific|atlantic)/[a-z]+(?:[_/][a-z]+){0,3}"
_OFFSET = r"(?:utc|gmt)? ?[+-](?:0[0-9]|1[0-4]|[0-9])(?::?(?:00|15|30|45))?(?![0-9:])"
_NAMED = (
    rf"(?:heure|hora|horario) (?:de la |del |de |d')?(?:{_PLACE})\b|(?:{_PLACE}) (?:time|local"
    rf"|zeit)\b"
    r"|central european (?:summer )?time"
)
BESIDE = re.compile(
    rf" ?[(\[,]? ?(?P<zone>{_OFFSET}|z(?![\w])|(?:{_ABBREVIATION}|pt|et|ct|mt)\b(?! ?[+-][0-9])"
    rf"|{_NAMED}|(?:{_PLACE})\b|{_AREA})"
)
ANYWHERE = re.compile(
    rf"(?<![\w/+\-.@])(?P<zone>(?:utc|gmt)[+-][0-9]{{1,2}}(?::[0-9]{{2}})?|(?:{_CLEAR})(?![\w/@-])"
    rf"|{_NAMED}|{_AREA})"
)
NAMED_BY = frozenset(  # one of these words stands in all that ``ANYWHERE`` finds
    f"{_CLEAR}|time|local|zeit|heure|hora|horario|europe|america|asia|africa|australia|pacific"
    "|atlantic".split("|")
)
EVERYWHERE = re.compile(
    r"\b(?:all times|times|alle zeiten|zeiten|uhrzeiten|toutes les heures|heures|todas las horas"
    r"|horas)"
    rf"(?: (?:are|in|sind|alle|en|sont|son|:|=|given|angegeben|local|lokal|ortszeit"
    rf"|locales?),?)* ?[:(]? ?(?P<zone>{_CLEAR}|{_AREA}"
    rf"|{_NAMED}|(?:{_PLACE})\b)"
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and where it is named. ``z``: it is written Z."""

    start: int
    end: int
    name: str  # folded
    shown: str

    @property
    def is_word(self) -> bool:
        """An abbreviation in small letters that is another word: est, ist, et."""
        return self.name in _WORDS and not self.shown.isupper()

    def offset(self, day: date, hour: int, minute: int) -> str:
        """What is written behind a time: Z, +01:00, or nothing if that can't be told."""
        if self.name == "z":
            return "Z"
        minutes = _minutes(self.name, datetime.combine(day, time(hour, minute)))
        return "" if minutes is None else _written(minutes)

    @property
    def value(self) -> str:
        """An IANA name, or an offset."""
        key = _key(self.name)
        if key is not None:
            return key
        minutes = _fixed(self.name)
        if self.name in ("utc", "gmt", "z") or minutes is None:
            return "UTC" if minutes == 0 else self.shown
        return {"cet": "CET", "mez": "CET", "est": "EST", "mst": "MST"}.get(
            self.name, _written(minutes)
        )


_VERBS = {"de": frozenset({"ist", "art", "west"}), "fr": frozenset({"est", "et", "art"})}
_IN_CAPITALS = re.compile(r"\W{0,3}[A-ZÀ-Þ]{2,}(?![a-zà-ÿ])")


def is_zone(zone: Zone, text: str, language: str) -> bool:
    """Whether a zone's letters are one in this language: "ist" isn't in German, nor is "est" in
    French among words that are all in capitals.
    """
    if zone.is_word:
        return False
    if zone.name not in _VERBS.get(language, ()):
        return True
    return language == "fr" and _IN_CAPITALS.match(text, zone.end) is None


def exists(offset: str) -> bool:
    """Whether clocks anywhere are that far from UTC: +05:45 is a zone, -10:45 a span's end."""
    match = _APART.fullmatch(offset)
    if match is None:
        return True
    hours, minutes = int(match[2]), int(match[3] or 0)
    if minutes == 0:
        return hours <= (12 if match[1] == "-" else 14)
    if match[1] == "-":
        return minutes == 30 and hours in (2, 3, 9)
    return (minutes == 30 and 3 <= hours <= 10) or (minutes == 45 and hours in (5, 8, 12))


def _written(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zone_of(match: re.Match[str], text: str) -> Zone:
    """The zone that a pattern of this module found."""
    start, end = match.span("zone")
    return Zone(start, end, match["zone"], text[start:end])


def _minutes(name: str, moment: datetime) -> int | None:
    fixed = _fixed(name)
    if fixed is not None:
        return fixed
    key = _key(name)
    if key is None:
        return None
    zone = _zone(key)
    offset = zone.utcoffset(moment) if zone is not None else None
    return None if offset is None else int(offset / timedelta(minutes=1))


def _fixed(name: str) -> int | None:
    if name in _FIXED:
        return _FIXED[name]
    match = _APART.fullmatch(name)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes


_STRIPPED = re.compile(
    r"^(?:heure|hora|horario) (?:de la |del |de |d')?|(?: summer)? (?:time|local|zeit)$"
)


def _key(name: str) -> str | None:
    place = _STRIPPED.sub("", name)
    if place in _PLACES:
        return _PLACES[place]
    if "/" in name:
        parts = "/".join(
            "_".join(word.capitalize() for word in part.split("_")) for part in name.split("/")
        )
        return parts if _zone(parts) is not None else None
    return None


@lru_cache(maxsize=256)
def _zone(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
