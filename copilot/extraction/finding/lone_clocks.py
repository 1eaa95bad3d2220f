"""The day of a time that no day stands beside.

Invariant: a date that stands over it as a heading counts before the day of writing; across midnight
it is the day on the side that the words tell, or the nearer one.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from copilot.extraction.finding.clock import Clock
from copilot.extraction.finding.cues import side_of
from copilot.extraction.finding.day_numbers import Day
from copilot.extraction.finding.labels import form_label
from copilot.extraction.finding.sheet import Sheet

_FAR = timedelta(hours=16)  # rather the same time of the day beside
_NIGHT = timedelta(hours=6)  # a list of times that goes back by more has passed midnight
_OLD = timedelta(days=60)
_LINE = 100
_PROSE = re.compile(
    r"[.!?,;]\s*\Z|\b(?:by|until|bis|avant|antes|due|since|seit|depuis|desde|wrote|schrieb)\b"
)


class LoneClocks:
    """Asked for one time after the other, in their order in the text."""

    def __init__(self, sheet: Sheet, days: list[tuple[Day, date]]) -> None:
        self._sheet = sheet
        self._headings = [(day.end, one) for day, one in days if self._heads(day)]
        self._next = 0
        self._heading: tuple[int, date] | None = None
        self._previous: datetime | None = None

    def day_of(self, clock: Clock) -> tuple[date, float] | None:
        """Its day, and how sure that is; None where nothing tells it."""
        while self._next < len(self._headings) and self._headings[self._next][0] <= clock.start:
            self._heading, self._previous = self._headings[self._next], None
            self._next += 1
        told = self._sheet.told_at(clock.start)
        headed = self._under_heading(clock, told)
        if headed is not None or told is None:
            return headed
        moment = datetime.combine(told.date(), time(clock.hour, clock.minute))
        ahead = moment - told.replace(tzinfo=None)
        to_come = ahead > timedelta(minutes=10)
        side = side_of(self._sheet, clock.start, clock.end, widely=to_come)
        sure = 0.6 if side <= 0 else 0.5
        if ahead > _FAR or (side < 0 and ahead > timedelta(minutes=200 if clock.zone else 10)):
            return told.date() - timedelta(days=1), sure
        if -ahead > _FAR and side >= 0:
            return told.date() + timedelta(days=1), sure
        return told.date(), sure

    def _heads(self, day: Day) -> bool:
        """Whether a date stands in a short line that isn't a sentence's."""
        folded = self._sheet.folded
        start = folded.rfind("\n", max(0, day.start - _LINE), day.start) + 1
        end = folded.find("\n", day.end, day.end + _LINE)
        if (start == 0 and day.start > _LINE) or end < 0:
            return False
        line = folded[start:end]
        return len(line) <= _LINE and not line.startswith(">") and not _PROSE.search(line)

    def _under_heading(self, clock: Clock, told: datetime | None) -> tuple[date, float] | None:
        if self._heading is None:
            return None
        at, day = self._heading
        sheet = self._sheet
        message = sheet.message_at(clock.start)
        if message is not None and (message.start > at or message.part == "turn"):
            return None
        if told is not None and not timedelta(0) <= told.date() - day <= _OLD:
            return None
        if told is not None and not clock.stamp and not form_label(sheet.folded, clock.start):
            return None
        moment = datetime.combine(day, time(clock.hour, clock.minute))
        previous = self._previous
        if previous is not None:
            moment = datetime.combine(previous.date(), moment.time())
            if previous - moment > _NIGHT and clock.stamp:
                moment += timedelta(days=1)
        if clock.stamp or previous is None:
            self._previous = moment
        return moment.date(), 0.75
