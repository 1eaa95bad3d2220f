"""What stands beside a time: the part of the day, the zone, the other end of a span.

Invariant: a time is completed once, in the order of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace

from copilot.extraction.finding.calendar_words import PARTS
from copilot.extraction.finding.clock import Clock, Half
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.zones import BESIDE, exists, is_zone, zone_of

PART_AFTER = re.compile(
    r",? ?(?:in the|at|in|du|de l'|de la|por la|am|en la|a la|de|of the"
    r"|del) ?(?P<part>early morning|morning"
    r"|afternoon|evening|night|noon|matin|soir|apres-midi|apres midi|nuit|manana|tarde|noche"
    r"|madrugada"
    r"|mediodia|morgen|vormittag|nachmittag|abend|nacht)\b"
    r"| (?P<adverb>morgens|vormittags|mittags|nachmittags|abends|nachts|fruh)\b"
)
PART_BEFORE = re.compile(r"(?<![\w])(?P<part>morning|afternoon|evening|night) \Z")
SPAN_LINK = re.compile(
    r" ?(?:-|to|until|till|til|bis|a|al|hasta|hasta las|a las|jusqu'a|et|and|y|und|- ?bis) ?\Z"
)
_OFFSET = re.compile(r"[+-][0-9]{4}")
_STAMP = re.compile(r"(?:^|\n)[>| *]{0,6}\[?\Z")


def half_of(match: re.Match[str]) -> Half:
    word = (match["part"] or match["adverb"] or "").replace("-", " ").split()
    return (
        _half(PARTS.get(word[-1] if word[-1:] != ["midi"] or len(word) == 1 else "apres", ""))
        if word
        else ""
    )


def _half(found: str) -> Half:
    return "am" if found == "am" else "pm" if found == "pm" else ""


def completed(sheet: Sheet, clock: Clock, found: list[Clock]) -> Clock:
    """With the part of the day, the zone and the span's other end that stand beside it."""
    folded = sheet.folded
    before = PART_BEFORE.search(folded, max(0, clock.start - 12), clock.start)
    after = PART_AFTER.match(folded, clock.end)
    if before is not None and sheet.reading.language in ("en", ""):
        clock = replace(clock.in_half(_half(PARTS[before["part"]])), start=before.start("part"))
    elif (
        after is not None
        and (half := half_of(after))
        and not (after["part"] == "noon" or (clock.hour > 12 and half == "am"))
    ):
        night = (after["part"] or after["adverb"] or "") in (
            "night",
            "nacht",
            "nachts",
            "nuit",
            "noche",
        )
        if night and clock.hour in (12, 1, 2, 3, 4):
            half = "am"
        clock = replace(clock.in_half(half), end=after.end())
    clock = with_zone(sheet, clock)
    if _STAMP.search(folded, max(0, clock.start - 8), clock.start):
        clock = replace(clock, stamp=True)
    if found and 0 < clock.start - found[-1].end <= 14:
        link = folded[found[-1].end : clock.start]
        if SPAN_LINK.fullmatch(link) and _spans(sheet, found[-1].start, link.strip()):
            found[-1] = _same_half(found[-1], clock)
            clock = replace(clock, until=True)
            clock = _later(found[-1], clock)
    return clock


def _spans(sheet: Sheet, start: int, link: str) -> bool:
    """Whether what stands between two times makes a span of them: "9h et 11h" after "entre"."""
    if link in ("and", "et", "y", "und"):
        before = sheet.folded[max(0, start - 10) : start].split()
        return bool(before) and before[-1] in ("between", "entre", "zwischen")
    return link != "a" or sheet.reading.language in ("fr", "es")


def _same_half(first: Clock, last: Clock) -> Clock:
    """ "3 to 4 pm": the first is of the same half, if it is before the last then."""
    afternoon = first.vague and not last.vague and first.hour < 12 <= last.hour
    if afternoon and (first.hour + 12, first.minute) <= (last.hour, last.minute):
        return replace(first, hour=first.hour + 12, vague=False)
    return replace(first, zone=first.zone or last.zone)


def _later(first: Clock, last: Clock) -> Clock:
    if last.vague and not first.vague and last.hour < first.hour <= last.hour + 12:
        return replace(last, hour=(last.hour + 12) % 24, vague=False)
    return last


def with_zone(sheet: Sheet, clock: Clock) -> Clock:
    match = BESIDE.match(sheet.folded, clock.end)
    if match is None:
        return clock
    zone = zone_of(match, sheet.text)
    offset = zone.shown[0] in "+-"
    if offset and not (
        exists(zone.name) and (clock.second is not None or _OFFSET.fullmatch(zone.shown))
    ):
        return clock  # the rest of a span: 9:00-11:00
    if not is_zone(zone, sheet.text, sheet.reading.language):
        return clock
    closed = match[0].lstrip()[0] in "([" and sheet.folded[zone.end : zone.end + 1] in (")", "]")
    return replace(clock, zone=zone, whole=zone.end + closed)
