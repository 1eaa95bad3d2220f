"""A time of day that a text names.

Invariant: hour and minute exist; ``vague`` as long as either half of the day may be meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from copilot.extraction.finding.zones import Zone

Half = Literal["", "am", "pm"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. ``vague``: an hour up to twelve that may be of either half of the day."""

    start: int
    end: int
    hour: int
    minute: int
    second: int | None = None
    vague: bool = False
    zone: Zone | None = None
    until: bool = False  # the end of a span
    sure: float = 0.92
    whole: int = 0  # where it ends with its zone
    stamp: bool = False  # at a line's start, as in a log or a chat

    def in_half(self, half: Half) -> Clock:
        """The same with "in the afternoon" said beside it."""
        if not half or self.hour > 12:
            return self if not self.vague else replace(self, vague=False)
        hour = self.hour % 12 + (12 if half == "pm" else 0)
        return replace(self, hour=hour, vague=False)
