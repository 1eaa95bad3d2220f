"""Weekdays: alone, with "last" or "next week", and with the date behind them.

Invariant: a weekday and its date are one day; a habit ("every Friday") is none.
"""

from __future__ import annotations

import re

from copilot.extraction.finding.calendar_words import (
    CLEAR_SHORT,
    MONTHS,
    SHORT_WEEKDAYS,
    WEEKDAYS,
)
from copilot.extraction.finding.day_numbers import MONTH_FIRST, Day, days_at
from copilot.extraction.finding.days import OfMonth, OnDate, OnDay, OnWeekday, Side, day_of
from copilot.extraction.finding.numerals import WORDS
from copilot.extraction.finding.sheet import Sheet, Word

_AFTER_WEEKDAY = re.compile(
    r"[.,]{0,2} ?(?:\(|- )?(?:the |den |dem |der |le |el |dia |el dia |am |this |dem )?"
)
_WEEK_AFTER = re.compile(
    r",? ?(?:of |in |de |der |in der |, )?(?:(?P<next>next week|(?:der )?(?:nachste"
    r"|kommende)[nr]? woche"
    r"|la semaine prochaine|semaine prochaine|la (?:proxima semana|semana que viene)"
    r"|(?:proxima semana|semana que viene))|(?P<last>last week|(?:der )?(?:letzte|vorige"
    r"|vergangene)[nr]? woche"
    r"|la semaine derniere|la semana pasada)|(?P<this>this week|diese[rn]? woche|cette semaine"
    r"|esta semana)|(?P<turn>prochain|qui vient|que viene|proximo|dernier|passe|pasado"
    r"|in einer woche|en huit"
    r"|in acht tagen|week))\b"
)
_WEEK_BEFORE = re.compile(
    r"\b(?:(?P<last>last week|(?:letzte|vorige|vergangene) woche|la semaine derniere"
    r"|la semana pasada)|next week|(?:nachste|kommende) woche|la semaine prochaine"
    r"|la (?:proxima semana|semana que viene)),? (?:on |am |el )?\Z"
)
_TURN_BEFORE = {
    **dict.fromkeys("next nachsten nachster nachstes naechsten proximo prochain".split(), 1),
    **dict.fromkeys("coming kommenden kommender upcoming".split(), 1),
    **dict.fromkeys("last past letzten letzter vergangenen vorigen pasado previous".split(), -1),
}
_THIS_BEFORE = frozenset("this diesen dieser ce este".split())
_HABIT = frozenset(
    "a einem every each jeden jede jeder chaque todos cada los tous immer most usual usually never "
    "any".split()
)
_PREPOSITIONS = frozenset(
    "by on until till before since from bis am ab seit vor for this next last due of w/c".split()
)
_PLAIN = re.compile(
    r"(?P<d>[0-9]{1,2})\.?(?![\w:/%€$£]|[.,][0-9]| ?(?:h|uhr|am|pm|heures?|horas?|o'?clock)\b| -)"
)


_LETTERS = re.compile(r"[a-z]{3,12}")
_CLOCK_GOES_ON = re.compile(r" (?:y |de la |en punto|horas)")


def weekday_at(sheet: Sheet, index: int) -> Day | None:
    word, words = sheet.words[index], sheet.words
    weekday = WEEKDAYS.get(word.text, -1)
    short = weekday < 0
    if short:
        weekday = SHORT_WEEKDAYS[word.text]
    end = word.end + (sheet.folded[word.end : word.end + 1] == "." if short else 0)
    dated = _dated(sheet, word, end, weekday)
    small = short and sheet.text[word.start].islower()
    if dated is not None and not (small and isinstance(dated.said, OfMonth)):
        return dated
    before = words[index - 1].text if index else ""
    if before in _HABIT or (short and not _short_alone(sheet, word, before)):
        return None
    start, turn, this = word.start, _TURN_BEFORE.get(before, 0), before in _THIS_BEFORE
    if (turn or this) and sheet.folded[words[index - 1].end : word.start] == " ":
        start = words[index - 1].start
    weeks, after_turn, end = _beside(sheet, word.end)
    week_before = _WEEK_BEFORE.search(sheet.folded, max(0, start - 24), start)
    if weeks is None and week_before is not None:
        weeks, start = (-1 if week_before["last"] else 1), week_before.start()
    said = OnWeekday(weekday, _side(turn or after_turn), weeks, this, later=after_turn > 1)
    return Day(start, end, said)


def _side(turn: int) -> Side:
    return 1 if turn > 0 else -1 if turn < 0 else 0


def _beside(sheet: Sheet, end: int) -> tuple[int | None, int, int]:
    """ "next week" or "prochain" behind a weekday, and where that ends."""
    match = _WEEK_AFTER.match(sheet.folded, end)
    if match is None or match["turn"] == "week":
        return None, 0, end
    if match["turn"]:
        if match["turn"].startswith(("in ", "en ")):
            return None, 2, match.end()
        back = match["turn"] in ("dernier", "passe", "pasado")
        return None, -1 if back else 1, match.end()
    return (1 if match["next"] else -1 if match["last"] else 0), 0, match.end()


def _short_alone(sheet: Sheet, word: Word, before: str) -> bool:
    """ "by Fri": a short name behind a preposition, in a capital letter."""
    if word.text not in CLEAR_SHORT or not sheet.text[word.start].isupper():
        return False
    return before in _PREPOSITIONS and sheet.folded[word.start - 1] == " "


def _dated(sheet: Sheet, word: Word, end: int, weekday: int) -> Day | None:
    """The date behind a weekday, both as one."""
    link = _AFTER_WEEKDAY.match(sheet.folded, end)
    at = link.end() if link else end
    if at == word.end:
        return None
    folded = sheet.folded
    if folded[at : at + 1].isdigit():
        days = list(days_at(sheet, at, weekday=weekday))
        if days:
            return Day(word.start, days[0].end, days[0].said)
        return _plain_number(sheet, word, at, weekday)
    match = MONTH_FIRST.match(folded, at)
    if match is not None:
        month, number = MONTHS[match["m"].rstrip(".")], int(match["d"])
        day = day_of(int(match["y"] or 2024), month, number)
        if day is not None:
            said = OnDate(day, 0.97, weekday) if match["y"] else OnDay(month, number, 0.92, weekday)
            return Day(word.start, match.end(), said)
    return _spelled_number(sheet, word, at, weekday)


def _spelled_number(sheet: Sheet, word: Word, at: int, weekday: int) -> Day | None:
    """ "el martes diez", which isn't "el martes diez y media"."""
    if sheet.reading.language != "es":
        return None
    spelled = _LETTERS.match(sheet.folded, at)
    number = WORDS.get(spelled[0], 0) if spelled else 0
    if spelled is None or not 1 <= number <= 31:
        return None
    if _CLOCK_GOES_ON.match(sheet.folded, spelled.end()):
        return None
    return Day(word.start, spelled.end(), OfMonth(number, None, weekday))


def _plain_number(sheet: Sheet, word: Word, at: int, weekday: int) -> Day | None:
    """ "lundi 9": a number that is such a weekday's of this month or the ones beside it."""
    match = _PLAIN.match(sheet.folded, at)
    if match is None or not 1 <= int(match["d"]) <= 31:
        return None
    said = OfMonth(int(match["d"]), None, weekday)
    told = sheet.told_at(word.start)
    days = said.days(told.date() if told else None, 0)
    if days and days[0][0].weekday() != weekday:
        return None
    if not days and sheet.reading.language not in ("fr", "es", "de"):
        return None
    return Day(word.start, match.start() + len(match["d"]), said)
