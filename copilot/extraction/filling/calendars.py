"""A meeting out of an iCalendar entry: its properties say what other texts say in sentences.

Invariant: only the first VEVENT's own properties are read; who declined doesn't take part.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.filling.context import Context, nothing
from copilot.schemas import FieldRole

_EVENT = re.compile(r"^BEGIN:VEVENT\s*$(.*?)^(?:BEGIN:VALARM|END:VEVENT)\s*$", re.S | re.M)
_PROPERTIES = {
    FieldRole.TITLE: "SUMMARY",
    FieldRole.LOCATION: "LOCATION",
    FieldRole.MEETING_DATE: "DTSTART",
    FieldRole.START_TIME: "DTSTART",
    FieldRole.END_TIME: "DTEND",
    FieldRole.TIME_ZONE: "DTSTART",
}
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d*(Z)?)?")
_ZONE = re.compile(r"TZID=\"?([^\":;]+)")
_NAME = re.compile(r"^(ORGANIZER|ATTENDEE)\b([^\n]*?)CN=\"?([^\":;\n]+)([^\n]*)", re.MULTILINE)


def event(context: Context) -> tuple[int, int] | None:
    """Where the entry's properties stand, None if the text is no calendar's."""
    found = _EVENT.search(context.text) if "BEGIN:VEVENT" in context.text else None
    return found.span(1) if found else None


def said(context: Context, place: tuple[int, int], role: FieldRole) -> FieldValue | None:
    """What the entry says of a role; None if that is no property's."""
    if role is FieldRole.PERSON_NAME:
        told = [one for one in _NAME.finditer(context.text, *place) if one[1] == "ORGANIZER"]
        return _name(context, told[0]) if told else nothing()
    if role not in _PROPERTIES:
        return None
    line = re.compile(rf"^{_PROPERTIES[role]}\b([^:\n]*):([^\n]*)", re.MULTILINE)
    found = line.search(context.text, *place)
    if found is None or not found[2].strip():
        return nothing()
    start, end = found.start(2), found.start(2) + len(found[2].rstrip())
    moment = _MOMENT.match(context.text, start, end)
    if role in (FieldRole.TITLE, FieldRole.LOCATION):
        told_text = re.sub(r"\\([,;\\])", r"\1", context.text[start:end])
        return context.value(start, end, value=told_text, confidence=0.95)
    if role is FieldRole.TIME_ZONE:
        zone = _ZONE.search(context.text, found.start(1), found.end(1))
        return context.value(*zone.span(1), confidence=0.95) if zone else nothing()
    if moment is None:
        return nothing()
    if role is FieldRole.MEETING_DATE:
        day = "-".join(moment.group(1, 2, 3))
        return context.value(start, moment.end(3), value=day, confidence=0.95)
    if moment[4] is None:
        return nothing()
    clock = f"{moment[4]}:{moment[5]}"
    return context.value(start, moment.end(), value=clock, confidence=0.95)


def guests(context: Context, place: tuple[int, int]) -> list[FieldValue]:
    """Organiser and guests, each once, without those who declined."""
    kept: dict[str, FieldValue] = {}
    for one in _NAME.finditer(context.text, *place):
        if "PARTSTAT=DECLINED" not in one[0]:
            kept.setdefault(one[3].strip(), _name(context, one))
    return list(kept.values())


def _name(context: Context, found: re.Match[str]) -> FieldValue:
    return context.value(found.start(3), found.start(3) + len(found[3].rstrip()), confidence=0.95)
