"""Dates and times: when something happened, when it is due, when people meet.

Invariant: a moment that has passed is never due, one to come never the beginning of an issue; a
moment without a word that tells its part is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OTHERS, OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.moment_words import (
    ASKED,
    AT_LATEST,
    AWAY,
    BY,
    BY_EVENT,
    FIRST,
    FORMER,
    ON,
    OTHER_MATTER,
    PAST_TODAY,
    SINCE,
    SINCE_EVENT,
    SO_BY,
    STARTS,
    TODAY,
    TROUBLE,
    WHEN,
)
from copilot.extraction.filling.picking import Scored, best
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldSpec

_D, _DT, _T = CandidateKind.DATE, CandidateKind.DATE_TIME, CandidateKind.TIME


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is stated: its day, if one is, and its time, with a zone if one is given."""

    start: int
    end: int
    day: str
    clock: str
    zone: str
    confidence: float

    @property
    def iso(self) -> str:
        if not self.day:
            return ""
        return f"{self.day}T{self.clock}{self.zone}" if self.clock else self.day


def moments(context: Context, *, most: int = OTHERS, stamps: bool = False) -> Iterator[Moment]:
    """All moments, a day and the time beside it as one; ``stamps``: also those before turns."""
    found = sorted(context.of(_D, _DT, _T), key=lambda one: (one.start, -one.end))
    kept: list[Candidate] = []
    for one in found:
        if (kept and one.end <= kept[-1].end) or (one.label == "stamp" and not stamps):
            continue
        if context.rank(one.start) <= most:
            kept.append(one)
    told = [_moment(context, one) for one in kept]
    at = 0
    while at < len(told):
        joined = _joined(context, told[at], told[at + 1]) if at + 1 < len(told) else None
        yield joined or told[at]
        at += 2 if joined else 1


def _joined(context: Context, day: Moment, time: Moment) -> Moment | None:
    """A day and the time said right behind it as one moment."""
    if day.clock or not day.day or not time.clock or not 0 <= time.start - day.end <= 24:
        return None
    alone = re.fullmatch(r"\D*\d{1,2}\D.*|\D+", context.folded[time.start : time.end])
    if alone is None or not _BETWEEN.fullmatch(context.folded[day.end : time.start]):
        return None
    return replace(day, end=time.end, clock=time.clock, zone=time.zone)


_BETWEEN = re.compile(
    r"[\s,]*(?:(?:at|around|about|um|gegen|ab|a|a las?|a la|vers|sobre|tipo|las|le|the|in|de|en|la"
    r"|tarde"
    r"|manana|noche|matin|soir|dans|morgens?|abends?|nachmittags?|morning|afternoon|evening"
    r"|apres-midi)[\s,]*){0,6}"
)


def _moment(context: Context, one: Candidate) -> Moment:
    told = str(one.value)
    if one.kind is _D:
        return Moment(one.start, one.end, told, "", "", one.confidence)
    day, _, rest = told.partition("T") if one.kind is _DT else ("", "", told)
    found = re.match(r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(.*)", rest)
    clock, zone = (found[1], found[2]) if found else (rest, "")
    if zone[1:] and f"-{zone[1:]}" in re.sub(r"[–—]", "-", context.text[one.start : one.end]):
        zone = ""  # 10:00-10:45 is from when to when
    moment = Moment(one.start, one.end, day, clock, zone, one.confidence)
    return moment if zone or one.kind is _DT else _with_zone(context, moment)


def _with_zone(context: Context, moment: Moment) -> Moment:
    for one in context.of(CandidateKind.TIME_ZONE):
        if moment.end <= one.start <= moment.end + 3:
            offset = _OFFSETS.get(str(one.value).upper(), str(one.value))
            if re.fullmatch(r"[+-]\d\d:\d\d", offset):
                return replace(moment, end=one.end, zone=offset)
    return moment


_OFFSETS = {
    "UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00", "CET": "+01:00", "MEZ": "+01:00",
    "CEST": "+02:00", "MESZ": "+02:00", "BST": "+01:00", "EST": "-05:00", "EDT": "-04:00",
    "CST": "-06:00", "CDT": "-05:00", "PST": "-08:00", "PDT": "-07:00", "WET": "+00:00",
    "WEST": "+01:00", "ETC/UTC": "+00:00",
}  # fmt: skip


def written_on(context: Context, offset: int) -> date | None:
    """The day on which the words at an offset were written."""
    message = context.reading.messages[context.segment_at(offset).message]
    when = message.sent_at or context.reading.source.received_at
    return when.date() if when else None


def dated(context: Context, moment: Moment) -> Moment:
    """The moment with its day: a time alone is of the day on which it was said."""
    if moment.day or not moment.clock:
        return moment
    day = written_on(context, moment.start)
    return replace(moment, day=day.isoformat()) if day else moment


def is_past(context: Context, moment: Moment) -> bool | None:
    day = written_on(context, moment.start)
    if day is None or not moment.day:
        return None
    return moment.day <= day.isoformat()


def of_form(
    context: Context, spec: FieldSpec, found: list[Moment], *, day_only: bool
) -> FieldValue | None:
    for line in labelled(context, spec):
        if context.rank(line.place.start) > OTHERS:
            continue
        for moment in found:
            if line.value.start <= moment.start < line.value.end:
                whole = dated(context, moment)
                value = whole.day if day_only else whole.iso
                if value:
                    return context.value(moment.start, moment.end, value=value, confidence=0.95)
    return None


def happened(context: Context, spec: FieldSpec) -> FieldValue:
    """When an issue began or happened, as who asks says."""
    found = list(moments(context))
    told = of_form(context, spec, found, day_only=spec.format == "date")
    if told is not None:
        return told
    judged: list[Scored] = []
    for one in found:
        worth = _began(context, one)
        whole = dated(context, one)
        if worth > 0 and whole.iso:
            value = whole.day if spec.format == "date" else whole.iso
            judged.append(Scored(worth, one.start, one.end, value, 0.85))
    told = best(context, judged, least=0.9)
    return _logged(context, found) if told.value is None and spec.format != "date" else told


def _logged(context: Context, found: Sequence[Moment]) -> FieldValue:
    """When the first line of a log that tells of an error was written."""
    for one in found:
        if context.kind(one.start) is not SegmentKind.TRACE or not (one.day and one.clock):
            continue
        line_end = context.folded.find("\n", one.end)
        line = context.folded[one.end : line_end if line_end >= 0 else len(context.folded)]
        if context.is_own(one.start) and _ERROR_LINE.search(line):
            return context.value(one.start, one.end, value=one.iso, confidence=0.6)
    return nothing()


_ERROR_LINE = re.compile(
    r"\b(?:error|fatal|exception|fail\w*|severe|critical|panic|refused|denied)\b"
)


def usable(context: Context, moment: Moment) -> bool:
    return context.kind(moment.start) in (SegmentKind.BODY, SegmentKind.GREETING, SegmentKind.FORM)


def _began(context: Context, moment: Moment) -> float:
    """How much a moment looks like the beginning of the issue; 0: it isn't."""
    if not usable(context, moment) or is_past(context, moment) is False:
        return 0.0
    if context.own and not context.is_own(moment.start):
        return 0.0
    before = context.before(moment.start, reach=70)
    if BY.search(before) and not SINCE.search(before):
        return 0.0
    if AWAY.match(context.after(moment.end)):
        return 0.0
    sentence = context.sentence_at(moment.start)
    whole = context.folded[sentence.start : sentence.end] if sentence else before
    if OTHER_MATTER.search(whole) and not SINCE.search(before):
        return 0.0
    if FORMER.search(before) and not SINCE.search(before):
        return 0.0
    worth = 0.5
    if FIRST.search(before):
        worth += 1.6
    elif SINCE.search(before):
        worth += 1.2
    elif _asked_when(context, moment):
        worth += 1.0
    elif SINCE_EVENT.search(before):
        worth += 0.8
    elif ON.search(before):
        worth += 0.6 if TROUBLE.search(whole) else 0.4
    elif _NEAR.match(context.folded[moment.start : moment.end]):
        worth += 0.6 if TROUBLE.search(whole) else 0.0
    worth += 0.15 if moment.clock else 0.0
    worth -= 0.4 if moment.clock and moment.confidence < 0.6 else 0.0
    worth -= 0.4 * context.rank(moment.start)
    worth -= moment.start / (len(context.text) + 1) * 0.15
    return worth


_NEAR = re.compile(
    r"(?:\W*(?:this morning|today|yesterday|last night|heute|gestern|ce matin|hier|aujourd'hui"
    r"|esta (?:manana|tarde)|hoy|ayer|anoche))"
)


def _asked_when(context: Context, moment: Moment) -> bool:
    """Whether it answers somebody who asked, right before, when that was."""
    if not context.in_turns:
        return False
    number = context.segment_at(moment.start).message
    asked = context.reading.messages[number - 1] if number else None
    return asked is not None and bool(WHEN.search(context.folded, asked.start, asked.end))


def due(context: Context, spec: FieldSpec) -> FieldValue:
    """By when something is asked for: a day to come behind a word that says so."""
    found = list(moments(context))
    told = of_form(context, spec, found, day_only=True)
    if told is not None:
        return told
    judged: list[Scored] = []
    for one in found:
        worth = _is_due(context, one)
        whole = dated(context, one)
        if worth > 0 and whole.day:
            judged.append(Scored(worth, one.start, one.end, whole.day, 0.85))
    return best(context, judged, least=0.8)


_UNSURE_CLOCK = 0.6  # a time that was given no day


def _is_due(context: Context, moment: Moment) -> float:
    if not usable(context, moment) or not moment.day:
        return 0.0
    if moment.clock and moment.confidence <= _UNSURE_CLOCK:
        return 0.0
    if context.own and not context.is_own(moment.start):
        return 0.0
    day = written_on(context, moment.start)
    if day is not None and moment.day < day.isoformat():
        return 0.0
    before = context.before(moment.start, reach=80)
    sentence = context.sentence_at(moment.start)
    whole = context.folded[sentence.start : sentence.end] if sentence else before
    if SINCE.search(before) or OTHER_MATTER.search(whole):
        return 0.0
    asked = bool(ASKED.search(whole))
    if asked and TODAY.fullmatch(context.folded[moment.start : moment.end]):
        return 0.9 - 0.3 * context.rank(moment.start) if not PAST_TODAY.search(whole) else 0.0
    behind = context.folded[moment.end : moment.end + 60]
    by = (
        BY.search(before)
        or BY.match(context.folded[moment.start : moment.end] + " ")
        or AT_LATEST.match(behind[:30])
        or SO_BY.search(behind)
        or BY_EVENT.search(before)
    )
    if not by and not (asked and STARTS.search(whole)):
        return 0.0
    return (1.2 if asked else 0.7) - 0.3 * context.rank(moment.start)


def day_after(context: Context, start: int, end: int) -> FieldValue:
    """The day to come that a stretch names, as for a next step."""
    for one in moments(context, most=OWN):
        if start <= one.start < end:
            whole = dated(context, one)
            if whole.day and is_past(context, replace(whole, clock="")) is not True:
                return context.value(one.start, one.end, value=whole.day, confidence=0.8)
    return nothing()


def closing(context: Context, spec: FieldSpec) -> FieldValue:
    """When a deal is decided or signed."""
    found = list(moments(context, most=OWN))
    told = of_form(context, spec, found, day_only=True)
    if told is not None:
        return told
    judged: list[Scored] = []
    for one in found:
        if not one.day or not usable(context, one):
            continue
        sentence = context.sentence_at(one.start)
        whole = context.folded[sentence.start : sentence.end] if sentence else ""
        before = context.before(one.start, reach=50).rpartition(";")[2]
        near = before + " " + context.after(one.end, reach=30).partition(";")[0]
        if not _DECIDES.search(whole):
            continue
        worth = (
            0.6 + (0.5 if _DECIDES.search(near) else 0.0) + (0.4 if _SIGNS.search(near) else 0.0)
        )
        worth += 0.3 if _SIGNS.search(before[-18:]) else 0.0
        worth -= 0.2 * context.rank(one.start)
        judged.append(Scored(worth, one.start, one.end, one.day, 0.8))
    return best(context, judged, least=0.7)


_DECIDES = re.compile(
    r"\b(?:decid\w*|decision|board|committee|sign(?:ed|s|ing)?|signature|clos(?:e|ing|ed)|order by"
    r"|entscheid\w*|unterschr\w*|unterzeich\w*|abschluss|beschlie\w*|gremium|decide\w*|signer\w*"
    r"|signe\w*|signons|comite|cloture|tranch\w*|decid\w*|firm\w*|cierre|cerrar\w*|comite"
    r"|consejo)\b"
)
_SIGNS = re.compile(
    r"\b(?:sign(?:ed|s|ing)?|signature|unterschr\w*|signe\w*|signature|firm\w*|close)\b"
)
