"""Messages while a text is being taken apart, before they have their numbers.

Invariant: a draft belongs to one ``read``; nothing outside of it sees one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from copilot.extraction.reading import Message, SegmentKind, Span
from copilot.extraction.texts.addresses import Named
from copilot.extraction.texts.lines import Line

Part = Literal["current", "quoted", "forwarded", "turn"]
_FORWARD = re.compile(
    r"(?:\s*\[[^\]]{0,40}\])*\s*(?:fwd?|wg|tr|rv|vs|i|fs|enc|doorst|weitergeleitet)\s?:",
    re.IGNORECASE,
)


@dataclass(slots=True, eq=False)
class Draft:
    """``marks``: how many quote marks its lines carry. ``to``: whom its headers name."""

    part: Part
    depth: int = 0
    marks: int = 0
    sender: Named = field(default_factory=Named)
    to: tuple[Named, ...] = ()
    subject: Span | None = None
    sent_at: datetime | None = None
    own: bool = False
    parent: Draft | None = None

    def message(self, number: int, start: int, end: int) -> Message:
        return Message(
            number=number,
            part=self.part,
            start=start,
            end=end,
            depth=self.depth,
            sender_name=self.sender.name,
            sender_email=self.sender.email,
            subject=self.subject,
            sent_at=self.sent_at,
            own=self.own,
        )


@dataclass(slots=True)
class Split:
    """What each line belongs to, and its kind as far as it is known."""

    text: str
    lines: Sequence[Line]
    owners: list[Draft]
    kinds: list[SegmentKind | None]

    def by_owner(self) -> list[tuple[Draft, list[int]]]:
        """The drafts in their order, each with the numbers of its lines."""
        found: dict[int, tuple[Draft, list[int]]] = {}
        for at, owner in enumerate(self.owners):
            found.setdefault(id(owner), (owner, []))[1].append(at)
        return list(found.values())


def hands_on(text: str, subject: Span | None) -> bool:
    """Whether a subject says that the mail forwards another: Fwd:, WG:, TR:, RV:"""
    return subject is not None and _FORWARD.match(text, subject.start, subject.end) is not None
