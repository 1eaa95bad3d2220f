"""Which marks stand in the issues of a tracker, walked through from the newest to the oldest.

Invariant: of what was walked through to its end only the newest are looked at again, so that many
records on their way cost one long walk; a walk that broke off counts for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

# What comes into being while others are listed may get its number before them.
_AGAIN = 100


class Walked:
    """What was seen so far. Numbers grow with every issue that is made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: set[str] = set()
        self._marked: dict[str, str] = {}

    def find(self, mark: str, issues: Iterable[tuple[str, tuple[str, ...]]]) -> str | None:
        """The number of the oldest issue with this mark; None: no issue has it.

        ``issues``, number and marks of each, newest first, are asked for as far as it needs.
        """
        numbers: set[str] = set()
        marked: dict[str, str] = {}
        known = 0
        for number, marks in issues:
            numbers.add(number)
            marked |= dict.fromkeys(marks, number)
            known += number in self._numbers
            if known == _AGAIN:
                break
        with self._lock:
            self._marked = marked | self._marked
            self._numbers |= numbers
            return self._marked.get(mark)
