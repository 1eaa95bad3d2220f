"""Stretches of a text that are taken already.

Invariant: no two of them overlap; asking takes time that grows with the logarithm of their number.
"""

from __future__ import annotations

from bisect import bisect_left, insort


class Taken:
    """Stretches that are kept apart from one another."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of them shares a character with this one."""
        index = bisect_left(self._spans, (end, end))
        return index > 0 and self._spans[index - 1][1] > start

    def take(self, start: int, end: int) -> bool:
        """Take a stretch, unless it overlaps one that is taken."""
        if self.overlaps(start, end):
            return False
        insort(self._spans, (start, end))
        return True
