"""What words say of a day, and which day that is, counted from when they were written.

Invariant: every day that comes out exists; what needs the day of writing says nothing without it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

Side = Literal[-1, 0, 1]  # before the day of writing, on either side of it, after it
Days = tuple[tuple[date, float], ...]  # the likeliest first, with how sure that is

_LAST_YEAR = 9000


class Said(Protocol):
    """What words say of a day."""

    def days(self, told: date | None, side: Side) -> Days:
        """The days that may be meant by somebody who writes it on ``told``."""
        ...


def day_of(year: int, month: int, day: int) -> date | None:
    """That day, if there is one."""
    if not (1900 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def full_year(written: str) -> int:
    """``26`` is 2026."""
    year = int(written)
    return year + 2000 if len(written) <= 2 else year


def shifted(day: date, days: int) -> date | None:
    """So many days later, within the calendar."""
    if abs(days) > 36_600 or not 1 < day.year < _LAST_YEAR:
        return None
    return day + timedelta(days=days)


def _one(day: date | None, sure: float) -> Days:
    return () if day is None else ((day, sure),)


@dataclass(frozen=True, slots=True)
class OnDate:
    """A day with its year; ``weekday`` is the name that stands with it."""

    day: date
    sure: float = 0.95
    weekday: int | None = None
    other: date | None = None  # with day and month changed over

    def days(self, told: date | None, side: Side) -> Days:
        day, other = self.day, self.other
        if other is not None and self.weekday is not None and other.weekday() == self.weekday:
            day, other = other, None
        if other is not None and told is not None and _far(day, told) and not _far(other, told):
            day, other = other, day
        sure = self.sure
        if self.weekday is not None and day.weekday() != self.weekday:
            sure *= 0.7
        if other is None or other == day:
            return ((day, sure),)
        return ((day, 0.65), (other, 0.3))


def _far(day: date, told: date) -> bool:
    return abs((day - told).days) > 62


@dataclass(frozen=True, slots=True)
class OnDay:
    """A day and its month without a year."""

    month: int
    day: int
    sure: float = 0.92
    weekday: int | None = None
    swapped: bool = False  # day and month may be meant the other way round

    def days(self, told: date | None, side: Side) -> Days:
        if told is None:
            return ()
        best = self._nearest(told, side, self.month, self.day)
        if not self.swapped or self.day > 12 or self.day == self.month:
            return best
        other = self._nearest(told, side, self.day, self.month)
        if not best or not other:
            return best or other
        if self.weekday is not None and other[0][0].weekday() == self.weekday:
            return other
        if _far(best[0][0], told) and not _far(other[0][0], told):
            best, other = other, best
        return ((best[0][0], 0.6), (other[0][0], 0.3))

    def _nearest(self, told: date, side: Side, month: int, day: int) -> Days:
        years = (told.year - 1, told.year, told.year + 1)
        found = [one for year in years if (one := day_of(year, month, day)) is not None]
        if self.weekday is not None:
            fitting = [one for one in found if one.weekday() == self.weekday]
            if fitting:
                return _one(_on_side(fitting, told, side), self.sure)
            return _one(_on_side(found, told, side), self.sure * 0.7)
        return _one(_on_side(found, told, side), self.sure)


def _on_side(found: Iterable[date], told: date, side: Side) -> date | None:
    """The nearest on that side; the nearest at all where that side has it only far away."""
    near = sorted(found, key=lambda one: abs((one - told).days))
    if not near:
        return None
    for one in near:
        distance = (one - told).days
        if side == 0 or distance == 0 or (distance > 0) == (side > 0):
            if abs(distance) > 270 and abs((near[0] - told).days) < (60 if side > 0 else 21):
                return near[0]
            return one
    return near[0]


@dataclass(frozen=True, slots=True)
class OfMonth:
    """The so-manieth; ``months`` away from this one if the words say which month."""

    day: int
    months: int | None = None
    weekday: int | None = None

    def days(self, told: date | None, side: Side) -> Days:
        if told is None:
            return ()
        if self.months is not None:
            year, month = _months_on(told, self.months)
            return _one(day_of(year, month, self.day), 0.92)
        found = []
        for months in (-1, 0, 1):
            year, month = _months_on(told, months)
            day = day_of(year, month, self.day)
            if day is not None:
                found.append(day)
        if self.weekday is not None:
            found = [day for day in found if day.weekday() == self.weekday] or found
        if side == 0:
            here = [day for day in found if day.month == told.month]
            if here and abs((here[0] - told).days) <= 16:
                return _one(here[0], 0.75)
        return _one(_on_side(found, told, side), 0.82 if side else 0.7)


def _months_on(told: date, months: int) -> tuple[int, int]:
    index = told.year * 12 + told.month - 1 + months
    return index // 12, index % 12 + 1


@dataclass(frozen=True, slots=True)
class OnWeekday:
    """A weekday; ``turn`` is "last" or "next" before it, ``weeks`` "next week" beside it."""

    weekday: int
    turn: Side = 0
    weeks: int | None = None
    this: bool = False
    later: bool = False  # a week after the next one

    def days(self, told: date | None, side: Side) -> Days:
        if told is None:
            return ()
        if self.weeks is not None:
            monday = told - timedelta(days=told.weekday())
            return _one(shifted(monday, self.weeks * 7 + self.weekday), 0.88)
        ahead = (self.weekday - told.weekday()) % 7
        back = (told.weekday() - self.weekday) % 7
        to_come = shifted(told, ahead or (0 if self.this else 7))
        gone = shifted(told, -(back or 7))
        if self.later:
            return _one(shifted(to_come, 7) if to_come else None, 0.8)
        if self.turn:
            return _one(to_come if self.turn > 0 else gone, 0.85)
        if to_come is None or gone is None:
            return ()
        if side > 0:
            return ((shifted(told, ahead) or to_come, 0.85),)
        if side < 0:
            return ((gone, 0.85),)
        today = ((told, 0.3),) if ahead == 0 else ()
        return (
            ((to_come, 0.5), (gone, 0.45), *today)
            if self.this
            else (
                (gone, 0.5),
                (to_come, 0.45),
                *today,
            )
        )


@dataclass(frozen=True, slots=True)
class Away:
    """So many days from the day of writing."""

    by: int
    sure: float = 0.95

    def days(self, told: date | None, side: Side) -> Days:
        return () if told is None else _one(shifted(told, self.by), self.sure)


@dataclass(frozen=True, slots=True)
class MonthsAway:
    """The same day, so many months from now."""

    by: int

    def days(self, told: date | None, side: Side) -> Days:
        if told is None or abs(self.by) > 1200:
            return ()
        year, month = _months_on(told, self.by)
        if not 1900 <= year <= 2199:
            return ()
        return _one(day_of(year, month, min(told.day, monthrange(year, month)[1])), 0.7)


Part = Literal["start", "middle", "end"]
Stretch = Literal["week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class EdgeOf:
    """The beginning, middle or end of a week, month, quarter or year.

    ``number`` is that of the month or quarter that is named; otherwise it is the one that is
    ``away`` so many from now.
    """

    part: Part
    stretch: Stretch
    number: int | None = None
    year: int | None = None
    away: int = 0

    def days(self, told: date | None, side: Side) -> Days:
        sure = {"end": 0.85, "start": 0.6, "middle": 0.5}[self.part]
        if self.stretch == "week":
            return () if told is None else _one(self._of_week(told), sure - 0.1)
        if told is None and (self.year is None or self.number is None):
            return _one(self._edge(self.year, 1), sure) if self._whole_year() else ()
        months = self._first_month(told, side)
        return () if months is None else _one(self._edge(*months), sure)

    def _whole_year(self) -> bool:
        return self.stretch == "year" and self.year is not None

    def _of_week(self, told: date) -> date | None:
        monday = told - timedelta(days=told.weekday())
        return shifted(monday, self.away * 7 + {"start": 0, "middle": 2, "end": 4}[self.part])

    def _first_month(self, told: date | None, side: Side) -> tuple[int, int] | None:
        long = {"month": 1, "quarter": 3, "year": 12}[self.stretch]
        if self.number is not None:
            first = (self.number - 1) * long + 1
            if self.year is not None:
                return self.year, first
            if told is None:
                return None
            ends = [
                (edge, year)
                for year in (told.year - 1, told.year, told.year + 1)
                if (edge := self._edge(year, first)) is not None
            ]
            best = _on_side([edge for edge, _ in ends], told, side)
            return next(((year, first) for edge, year in ends if edge == best), None)
        if self.stretch == "year" and self.year is not None:
            return self.year, 1
        if told is None:
            return None
        first = (told.month - 1) // long * long + 1
        index = told.year * 12 + first - 1 + self.away * long
        return index // 12, index % 12 + 1

    def _edge(self, year: int | None, month: int) -> date | None:
        if year is None or not 1900 <= year <= 2198:
            return None
        long = {"month": 1, "quarter": 3, "year": 12}.get(self.stretch, 1)
        if self.part == "start":
            return date(year, month, 1)
        last = month + long - 1
        if self.part == "end":
            return date(year, last, monthrange(year, last)[1])
        return date(year, month + long // 2, 15 if long == 1 else 1)


@dataclass(frozen=True, slots=True)
class InWeek:
    """A calendar week by its ISO number: its Monday, or its Friday at its end."""

    number: int
    year: int | None = None
    end: bool = False
    weekday: int | None = None

    def days(self, told: date | None, side: Side) -> Days:
        years = (
            [self.year] if self.year else [told.year - 1, told.year, told.year + 1] if told else []
        )
        found = []
        for year in years:
            try:
                weekday = self.weekday if self.weekday is not None else 4 if self.end else 0
                found.append(date.fromisocalendar(year, self.number, weekday + 1))
            except ValueError:  # no such week in that year
                continue
        if told is None:
            return _one(found[0] if found else None, 0.6)
        return _one(_on_side(found, told, side), 0.85 if self.weekday is not None else 0.6)
