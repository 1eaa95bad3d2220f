"""Times of day as people write them: 14:05, 2:15 pm, 14h30, halb neun, las cuatro y media.

Invariant: a number is a time only by its colon, its unit, or the word before it; hours that may be
of the forenoon as well as of the afternoon are marked ``vague``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from copilot.extraction.finding.clock import Clock
from copilot.extraction.finding.clock_beside import (
    PART_AFTER,
    PART_BEFORE,
    SPAN_LINK,
    completed,
    half_of,
    with_zone,
)
from copilot.extraction.finding.clock_words import (
    HOUR,
    HOURS,
    NOONS,
    SPOKEN,
    Reading12,
    hour_of,
    read_spoken,
)
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.zones import BESIDE

_MOST = 5_000  # times of one text; a longer log tells nothing more about when it began
_AM_PM = r"(?P<half>[ap](?:\. ?m\.| ?m))(?![^\W_])"
_COLON = re.compile(
    r"(?P<h>[01]?[0-9]|2[0-4]):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9])(?:[.,][0-9]{1,9})?)?"
    rf"(?: ?{_AM_PM}| ?(?:uhr|hrs?|h|hours)\b)?(?!(?!z\b)\w|%|:[0-9]|\.[0-9])"
    r"(?! ?(?:min|minutes|minuten|std|stunden|secs?|x [0-9]))"
)
_JOINED = re.compile(
    r"(?P<h>[01][0-9]|2[0-3]):(?P<m>[0-5][0-9])(?::(?P<s>[0-5][0-9])(?:[.,][0-9]{1,9})?)?(?=z|\W|$)"
)
_HALVED = re.compile(rf"(?P<h>0?[0-9]|1[0-2])(?:[.:h](?P<m>[0-5][0-9]))? ?{_AM_PM}")
_UHR = re.compile(
    r"(?P<h>[01]?[0-9]|2[0-4])(?:(?:[.:](?P<m>[0-5][0-9]))? ?uhr\b(?:"
    r" (?P<m2>[0-5][0-9])(?![\w.,:]))?"
    r"|[.:](?P<m3>[0-5][0-9]) ?(?:hrs?|hours|hs?)\b)"
)
_FOUR_DIGITS = re.compile(
    r"(?P<h>[01][0-9]|2[0-3])(?P<m>[0-5][0-9])(?= ?(?:h|hrs|hours|utc|gmt|z|cet|cest|bst|mez"
    r"|mesz)\b)"
)
_DAY_AFTER = re.compile(
    r" (?:this (?:morning|afternoon|evening)|last night|yesterday|today|tomorrow|tonight|heute"
    r"|gestern"
    r"|vorgestern|ce matin|ce soir|cet apres|cette nuit|hier|esta (?:manana|tarde|noche)|ayer|hoy"
    r"|anoche)\b"
)
_UHR_SPAN = re.compile(
    r"(?P<h>[01]?[0-9]|2[0-4])(?:[.:](?P<m>[0-5][0-9]))?(?= ?(?:-"
    r"|bis) ?[0-9]{1,2}(?:[.:][0-5][0-9])? ?uhr\b)"
)
_H = re.compile(
    r"(?P<h>[01]?[0-9]|2[0-4])(?:(?P<tight>h)(?P<m>[0-5][0-9])| (?P<loose>h|heures?"
    r"|horas?) ?(?P<m2>[0-5][0-9])"
    r"|(?P<bare> ?(?:h|hs|hrs|heures?|horas?)\b))(?![\w/]| ?(?:min|de (?:retard|travail)))"
)
_OCLOCK = re.compile(r"(?P<h>0?[0-9]|1[0-2])(?: |-)?o ?['\"]{0,2} ?clock\b")
_DOT = re.compile(r"(?P<h>[01]?[0-9]|2[0-3])\.(?P<m>[0-5][0-9])(?![\w%€$£:]|[.,][0-9]|-[0-9]|\.\.)")
_MEASURED = re.compile(
    r" ?(?:per|pro|por|percent|prozent|euros?|eur|usd|gbp|chf|dollars?|pounds?|points?|punkte?"
    r"|[kmgt]i?b|[kmcd]?m|k?g|kwh?|degrees|grad|million\w*|mio|times|mal|fois|veces|release|update"
    r"|version|metres?|meters?|miles?|%|/|x)\b"
)
_BARE = re.compile(
    rf"(?P<h>(?:[01]?[0-9]|2[0-4])(?![\w%€$£°/]|[.,:'-][0-9])|(?:{HOUR})\b(?!-[a-z]))"
)
_BEFORE = re.compile(
    r"(?:(?<![\w])(?P<cue>at|@|around|about|by|before|after|until|till|til|from|since|um|gegen|ab"
    r"|bis|vor"
    r"|nach|a las|a la|sobre las|hacia las|desde las|hasta las|de las|las|a|vers|des|depuis|avant"
    r"|apres"
    r"|jusqu'a|entre|between|de|to|tipo|tipo las|vers les|kurz nach|kurz vor|maybe|say|not before)"
    r"(?: (?:about|around|etwa|ca\.|circa|roughly|like|maybe|las|environ|spatestens|shortly|genau"
    r"|punkt))?)"
    r" \Z"
)
_STRONG = frozenset(
    (
        *("at", "@", "um", "gegen", "bis", "ab", "a las", "a la", "sobre las", "hacia las"),
        *("desde las", "hasta las", "de las", "las", "tipo", "tipo las"),
    )
)
_SURELY = frozenset(("at", "um", "a las", "sobre las", "desde las", "hasta las"))
_BOUNDARY = re.compile(
    r" ?(?:[.,;:!?)\]\"'(/]|-|$|\n)| (?:on|in|at|today|tomorrow|this|last|next|for|if|when|and|or"
    r"|but|so"
    r"|please|with|instead|rather|until|to|we|i|he|she|they|it|is|was|then|every|because|the|all"
    r"|from|till"
    r"|sharp|ish"
    r"|noch|und|oder|muss|mussen|kann|konnen|ist|war|hat|haben|ging|geht|am|heute|morgen|gestern"
    r"|fruh|nachts|wird|bei|im"
    r"|mit|eine"
    r"|uhr|et|ou|du|ce|le|la|pour|dans|sur|au|y|o|de|en|por|del|el|hora|con|para|que|lisbon"
    r"|london|gmt"
    r"|utc|cet|mez|pm|am|raus|los|wieder|sein|da|an|monday|tuesday|wednesday|thursday|friday"
    r"|saturday"
    r"|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi"
    r"|jeudi"
    r"|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|viernes|sabado|domingo|somebody"
    r"|everything"
    r"|nothing|there|you|your|our|my|his|her)\b"
)
_PAUSE = re.compile(r"[?!.,;](?:\s|$)|\n|$")
_SPAN_AHEAD = re.compile(
    r" ?(?:-|to|until|till|bis|hasta las) ?"
    r"(?=[0-9]{1,2}(?:[:.][0-5][0-9])? ?(?:[ap]\.?m\b|uhr\b"
    r"|h\b))| ?(?:-|a|a las|to|et|bis) ?(?=[0-9]{1,2}(?:[:.h][0-5][0-9])? (?:de la|in the|du|am"
    r"|por la|de l') ?(?:tarde|manana|noche|morning|afternoon|evening|matin|soir|apres|nachmittag"
    r"|vormittag|abend))"
)
_WORDS_AHEAD = re.compile(rf" (?:to|until|till|bis|a las|hasta las) (?:{HOUR})\b")
_LENGTH_BEFORE = re.compile(
    r"\b(?:duration|duracion|dauer|duree|lasted|length|android|ios|windows|version|chrome|firefox)"
    r"[:. ]{0,14}\Z"
)
_BAD_BEFORE = frozenset(".,:/=#@+$€£%_~&\\")


def find_clocks(sheet: Sheet) -> list[Clock]:
    """The times of day that a text names, in order, without overlaps; of a log the first ones."""
    found: list[Clock] = []
    done = 0
    for word in sheet.words:
        if word.start < done:
            continue
        if len(found) == _MOST:
            break
        first = word.text[0]
        clock: Clock | None = None
        if "0" <= first <= "9":
            if len(word.text) <= 9:
                clock = _number_at(sheet, word.start, found[-1] if found else None)
        elif word.text in SPOKEN or word.text in HOURS or word.text in NOONS:
            clock = _spoken_at(sheet, word.start, found[-1] if found else None)
        if clock is not None:
            clock = completed(sheet, clock, found)
            found.append(clock)
            done = max(clock.end, clock.whole)
    return found


def clock_after_date(sheet: Sheet, at: int) -> Clock | None:
    """The time right behind a date, without a blank: T14:05, :14:05:33."""
    match = _JOINED.match(sheet.folded, at)
    return None if match is None else with_zone(sheet, _from_match(match, at, match.end()))


def _number_at(sheet: Sheet, at: int, previous: Clock | None) -> Clock | None:
    folded = sheet.folded
    before = folded[max(0, at - 2) : at]
    if before[-1:] in _BAD_BEFORE and (before[:1].isalnum() or before[-1:] not in ".,:/"):
        return None
    if before[-1:] == "-" and before[:1].isalnum() and (previous is None or previous.end != at - 1):
        return None
    if _LENGTH_BEFORE.search(folded, max(0, at - 24), at):
        return None
    for pattern in (_COLON, _HALVED, _UHR, _UHR_SPAN, _OCLOCK, _FOUR_DIGITS):
        match = pattern.match(folded, at)
        if match is not None:
            return _from_match(match, at, match.end())
    match = _H.match(folded, at)
    if match is not None:
        return _french(sheet, match, at)
    spoken = read_spoken(folded, at)
    if spoken is not None and not (spoken.loose and not _loosely(sheet, at, spoken.end)):
        return _of_spoken(spoken, at)
    match = _DOT.match(folded, at)
    if match is not None and _dotted(folded, at, match.end()):
        return replace(_from_match(match, at, match.end()), sure=0.6, vague=int(match["h"]) < 12)
    return _bare(sheet, at, previous)


def _dotted(folded: str, at: int, end: int) -> bool:
    """ "21.40" is a time behind a word for one, behind a day, or before a zone."""
    words = folded[max(0, at - 14) : at].split()
    if words and words[-1].strip(",.(") in _DAY_WORDS and _BOUNDARY.match(folded, end):
        return True
    cue = _cue(folded, at)
    if cue in _SURELY and not _MEASURED.match(folded, end):
        return True
    if cue and _BOUNDARY.match(folded, end) and folded[end : end + 1] not in ".,":
        return True
    zone = BESIDE.match(folded, end)
    return zone is not None and zone["zone"] in ("utc", "gmt", "cet", "cest", "mez", "mesz", "bst")


def _from_match(match: re.Match[str], start: int, end: int) -> Clock:
    groups = match.groupdict()
    minute = groups.get("m") or groups.get("m2") or groups.get("m3")
    second = groups.get("s")
    half = (groups.get("half") or "")[:1]
    hour = int(match["h"])
    clock = Clock(
        start,
        end,
        hour % 24,
        int(minute or 0),
        int(second) if second else None,
        vague="clock" in match[0] and hour <= 12,
    )
    if half and hour <= 12:
        return clock.in_half("pm" if half == "p" else "am")
    return clock


def _french(sheet: Sheet, match: re.Match[str], at: int) -> Clock | None:
    """ "14h30" always; "14 h" where it can't be a length of time."""
    clock = _from_match(match, at, match.end())
    spoken = read_spoken(sheet.folded, at)
    if spoken is not None and spoken.end > clock.end:
        return replace(
            _of_spoken(spoken, at), vague=spoken.hour < 12 and sheet.reading.language == ""
        )
    if match["bare"] is None:
        return clock
    cue = _cue(sheet.folded, at)
    words = sheet.folded[max(0, at - 14) : at].split()
    if cue in _LENGTHS or (not cue and not (words and words[-1].strip(".,(") in _DAY_WORDS)):
        part = PART_AFTER.match(sheet.folded, clock.end)
        return clock if part is not None else None
    return replace(clock, sure=0.85)


_LENGTHS = frozenset(
    "in for en dans pendant durante seit fur after apres about environ des to".split()
)
_DAY_WORDS = frozenset(
    "lundi mardi mercredi jeudi vendredi samedi dimanche demain hier lunes martes miercoles jueves "
    "viernes sabado domingo hoy manana ayer - et le gestern heute morgen vorgestern yesterday"
    " today "
    "tomorrow debut fin inicio montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
)


def _spoken_at(sheet: Sheet, at: int, previous: Clock | None) -> Clock | None:
    spoken = read_spoken(sheet.folded, at)
    if sheet.folded[at : at + 3] in ("un ", "une", "one", "ein", "una") and not _cue(
        sheet.folded, at
    ):
        return None
    if spoken is not None and not (spoken.loose and not _loosely(sheet, at, spoken.end)):
        return _of_spoken(spoken, at)
    return _bare(sheet, at, previous)


def _loosely(sheet: Sheet, at: int, end: int) -> bool:
    """ "ten to twelve", "zehn vor acht": a time by what stands around it."""
    if _LOOSELY_AFTER.match(sheet.folded, end):
        return True
    before = sheet.folded[max(0, at - 10) : at].split()
    return bool(before) and before[-1] in _LOOSELY_BEFORE


_LOOSELY_AFTER = re.compile(
    r" (?:last night|this|in the|yesterday|today|tomorrow|at night|when|[ap]m\b|heute|gestern"
    r"|morgens"
    r"|fruh|nachts|abends|nachmittags)"
)
_LOOSELY_BEFORE = frozenset("at since about around by until was um gegen seit ab bis kurz".split())


def _of_spoken(spoken: Reading12, at: int) -> Clock:
    return Clock(at, spoken.end, spoken.hour, spoken.minute, vague=spoken.vague, sure=0.85)


def _cue(folded: str, at: int) -> str:
    match = _BEFORE.search(folded, max(0, at - 28), at)
    return match["cue"] if match else ""


def _bare(sheet: Sheet, at: int, previous: Clock | None) -> Clock | None:
    """An hour alone, behind a word for times, and before nothing that it could count."""
    folded = sheet.folded
    match = _BARE.match(folded, at)
    if match is None:
        return None
    hour = hour_of(match["h"])
    part_before = PART_BEFORE.search(folded, max(0, at - 12), at)
    part_after = PART_AFTER.match(folded, match.end())
    if hour is None:
        return None
    clock = Clock(at, match.end(), hour % 24, 0, vague=1 <= hour <= 12, sure=0.7)
    if part_before is not None and sheet.reading.language in ("en", ""):
        return replace(clock, sure=0.8) if _BOUNDARY.match(folded, match.end()) else None
    if (
        part_after is not None
        and half_of(part_after)
        and not part_after[0].lstrip(" ,").startswith("a ")
    ):
        return clock
    if previous is not None and 0 < at - previous.end <= 12:
        link = folded[previous.end : at]
        if SPAN_LINK.fullmatch(link) and _BOUNDARY.match(folded, match.end()):
            return clock
    cue = _cue(folded, at)
    beside = cue and (
        _DAY_AFTER.match(folded, match.end()) or _WORDS_AHEAD.match(folded, match.end())
    )
    if _SPAN_AHEAD.match(folded, match.end()) or beside:
        return clock
    if cue in ("before", "after", "avant") and _PAUSE.match(folded, match.end()):
        return replace(clock, sure=0.55)
    if cue not in _STRONG or not _BOUNDARY.match(folded, match.end()):
        return None
    if cue in ("ab", "bis") and sheet.reading.language != "de":
        return None
    return replace(clock, sure=0.65 if match["h"].isdigit() else 0.55)
