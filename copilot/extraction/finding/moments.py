"""Dates, times, both as one moment, and time zones.

Invariant: every value is a day and a time that exist. A relative day counts from when its message
was written and is left out where that isn't known. Where words may mean two days, the likelier
stands first and both stand at the same place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.calendar_words import NIGHTS, PARTS
from copilot.extraction.finding.clock import Clock
from copilot.extraction.finding.clocks import clock_after_date, find_clocks
from copilot.extraction.finding.cues import label_of, side_by_cue, side_of
from copilot.extraction.finding.day_numbers import Day
from copilot.extraction.finding.day_words import find_days
from copilot.extraction.finding.days import Days, OfMonth, OnDate, OnDay
from copilot.extraction.finding.foreign_days import foreign_days
from copilot.extraction.finding.lone_clocks import LoneClocks
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.taken import Taken
from copilot.extraction.finding.zones import ANYWHERE, EVERYWHERE, NAMED_BY, Zone, is_zone, zone_of

_GAP = 44  # characters between a day and its time
_NEAR = timedelta(days=60)  # a date without a year is the nearest then, whatever the verbs
_LINKS = frozenset(
    "at um gegen ab bis seit since from around about ca circa approx a las la les le de des vers"
    " entre "
    "between t kurz nach vor shortly after just before jusqu'a until noch in the am el por tipo"
    " sobre "
    "hacia desde du early late fruh etwa ungefahr roughly environ pile exactly genau dann then on"
    " of "
    "dem den der heute l'apres-midi l'apres midi local is was y again wieder schon bereits en fin "
    "debut milieu sharp punkt einem kurz spatestens".split()
) | set(PARTS)
_BACK_LINKS = frozenset(
    "on the am vom le du el del of this in at dia der den dem de a again".split()
) | set(PARTS)
_GAP_WORD = re.compile(r"[^\s,;:()\[\]\-|.]+")
_STOP = re.compile(r"[.;!?]\s|\n|[|]")
_STAMP = re.compile(r",? ?\d{1,2}[:.h]\d\d")  # the day of the line below has a time of its own
_CLEAN_GAP = re.compile(r"[^\n.;!?]*(?:\n(?!\s*\n)[^\n.;!?]*)?")


@dataclass(frozen=True, slots=True)
class _Dated:
    day: Day
    days: Days
    label: str


def find_moments(sheet: Sheet) -> Iterator[Candidate]:
    """All candidates of the four kinds that are asked for."""
    wants_clocks = sheet.wants(CandidateKind.TIME, CandidateKind.DATE_TIME, CandidateKind.TIME_ZONE)
    days = _all_days(sheet)
    clocks = _with_joined(sheet, days) if wants_clocks else []
    zone = _everywhere(sheet) if clocks else None
    clocks = list(_apart(clocks, days))
    dated = [_resolved(sheet, day) for day in days]
    if sheet.wants(CandidateKind.DATE_TIME):
        yield from _date_times(sheet, dated, clocks, zone)
    if sheet.wants(CandidateKind.DATE):
        yield from _dates(dated)
    if sheet.wants(CandidateKind.TIME):
        yield from _times(sheet, dated, clocks)
    if sheet.wants(CandidateKind.TIME_ZONE):
        yield from _zones(sheet, clocks)


def _all_days(sheet: Sheet) -> list[Day]:
    days = find_days(sheet)
    taken = Taken()
    for day in days:
        taken.take(day.start, day.end)
    foreign = list(foreign_days(sheet, taken))
    return sorted([*days, *foreign], key=lambda day: day.start) if foreign else days


def _with_joined(sheet: Sheet, days: list[Day]) -> list[Clock]:
    """The clocks, with those that stand right behind a date: T14:05."""
    clocks = find_clocks(sheet)
    for day in days:
        if sheet.folded[day.end : day.end + 1] in ("t", ":") and isinstance(day.said, OnDate):
            clock = clock_after_date(sheet, day.end + 1)
            if clock is not None:
                clocks.append(clock)
    return sorted(clocks, key=lambda clock: clock.start)


def _apart(clocks: list[Clock], days: list[Day]) -> Iterator[Clock]:
    """The clocks that are no part of a date's words ("3 to 5 February"), with zones likewise."""
    taken = Taken()
    for day in days:
        taken.take(day.start, day.end)
    for clock in clocks:
        if taken.overlaps(clock.start, clock.end):
            continue
        if clock.zone and taken.overlaps(clock.zone.start, clock.zone.end):
            yield replace(clock, zone=None, whole=0)
        else:
            yield clock


def _everywhere(sheet: Sheet) -> Zone | None:
    match = EVERYWHERE.search(sheet.folded)
    return zone_of(match, sheet.text) if match else None


def _told(sheet: Sheet, at: int) -> date | None:
    told = sheet.told_at(at)
    return told.date() if told is not None else None


def _resolved(sheet: Sheet, day: Day) -> _Dated:
    told = _told(sheet, day.start)
    cue = side_by_cue(sheet, day.start)
    days = day.said.days(told, cue)
    if not cue and not isinstance(day.said, OnDate):
        by_number = isinstance(day.said, OnDay | OfMonth)
        near = isinstance(day.said, OnDay) and told and days and abs(days[0][0] - told) < _NEAR
        if not near:
            side = side_of(sheet, day.start, day.end, widely=not by_number)
            days = day.said.days(told, side)
    return _Dated(day, days, label_of(sheet.folded, day.start))


def _dates(dated: list[_Dated]) -> Iterator[Candidate]:
    for one in dated:
        for day, sure in one.days:
            yield Candidate(
                CandidateKind.DATE,
                day.isoformat(),
                one.day.start,
                one.day.end,
                confidence=round(sure, 2),
                label=one.label,
            )


def find_undated(sheet: Sheet) -> Iterator[Candidate]:
    """Days in words that nothing tells the date of: "the 9th", with no day of writing."""
    for day in _all_days(sheet):
        one = _resolved(sheet, day)
        if not one.days:
            yield Candidate(
                CandidateKind.DATE, None, day.start, day.end, confidence=0.6, label=one.label
            )


def _times(sheet: Sheet, dated: list[_Dated], clocks: list[Clock]) -> Iterator[Candidate]:
    for clock in clocks:
        near = _day_beside(sheet, dated, clock)
        plain = _settled(sheet, clock, near)
        yield Candidate(
            CandidateKind.TIME,
            f"{plain.hour:02}:{plain.minute:02}",
            clock.start,
            clock.end,
            confidence=clock.sure if not clock.vague else min(clock.sure, 0.7),
            label=_clock_label(sheet, clock),
        )


def _clock_label(sheet: Sheet, clock: Clock) -> str:
    if clock.stamp:
        return "stamp"
    return "until" if clock.until else label_of(sheet.folded, clock.start)


def _date_times(
    sheet: Sheet, dated: list[_Dated], clocks: list[Clock], zone: Zone | None
) -> Iterator[Candidate]:
    last: _Dated | None = None
    before = 0
    lone = LoneClocks(sheet, [(one.day, one.days[0][0]) for one in dated if one.days])
    for clock in clocks:
        near = _day_beside(sheet, dated, clock)
        beside = near is not None
        if near is None and last is not None and (clock.until or _goes_on(sheet, before, clock)):
            near = last
        before = clock.end
        if near is None:
            last = None
        if near is not None and near.days:
            last = near
            yield from _joined(sheet, near, clock, zone, beside=beside and not clock.until)
        elif near is None:
            settled = _settled(sheet, clock, None)
            found = lone.day_of(settled)
            if found is not None:
                yield Candidate(
                    CandidateKind.DATE_TIME,
                    _written(found[0], settled, settled.zone or zone),
                    clock.start,
                    _clock_end(settled),
                    confidence=round(min(found[1], settled.sure), 2),
                    label=_clock_label(sheet, clock),
                )


def _goes_on(sheet: Sheet, before: int, clock: Clock) -> bool:
    """ "Tuesday at 3 or 4 pm": the next time in the sentence is of the same day."""
    between = sheet.folded[before : clock.start]
    return len(between) <= _GAP and not _STOP.search(between)


def _joined(
    sheet: Sheet, near: _Dated, clock: Clock, zone: Zone | None, *, beside: bool
) -> Iterator[Candidate]:
    settled = _settled(sheet, clock, near)
    start = min(near.day.start, clock.start) if beside else clock.start
    end = max(near.day.end, _clock_end(settled)) if beside else _clock_end(settled)
    end += sheet.folded[end : end + 1] == ")" and "(" in sheet.folded[near.day.end : clock.start]
    night = _night_before(sheet, near, settled)
    for day, sure in near.days:
        moment = day + timedelta(days=1) if night else day
        yield Candidate(
            CandidateKind.DATE_TIME,
            _written(moment, settled, settled.zone or zone),
            start,
            end,
            confidence=round(min(sure, settled.sure if not clock.vague else 0.7), 2),
            label="stamp"
            if clock.stamp and clock.start <= near.day.start
            else near.label
            if near.day.start <= clock.start
            else _clock_label(sheet, clock),
        )


def _night_before(sheet: Sheet, near: _Dated, clock: Clock) -> bool:
    """ "last night at 2": already today."""
    words = sheet.folded[near.day.start : near.day.end].split()
    return (
        bool(words)
        and words[-1] in ("night", "nacht")
        and words[0] in ("last", "letzte")
        and clock.hour < 6
    )


def _clock_end(clock: Clock) -> int:
    return max(clock.end, clock.whole)


def _written(day: date, clock: Clock, zone: Zone | None) -> str:
    second = "" if clock.second is None else f":{clock.second:02}"
    offset = zone.offset(day, clock.hour, clock.minute) if zone else ""
    return f"{day.isoformat()}T{clock.hour:02}:{clock.minute:02}{second}{offset}"


def _settled(sheet: Sheet, clock: Clock, near: _Dated | None) -> Clock:
    """With its half of the day: by the words beside the day, by what was past, by office hours."""
    part = _part_beside(sheet, clock, near)
    if part and (clock.vague or (part == "pm" and clock.hour < 12)):
        return clock.in_half("pm" if part == "pm" else "am")
    if not clock.vague:
        return clock
    hour = clock.hour % 12
    told = sheet.told_at(clock.start)
    if near is None and told is not None and _is_past(sheet, clock):
        later = hour + 12 if (hour + 12, clock.minute) <= (told.hour, told.minute) else hour
        return replace(clock, hour=later, vague=False)
    if near is None and told is not None and told.hour < 6 and hour >= told.hour:
        return replace(clock, hour=hour, vague=False)
    return replace(clock, hour=hour if 7 <= hour <= 11 else hour + 12, vague=False)


def _is_past(sheet: Sheet, clock: Clock) -> bool:
    return side_of(sheet, clock.start, clock.end, widely=False) < 0


def _part_beside(sheet: Sheet, clock: Clock, near: _Dated | None) -> str:
    """The half of the day that is said between or beside a day and its time."""
    if near is None:
        return ""
    day = near.day
    between = (
        sheet.folded[day.start : clock.start]
        if day.start < clock.start
        else sheet.folded[clock.end : day.end + 14]
    )
    for word in re.findall(r"[a-z]+", between):
        if (
            word in PARTS
            and word not in ("fruh", "early")
            and not (word == "morgen" and day.start >= clock.end)
        ):
            early = word in NIGHTS and clock.hour % 12 < 6
            return "am" if early else PARTS[word]
        if word == "anoche":
            return "pm"
    return ""


def _day_beside(sheet: Sheet, dated: list[_Dated], clock: Clock) -> _Dated | None:
    """The day whose words stand right before a time, or right after it."""
    index = bisect_left(dated, clock.start, key=lambda one: one.day.start)
    before = dated[index - 1] if index else None
    if before is not None and _leads(sheet, before, clock):
        return before
    after = dated[index] if index < len(dated) else None
    end = _clock_end(clock)
    if after is not None and _linked(sheet, end, after.day.start, _BACK_LINKS):
        stamps = "\n" in sheet.folded[end : after.day.start]
        return None if stamps and _STAMP.match(sheet.folded, after.day.end) else after
    return None


def _leads(sheet: Sheet, day: _Dated, clock: Clock) -> bool:
    if clock.stamp and "\n" in sheet.folded[day.day.end : clock.start]:
        return False  # the next line's own time
    return _linked(sheet, day.day.end, clock.start, _LINKS)


def _linked(sheet: Sheet, start: int, end: int, links: frozenset[str] | set[str]) -> bool:
    gap = sheet.folded[start:end]
    gap = gap.lstrip(".").replace("ca.", "ca").replace("approx.", "approx")
    if len(gap) > _GAP or not _CLEAN_GAP.fullmatch(gap):
        return False
    return all(word in links for word in _GAP_WORD.findall(gap))


def _zones(sheet: Sheet, clocks: list[Clock]) -> Iterator[Candidate]:
    beside = [
        clock.zone
        for clock in clocks
        if clock.zone is not None and clock.zone.name != "z" and clock.zone.name[0] not in "+-"
    ]
    taken = Taken()
    named = any(word.text in NAMED_BY for word in sheet.words)
    others = ANYWHERE.finditer(sheet.folded) if named else ()
    for zone in (*beside, *(zone_of(match, sheet.text) for match in others)):
        known = is_zone(zone, sheet.text, sheet.reading.language)
        if known and taken.take(zone.start, zone.end):
            yield Candidate(
                CandidateKind.TIME_ZONE, zone.value, zone.start, zone.end, confidence=0.9
            )
