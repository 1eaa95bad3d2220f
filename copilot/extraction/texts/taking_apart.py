"""Takes a text apart: messages, turns, and what each stretch of them is.

Invariant: segments cover the text without gaps, whatever the text is; nothing raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.extracted import SourceText
from copilot.extraction.reading import Message, Reading, Segment, SegmentKind
from copilot.extraction.texts.drafts import Draft, Split
from copilot.extraction.texts.languages import language_of
from copilot.extraction.texts.lines import lines_of
from copilot.extraction.texts.owning import mark_own
from copilot.extraction.texts.parts import mark_parts
from copilot.extraction.texts.threads import split_thread
from copilot.extraction.texts.turns import split_turns

_WRITTEN = (SegmentKind.BODY, SegmentKind.GREETING, SegmentKind.CLOSING)


def read(source: SourceText, *, own_domains: Sequence[str] = ()) -> Reading:
    """The text with its messages and segments. Takes time in proportion to the text's length."""
    text = source.text
    split = split_thread(text, lines_of(text), source.received_at)
    split_turns(split)
    mark_parts(split)
    drafts = [draft for draft, _ in split.by_owner()] or [Draft(part="current")]
    _begin_with_current(drafts[0])
    mark_own(text, drafts, own_domains)
    numbers = {id(draft): number for number, draft in enumerate(drafts)}
    segments = _segments(split, numbers)
    return Reading(
        source=source,
        messages=_messages(split, drafts),
        segments=segments,
        language=language_of(text[one.start : one.end] for one in segments if one.kind in _WRITTEN),
    )


def _begin_with_current(first: Draft) -> None:
    """What nothing of an answer stands above was itself sent now."""
    if first.part == "quoted":
        first.part, first.depth = "current", 0


def _segments(split: Split, numbers: dict[int, int]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for line, owner, told in zip(split.lines, split.owners, split.kinds, strict=True):
        number = numbers[id(owner)]
        kind = told or SegmentKind.BODY
        if segments and segments[-1].message == number and segments[-1].kind is kind:
            segments[-1] = Segment(kind, segments[-1].start, line.end, number)
        else:
            segments.append(Segment(kind, line.start, line.end, number))
    return tuple(segments) or (Segment(SegmentKind.BODY, 0, len(split.text), 0),)


def _messages(split: Split, drafts: Sequence[Draft]) -> tuple[Message, ...]:
    places: dict[int, tuple[int, int]] = {}
    for line, owner in zip(split.lines, split.owners, strict=True):
        first, _ = places.get(id(owner), (line.start, line.end))
        places[id(owner)] = (first, line.end)
    return tuple(
        draft.message(number, *places.get(id(draft), (0, len(split.text))))
        for number, draft in enumerate(drafts)
    )
