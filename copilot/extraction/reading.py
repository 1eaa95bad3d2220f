"""A text taken apart: its messages, and what each stretch of it is.

Invariant: frozen; segments lie side by side, in order, and cover the text, so every offset belongs
to exactly one of them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from copilot.extracted import SourceText

# Characters of a text that rules read: what is asked stands before, and more takes its time.
MOST_READ = 100_000

Language = Literal["en", "de", "fr", "es", ""]


class SegmentKind(StrEnum):
    """What a stretch of text is."""

    HEADERS = "headers"  # From:, To:, Date:, Subject: …, of the mail, a forward, or a quoted mail
    ATTRIBUTION = "attribution"  # "On Mon, 26 Oct 2026, Amara wrote:"
    GREETING = "greeting"
    BODY = "body"
    FORM = "form"  # "Label: value" lines of a web form, ticket template or note
    CLOSING = "closing"  # "Best regards"
    SIGNATURE = "signature"
    BOILERPLATE = "boilerplate"  # disclaimers, unsubscribe, "sent from my phone", banners, bots
    TRACE = "trace"  # stack traces, logs, terminal output
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one kind, belonging to one message."""

    kind: SegmentKind
    start: int
    end: int
    message: int


@dataclass(frozen=True, slots=True)
class Message:
    """One contribution: a mail, a quoted or forwarded mail in it, a turn of a chat or call.

    ``part``: ``current`` is what was sent now; ``quoted`` what it answers; ``forwarded`` what it
    hands on, which is then what it is about; ``turn`` is one of many in a transcript.
    ``sender_name`` and ``sender_email`` stand in a header, an attribution or before a turn.
    ``own``: written by the team that runs the assistant (support, a bot), not by who asks.
    ``sent_at``: with a zone only if the text or the input gave one.
    """

    number: int
    part: Literal["current", "quoted", "forwarded", "turn"]
    start: int
    end: int
    depth: int = 0
    sender_name: Span | None = None
    sender_email: Span | None = None
    subject: Span | None = None
    sent_at: datetime | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its parts. ``messages`` in the order in which they stand in the text.

    ``language`` is the one that most of what people wrote is in; empty when it can't be told.
    """

    source: SourceText
    messages: tuple[Message, ...]
    segments: tuple[Segment, ...]
    language: Language = ""

    @property
    def text(self) -> str:
        return self.source.text

    def segment_at(self, offset: int) -> Segment:
        """The segment that an offset belongs to; the last one for the text's end."""
        behind = bisect_right(self.segments, offset, key=lambda segment: segment.start)
        return self.segments[max(0, behind - 1)]

    def quote(self, span: Span) -> str:
        return self.text[span.start : span.end]
