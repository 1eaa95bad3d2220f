"""Days that are written with a number first: 2026-11-03, 3.11., 11/3, 3 November, the 4th.

Invariant: each pattern is tried at the number itself, so no text takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from copilot.extraction.finding.calendar_words import MONTH, MONTHS
from copilot.extraction.finding.days import OfMonth, OnDate, OnDay, Said, day_of, full_year
from copilot.extraction.finding.regions import regions_told
from copilot.extraction.finding.sheet import Sheet

_YEAR = r"(?:19|20)[0-9]{2}"
_ISO = re.compile(
    rf"(?P<y>{_YEAR})(?P<s>[-/])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>0?[1-9]|[12][0-9]|3[01])"
    r"(?![0-9]|[-/.][0-9])"
)
_DOTTED = re.compile(
    rf"(?P<d>[0-9]{{1,2}})\. ?(?P<m>[0-9]{{1,2}})\.(?: ?(?P<y>{_YEAR}|[0-9]{{2}}(?![0-9:.,%€]"
    rf"| ?uhr))"
    r"(?![0-9]|\.[0-9])|(?![0-9]))"
)
_DOTTED_BARE = re.compile(
    r"(?P<d>[0-9]{1,2})\.(?P<m>0?[1-9]|1[0-2])(?![\w.,%€:]| ?(?:uhr|€|%|eur|mio))"
)
_SLASHED = re.compile(
    rf"(?P<d>[0-9]{{1,2}})(?P<s>[/-])(?P<m>[0-9]{{1,2}})(?:(?P=s)(?P<y>{_YEAR}|[0-9]{{2}}))?"
    r"(?![\w/]|[-.][0-9])"
)
_NAMED = re.compile(
    r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|\.|[º°ª])?(?P<s> ?(?:of|de|d'|del)(?: the)? ?| ?[/\-] ?"
    r"| ?)"
    rf"(?P<m>{MONTH})(?:(?:,? ?|,? (?:de|del|of) ?|[/\-])(?P<y>{_YEAR}|'[0-9]{{2}}"
    rf"|(?<=-)[0-9]{{2}}))?"
    r"(?![0-9])"
)
MONTH_FIRST = re.compile(
    rf"(?P<m>{MONTH}) {{1,2}}(?:the )?(?P<d>[0-9]{{1,2}})(?:st|nd|rd"
    rf"|th)?(?:,? (?P<y>{_YEAR})(?![0-9:]))?"
    r"(?![\w:%€]|[.,][0-9]| ?(?:am|pm|uhr|h)\b)"
)
_SPAN = re.compile(
    r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|\.)?(?: ?- ?| ?(?:to|bis|au|al|a|and|und|et|y|/|\+|&) ?)"
    r"(?:the |le |el )?(?=[0-9]{1,2})"
)
_SPAN_DOTTED = re.compile(
    r"(?P<d>[0-9]{1,2})\.(?: ?- ?| ?(?:bis|und) ?(?:zum )?)(?=[0-9]{1,2}\.[0-9]{1,2}\.)"
)
_THIS = "this|the current|the present|dieses|diesen|des laufenden|de ce|du|de este|del presente|del"
_NEXT = "next|the coming|nachsten|kommenden|du mois prochain|del proximo|del mes que viene"
_LAST = "last|the past|letzten|vergangenen|du mois dernier|del mes pasado|del pasado"
_OF_MONTH = re.compile(
    rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.)? (?:of )?(?:(?P<next>{_NEXT})|(?P<last>{_LAST})"
    rf"|(?P<this>{_THIS}))(?: (?:month|monats|mois|mes)\b|(?<=prochain)|(?<=dernier)|(?<=viene)"
    r"|(?<=pasado))"
)
_ORDINAL = re.compile(r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)(?!\w|-\w)")
# What may follow "the 4th" or "le 4": no noun that it numbers.
FOLLOWS = re.compile(
    r" ?(?:[.,;:!?)\]\"'(]|-(?= |\n)|$|\n)| (?:at|in|and|or|of|i|we|you|he|she|they|because|if"
    r"|when|that|so"
    r"|please|for|to|from|between|is|was|were|around|about|before|by|until|till|morning|afternoon"
    r"|evening|night|with|instead|will|would|it|this|then|but|not|as|after|on|since|only|also|again"
    r"|does|did|works|work|would|could|can|should|has|had|have|be|been|the|all|my|our|your|there"
    r"|und|oder|um|an|ist|war|wird|werden|wurde|bis|ab|gegen|wenn|weil|dass|mit|bei|im|haben|hat"
    r"|nicht|noch|schon|zu|nachmittags?|vormittags?|morgens|abends|auf|statt|eine|ein|der|die|das"
    r"|est|et|ou|a|au|il|je|nous|vous|on|en|dans|avec|mais|si|car|pour|par|sera|etait|sur|vers|ne"
    r"|au plus|matin|soir|chez|afin|sans|y|o|es|fue|era|sera|por|para|con|pero|no|se|ya|que|como"
    r"|de (?:ce|este|la manana)|[->|/])(?![^\W_])"
)
_NOT_AFTER = re.compile(
    r"(?:\b(?:version|v|release|build|kapitel|chapter|section|abschnitt|nr|no|page|seite|zeile|line"
    r"|row|python|java|node|chrome|firefox|android|ios)\.? ?|[#$€£@_=\\~&+])\Z"
)
_BEFORE_BARE = frozenset("am vom bis seit ab zum den dem der gegen dato".split())
_CUES = frozenset(
    "on by am vom bis seit ab zum den dem der le du au el del al from until since before due dia "
    "date "
    "datum fecha desde hasta para pour depuis avant antes starting after w/c on: til till call "
    "meeting "
    "llamada appel termin lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes "
    "miercoles "
    "jueves viernes sabado domingo montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "monday "
    "tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split()
)
_CLOCK_BEHIND = re.compile(r",? (?:at |um |a las |a )?(?:[01]?[0-9]|2[0-3])[:h][0-5][0-9](?![\w:])")
_NOT_MAY = re.compile(r" (?:be|have|not|also|need|take|well|or|want|see|get)\b")
_AMERICAN = frozenset({"US", "PH"})


@dataclass(frozen=True, slots=True)
class Day:
    """Words that say a day."""

    start: int
    end: int
    said: Said


def days_at(sheet: Sheet, at: int, *, weekday: int | None = None) -> Iterator[Day]:
    """The days that the number at this place says: none, one, or the two ends of a span."""
    folded = sheet.folded
    if _inside_something(folded, at):
        return
    for pattern in (_SPAN, _SPAN_DOTTED):
        span = pattern.match(folded, at)
        if span is None:
            continue
        second = _day_at(sheet, span.end(), None)
        if second is not None and isinstance(second.said, OnDate | OnDay):
            first = _with_day(second.said, int(span["d"]))
            if first is not None:
                yield Day(at, second.end, first)
                yield second
                return
    found = _day_at(sheet, at, weekday)
    if found is not None:
        yield found


def _inside_something(folded: str, at: int) -> bool:
    """Part of a longer number, an identifier, an address or a version."""
    before = folded[max(0, at - 10) : at]
    if not before:
        return False
    if before[-1] in "-/.:,'" and before[-2:-1].isalnum():
        return before[-1] != ":" or before[-2:-1].isdigit()
    return _NOT_AFTER.search(before) is not None


def _with_day(said: OnDate | OnDay, number: int) -> Said | None:
    if isinstance(said, OnDay):
        return OnDay(said.month, number) if 1 <= number <= said.day else None
    day = day_of(said.day.year, said.day.month, number)
    return OnDate(day, said.sure) if day is not None and day <= said.day else None


def _day_at(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    return (
        _iso(sheet, at, weekday)
        or _named(sheet, at, weekday)
        or _dotted(sheet, at, weekday)
        or _slashed(sheet, at, weekday)
        or _numbered(sheet, at, weekday)
    )


def _iso(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    match = _ISO.match(sheet.folded, at)
    if match is None:
        return None
    day = day_of(int(match["y"]), int(match["m"]), int(match["d"]))
    return Day(at, match.end(), OnDate(day, 0.97, weekday)) if day else None


def _named(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    match = _NAMED.match(sheet.folded, at)
    if match is None:
        return None
    name = match["m"].rstrip(".")
    month, number = MONTHS[name], int(match["d"])
    if name == "may" and _NOT_MAY.match(sheet.folded, match.end()):
        return None
    if name == "ago" and sheet.reading.language != "es" and "de" not in match["s"]:
        return None
    end = match.end()
    if match["y"] is None and sheet.folded[end - 1] == "." and len(name) > 4:
        end -= 1  # the sentence's own full stop
    if match["y"] is not None:
        day = day_of(full_year(match["y"].lstrip("'")), month, number)
        return Day(at, end, OnDate(day, 0.97, weekday)) if day else None
    return (
        Day(at, _before_a_stop(sheet, end), OnDay(month, number, 0.92, weekday))
        if (day_of(2024, month, number))
        else None
    )


def _before_a_stop(sheet: Sheet, end: int) -> int:
    """Without the full stop of a short name that ends its sentence."""
    after = sheet.text[end : end + 2]
    stops = sheet.folded[end - 1] == "." and (not after.strip() or after[1:].isupper())
    return end - 1 if stops else end


def _dotted(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    match = _DOTTED.match(sheet.folded, at)
    if match is None:
        match = _DOTTED_BARE.match(sheet.folded, at)
        if match is None or (weekday is None and not _introduced(sheet, at, match.end())):
            return None
        if (
            sheet.reading.language not in ("de", "")
            or day_of(2024, int(match["m"]), int(match["d"])) is None
        ):
            return None
        return Day(at, match.end(), OnDay(int(match["m"]), int(match["d"]), 0.75, weekday))
    number, month = int(match["d"]), int(match["m"])
    if match["y"]:
        day = day_of(full_year(match["y"]), month, number)
        return Day(at, match.end(), OnDate(day, 0.97, weekday)) if day else None
    if day_of(2024, month, number) is None:
        return None
    sure = 0.9
    if weekday is None and _word_before(sheet, at) not in _CUES:
        sure = 0.45 if sheet.reading.language in ("en", "fr", "es") else 0.75
    return Day(at, match.end(), OnDay(month, number, sure, weekday))


def _introduced(sheet: Sheet, at: int, end: int) -> bool:
    """ "am 3.11", "3.11 14:00": a date without its last full stop."""
    if _word_before(sheet, at) in _BEFORE_BARE:
        return True
    return _CLOCK_BEHIND.match(sheet.folded, end) is not None


def _slashed(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    match = _SLASHED.match(sheet.folded, at)
    if match is None or (match["s"] == "-" and len(match["y"] or "") != 4):
        return None
    first, second = int(match["d"]), int(match["m"])
    if not match["y"] and weekday is None and not _plausible(sheet, at, match):
        return None
    english = sheet.reading.language in ("en", "")
    month_first = english and _writes_month_first(sheet, at)
    number, month = (second, first) if month_first else (first, second)
    if month > 12:
        number, month = month, number
    unsure = english and not month_first and number <= 12 and number != month
    if match["y"]:
        year = full_year(match["y"])
        day, other = day_of(year, month, number), day_of(year, number, month) if unsure else None
        return Day(at, match.end(), OnDate(day, 0.93, weekday, other)) if day else None
    if day_of(2024, month, number) is None:
        return None
    return Day(at, match.end(), OnDay(month, number, 0.85, weekday, swapped=unsure))


def _plausible(sheet: Sheet, at: int, match: re.Match[str]) -> bool:
    """Two numbers with a stroke are a date behind a word for it, or when nothing else fits."""
    first, second = int(match["d"]), int(match["m"])
    if match[0] in ("24/7", "7/24", "50/50", "24/5", "9/11"):
        return False
    if (
        _word_before(sheet, at) in _CUES
        or sheet.folded[max(0, at - 4) : at].rstrip(" ")[-1:] == ":"
    ):
        return True
    if _CLOCK_BEHIND.match(sheet.folded, match.end()):
        return True
    if not FOLLOWS.match(sheet.folded, match.end()):
        return False  # a share of something that is counted
    if sheet.reading.language == "en" and 12 < second <= 31 and 1 <= first <= 12:
        return True
    return 12 < first <= 31 and 1 <= second <= 12 and len(match["d"]) == 2


def _writes_month_first(sheet: Sheet, at: int) -> bool:
    if sheet.region:
        return sheet.region in _AMERICAN
    told = sheet.told_at(at)
    offset = told.utcoffset() if told is not None else None
    if offset is not None and offset.total_seconds():
        return -10 * 3600 <= offset.total_seconds() <= -4 * 3600
    regions = regions_told(sheet, at)
    return bool(regions) and regions[0] in _AMERICAN


def _numbered(sheet: Sheet, at: int, weekday: int | None) -> Day | None:
    folded = sheet.folded
    match = _OF_MONTH.match(folded, at)
    if match is not None and 1 <= int(match["d"]) <= 31:
        months = 1 if match["next"] else -1 if match["last"] else 0
        return Day(at, match.end(), OfMonth(int(match["d"]), months, weekday))
    match = _ORDINAL.match(folded, at)
    if match is None or not 1 <= int(match["d"]) <= 31:
        return None
    if weekday is None and not FOLLOWS.match(folded, match.end()):
        return None
    if folded[max(0, at - 4) : at] == "the ":
        return Day(at - 4, match.end(), OfMonth(int(match["d"]), None, weekday))
    if weekday is None and _word_before(sheet, at) not in _CUES:
        return None
    return Day(at, match.end(), OfMonth(int(match["d"]), None, weekday))


def _word_before(sheet: Sheet, at: int) -> str:
    before = sheet.folded[max(0, at - 24) : at].split()
    return before[-1].strip(",:(*_>.\"'") if before else ""
