"""Who was when: lines that begin with a time, and what each says happened then.

Invariant: an entry begins with its time and ends where the next begins; a talk's turns are entries.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.extraction.filling.context import Context
from copilot.extraction.filling.moments import Moment
from copilot.extraction.reading import SegmentKind

_LEAST = 3  # lines with a time that make a timeline
_LONGEST = 400
_OPEN = re.compile(r"[\s>|*•·–\[(#+-]*")
_NAMED = re.compile(r"[\s\])|,:–-]*(?:[ap]m\b|utc|gmt|uhr|hrs?\b)?[\s\])|,:*–-]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """What ``context.folded[start:end]`` says happened at ``moment``."""

    moment: Moment
    start: int
    end: int


def entries(context: Context, found: Sequence[Moment]) -> list[Entry]:
    """The entries of a text's timeline, or its turns, in order; none where it has no such."""
    if context.in_turns:
        return list(_turns(context, found))
    heads = [one for one in found if one.clock and _begins_line(context, one)]
    if len(heads) < _LEAST:
        return []
    ends = [*(one.start for one in heads[1:]), len(context.text)]
    return [_entry(context, one, end) for one, end in zip(heads, ends, strict=True)]


def _begins_line(context: Context, one: Moment) -> bool:
    line = context.text.rfind("\n", 0, one.start) + 1
    if context.kind(one.start) in (SegmentKind.HEADERS, SegmentKind.TRACE):
        return False
    return _OPEN.fullmatch(context.text, line, one.start) is not None


def _entry(context: Context, one: Moment, end: int) -> Entry:
    gap = context.text.find("\n\n", one.end)
    end = min(end, gap if gap >= 0 else end, one.end + _LONGEST)
    found = _NAMED.match(context.folded, one.end, end)
    return Entry(one, found.end() if found else one.end, end)


def _turns(context: Context, found: Sequence[Moment]) -> Iterator[Entry]:
    """The turns that have a time, each with its words."""
    starts = [one.start for one in found]
    for message in context.reading.messages:
        if message.part != "turn" or message.sender_name is None:
            continue
        start, end = head_of(context, message.number)
        at = bisect_left(starts, start)
        if at < len(found) and starts[at] < end:
            yield Entry(found[at], end, min(message.end, message.start + _LONGEST))


def head_of(context: Context, number: int) -> tuple[int, int]:
    """Where a turn says who speaks and when."""
    message = context.reading.messages[number]
    name = message.sender_name
    if message.part != "turn" or name is None:
        return message.start, message.start
    line = context.text.find("\n", name.end)
    rest = context.text[name.end : line if line >= 0 else message.end]
    alone = re.fullmatch(r"[^\w:>]+(?:\w{1,9}\W+){0,5}?\d{1,2}[:.h]\d\d.{0,12}", rest)
    return message.start, name.end + len(rest) if alone else name.end


def is_stamp(context: Context, one: Moment) -> bool:
    """Whether it says when a turn was spoken."""
    start, end = head_of(context, context.segment_at(one.start).message)
    return start <= one.start < end
