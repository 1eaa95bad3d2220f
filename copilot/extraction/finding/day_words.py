"""Days that are written with a word first: Friday, yesterday, end of November, KW 47, November 5.

Invariant: a word counts as a day only where it can't be another one: "morgen" in "Guten Morgen",
"hier" in German, "May" without a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from copilot.extraction.finding.calendar_words import (
    DAYS_AWAY,
    MONTH,
    MONTHS,
    ORDINALS,
    SHORT_WEEKDAYS,
    WEEKDAYS,
)
from copilot.extraction.finding.day_numbers import FOLLOWS, MONTH_FIRST, Day, days_at
from copilot.extraction.finding.days import (
    Away,
    InWeek,
    MonthsAway,
    OfMonth,
    OnDate,
    OnDay,
    Said,
    day_of,
)
from copilot.extraction.finding.edges import EDGE_WORDS, edge_at
from copilot.extraction.finding.numerals import WORDS
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.weekdays import weekday_at

_MOST = 5_000
_YEAR = r"(?:19|20)[0-9]{2}"
_ORDINAL_MONTH = re.compile(rf" (?:of |de |d')?(?P<m>{MONTH})(?:,? (?:de )?(?P<y>{_YEAR}))?")
_PARTS = (
    r"(?:morning|afternoon|evening|matin|midi|soir|apres-?midi|apres midi|nuit|manana|tarde|noche"
    r"|madrugada|nacht|morgen|vormittag|nachmittag|abend)\b"
)
_THIS_PART = re.compile(rf" {_PARTS}")
_UNITS = {
    "day": 1, "days": 1, "tag": 1, "tagen": 1, "tage": 1, "jour": 1, "jours": 1, "dia": 1,
    "dias": 1,
    "week": 7, "weeks": 7, "woche": 7, "wochen": 7, "semaine": 7, "semaines": 7, "semana": 7,
    "semanas": 7, "fortnight": 14,
    "month": 0, "months": 0, "monat": 0, "monaten": 0, "monate": 0, "mois": 0, "mes": 0, "meses": 0,
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_COUNT = r"(?P<count>[0-9]{1,2}|an?|einem|einer|une?|una?|couple of|paar|[a-z]{3,13})"
_AGO = re.compile(
    rf"(?<![\w.,])(?:about |some |roughly )?{_COUNT} (?P<unit>{_UNIT}) (?:ago|back|atras)\b"
)
_AWAY = re.compile(
    rf"(?P<how>in|within|vor|innerhalb von|il y a|ca fait|dans|sous|hace|dentro de"
    rf"|d'ici) (?:about |etwa |ca\. |environ "
    rf"|unos |circa )?{_COUNT} (?P<unit>{_UNIT})\b(?! (?:old|of|lang|long|earlier|later|je|pro"
    rf"|per))"
)
_BACKWARD = frozenset(("vor", "il y a", "ca fait", "hace"))
_WEEK = re.compile(
    r"(?:kw|cw|wk|week|semaine|semana|kalenderwoche|calendar week)\.? ?(?:no\.? "
    r"|nr\.? )?(?P<n>[0-9]{1,2})"
    rf"(?:[ /](?P<y>{_YEAR}))?(?![\w%]|[.:,][0-9]| (?:days|hours|of|tage|stunden))"
)
_NUMBERED = re.compile(
    r"(?:am|zum|vom|bis|dem|den|der|ab|seit)(?: zum| dem| spatestens)? "
    r"(?P<d>[0-9]{1,2})\.(?![0-9]| ?[0-9])"
)
_ROMANCE = re.compile(
    r"(?:le|du|au|el|del|al|dia)(?: dia)? (?P<d>[0-9]{1,2})(?:er|º)?(?![\w.:/%€$°'-]|,[0-9]"
    r"| ?(?:h|heures?|horas?|€|%)\b)"
)


def find_days(sheet: Sheet) -> list[Day]:
    """The days that a text names, in order, none inside another one; of a log the first ones."""
    found: list[Day] = []
    done = 0
    words = sheet.words
    for index, word in enumerate(words):
        if word.start < done:
            continue
        if len(found) >= _MOST:
            break
        if word.text[0].isdigit():
            if word.text[0] <= "9" and len(word.text) <= 12:
                said = list(days_at(sheet, word.start)) or _ago_days(sheet, word.start)
                found.extend(said)
                done = max([done, *(day.end for day in said)])
            continue
        handler = _HANDLERS.get(word.text)
        if handler is not None:
            day_said = handler(sheet, index)
            if day_said is not None and day_said.end > done:
                found.append(day_said)
                done = day_said.end
    return found


def _month(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    match = MONTH_FIRST.match(sheet.folded, word.start)
    if match is None:
        return None
    month, number = MONTHS[match["m"].rstrip(".")], int(match["d"])
    verb = word.text == "may" and sheet.text[word.start] == "m" and match[0][-1].isdigit()
    if verb and not match["y"]:
        return None
    said: Said | None = None
    if match["y"]:
        day = day_of(int(match["y"]), month, number)
        said = OnDate(day, 0.97) if day else None
    elif day_of(2024, month, number) is not None and not _named_month_before(sheet, index):
        said = OnDay(month, number)
    return None if said is None else Day(word.start, match.end(), said)


def _named_month_before(sheet: Sheet, index: int) -> bool:
    """A year's or day's number before the month, which then isn't followed by its day."""
    before = sheet.folded[max(0, sheet.words[index].start - 4) : sheet.words[index].start]
    return bool(re.search(r"[0-9]\.? \Z", before))


def _ordinal(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    match = _ORDINAL_MONTH.match(sheet.folded, word.end)
    if match is None:
        return None
    month, number = MONTHS[match["m"].rstrip(".")], ORDINALS[word.text]
    if match["y"]:
        day = day_of(int(match["y"]), month, number)
        return None if day is None else Day(word.start, match.end(), OnDate(day))
    return Day(word.start, match.end(), OnDay(month, number))


def _away(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    before = sheet.folded[max(0, word.start - 14) : word.start]
    by, start = DAYS_AWAY[word.text], word.start
    if word.text == "demain" and before.endswith(("apres-", "apres ")):
        return Day(start - 6, word.end, Away(2))
    if word.text == "ayer" and before.endswith("antes de "):
        return Day(start - 9, word.end, Away(-2))
    if word.text in ("tomorrow", "yesterday"):
        link, more = ("after ", 1) if by > 0 else ("before ", -1)
        for opening in ("the day ", "day "):
            if before.endswith((opening + link)[-14:]) and sheet.folded.startswith(
                opening + link, max(0, start - len(opening + link))
            ):
                return Day(start - len(opening + link), word.end, Away(by + more))
    return Day(start, word.end, Away(by))


def _morgen(sheet: Sheet, index: int) -> Day | None:
    """Tomorrow, where it isn't the morning."""
    word = sheet.words[index]
    around = {near.text for near in sheet.words[max(0, index - 4) : index + 5]}
    if sheet.reading.language != "de" and around.isdisjoint(_GERMAN):
        return None
    before = sheet.words[index - 1].text if index else ""
    if before in _MORNINGS or before in WEEKDAYS:
        return None
    begins = not sheet.folded[max(0, word.start - 3) : word.start].strip(" \"'*>-") or (
        sheet.folded[max(0, word.start - 2) : word.start].strip()[-1:] in (".", ":", "!", "?", "\n")
    )
    if sheet.text[word.start].isupper() and not begins:
        return None
    if begins and re.match(
        r"[,!]? ?(?:zusammen|allerseits|[a-z]+ ?,|!|\n)", sheet.folded[word.end : word.end + 24]
    ):
        return None
    return Day(word.start, word.end, Away(1))


_GERMAN = frozenset(
    "bis ab erst und der die das ich wir ist sind nicht bitte noch dann schon besten spatestens"
    " fur "
    "um uhr auf mit wird kommt haben".split()
)
_MORNINGS = frozenset(
    "guten am heute gestern jeden diesen dieser der den vom vorgestern schonen ubermorgen frohen "
    "zum gute eines".split()
)


def _manana(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    if sheet.reading.language not in ("es", ""):
        return None
    before = sheet.words[index - 1].text if index else ""
    if before == "pasado":
        return Day(sheet.words[index - 1].start, word.end, Away(2))
    if before in ("la", "esta", "cada", "media", "buena"):
        return None
    return Day(word.start, word.end, Away(1))


def _hier(sheet: Sheet, index: int) -> Day | None:
    """Yesterday in French; "here" in German."""
    word, folded = sheet.words[index], sheet.folded
    after = folded[word.end : word.end + 12]
    if sheet.reading.language != "fr" and not re.match(
        r" (?:soir|matin|apres-?midi|a [0-9]|vers)", after
    ):
        return None
    if folded[max(0, word.start - 6) : word.start] in (" avant-", "avant-", "\navant-"):
        return Day(word.start - 6, word.end, Away(-2))
    return Day(word.start, word.end, Away(-1))


def _aujourdhui(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    whole = sheet.folded.startswith("aujourd'hui", word.start)
    return Day(word.start, word.start + len("aujourd'hui"), Away(0)) if whole else None


def _this(sheet: Sheet, index: int) -> Day | None:
    """ "this morning", "cet après-midi", "esta noche": today."""
    word = sheet.words[index]
    match = _THIS_PART.match(sheet.folded, word.end)
    if match is None:
        return None
    return Day(word.start, match.end(), Away(0, 0.9))


def _last(sheet: Sheet, index: int) -> Day | None:
    """ "last night", "letzte Nacht"."""
    word = sheet.words[index]
    match = re.compile(r" (?:night|evening|nacht)\b").match(sheet.folded, word.end)
    return None if match is None else Day(word.start, match.end(), Away(-1, 0.85))


def _offset(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    match = _AWAY.match(sheet.folded, word.start)
    if match is None:
        return _numbered(sheet, index)
    sign = -1 if match["how"] in _BACKWARD else 1
    said = _counted(match["count"], match["unit"], sign)
    if said is None or (match["how"] == "in" and sheet.reading.language in ("fr", "es")):
        return None
    return Day(word.start, match.end(), said)


def _ago(sheet: Sheet, index: int) -> Day | None:
    return next(iter(_ago_days(sheet, sheet.words[index].start)), None)


def _ago_days(sheet: Sheet, at: int) -> list[Day]:
    """ "3 weeks ago"."""
    match = _AGO.match(sheet.folded, at)
    said = _counted(match["count"], match["unit"], -1) if match else None
    return [] if match is None or said is None else [Day(at, match.end(), said)]


_SOME = {"a": 1, "an": 1, "einem": 1, "einer": 1, "un": 1, "une": 1, "una": 1, "couple of": 2}


def _counted(count: str, unit: str, sign: int) -> Said | None:
    number = int(count) if count.isdigit() else _SOME.get(count, WORDS.get(count, 0))
    if not 0 < number < 100:
        return None
    if _UNITS[unit] == 0:
        return MonthsAway(sign * number)
    return Away(sign * number * _UNITS[unit], 0.85 if _UNITS[unit] == 1 else 0.6)


def _numbered(sheet: Sheet, index: int) -> Day | None:
    """ "am 3.", "le 4", "el 15": a day of the month by its number alone."""
    word = sheet.words[index]
    language = sheet.reading.language
    match = _NUMBERED.match(sheet.folded, word.start) if language in ("de", "") else None
    if match is None and language in ("fr", "es"):
        match = _ROMANCE.match(sheet.folded, word.start)
    if match is None or not 1 <= int(match["d"]) <= 31:
        return None
    if next(days_at(sheet, match.start("d")), None) is not None:
        return None  # the number begins a date of its own
    end = match.end()
    capital = sheet.text[end : end + 2].strip()[:1]
    if not FOLLOWS.match(sheet.folded, end) and not (end >= len(sheet.text)):
        return None
    if (
        language == "de"
        and capital.isupper()
        and sheet.folded[end - 1] == "."
        and not _ends(sheet, end)
    ):
        return None
    return Day(match.start("d"), match.end("d"), OfMonth(int(match["d"])))


def _ends(sheet: Sheet, end: int) -> bool:
    return sheet.text[end : end + 1] in ("", "\n", ",", ")")


def _week(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    match = _WEEK.match(sheet.folded, word.start)
    if match is None or not 1 <= int(match["n"]) <= 53:
        return None
    year = int(match["y"]) if match["y"] else None
    return Day(word.start, match.end(), InWeek(int(match["n"]), year))


def _edge(sheet: Sheet, index: int) -> Day | None:
    word = sheet.words[index]
    found = edge_at(sheet.folded, word.start)
    if found is None:
        return None
    end, said = found
    return Day(word.start, end, said)


_Handler = Callable[[Sheet, int], Day | None]


def _handlers() -> Iterator[tuple[str, _Handler]]:
    for words, handler in (
        (MONTHS, _month),
        (ORDINALS, _ordinal),
        (SHORT_WEEKDAYS, weekday_at),
        (WEEKDAYS, weekday_at),
        (DAYS_AWAY, _away),
        (EDGE_WORDS, _edge),
        ("this ce cet cette esta diesen diese earlier".split(), _this),
        ("last letzte".split(), _last),
        ("in within vor innerhalb il ca dans sous hace dentro d".split(), _offset),
        ("am zum vom bis dem den der ab seit le du au el del al dia".split(), _numbered),
        ("a an one two three four five six seven eight nine ten couple".split(), _ago),
        ("kw cw wk week semaine semana kalenderwoche".split(), _week),
    ):
        yield from ((word, handler) for word in words)
    yield from (("aujourd", _aujourdhui), ("morgen", _morgen), ("manana", _manana), ("hier", _hier))


_HANDLERS: dict[str, _Handler] = dict(_handlers())
