"""What searches saw and fetched lately: where passages lie, and the passages, decoded.

Invariant: a passage that is given was read at the version that is asked for; a write empties
them. Where a row lies is a hint that the reader checks. Who may see a passage is decided by the
caller each time. Both are bounded: the longest held make room.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from copilot.messages import StoredPassage

_LIMIT = 2048  # about 15 kB each
_PLACES = 20_000


class Recent:
    """A bounded memory of one version of the passages; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._held: dict[str, StoredPassage] = {}

    def of(self, version: int, ids: Iterable[str]) -> dict[str, StoredPassage]:
        """Those of ``ids`` that were read at this version."""
        with self._lock:
            if version != self._version:
                self._version, self._held = version, {}
            return {id_: self._held[id_] for id_ in ids if id_ in self._held}

    def keep(self, version: int, read: Mapping[str, StoredPassage]) -> None:
        """Remember ``read``; the longest held make room."""
        with self._lock:
            if version != self._version:
                return
            self._held.update(read)
            excess = len(self._held) - _LIMIT
            for id_ in list(self._held)[:excess] if excess > 0 else ():
                del self._held[id_]


class Places:
    """The rows where searches have just seen passages; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, int] = {}

    def note(self, ids: Sequence[str], rows: Iterable[int]) -> None:
        with self._lock:
            for id_, row in zip(ids, rows, strict=True):
                self._rows.pop(id_, None)  # seen again: the last to make room
                self._rows[id_] = row
            # One search may see more than the limit; what it saw is about to be fetched.
            excess = len(self._rows) - max(_PLACES, len(ids))
            for id_ in list(islice(self._rows, excess)) if excess > 0 else ():
                del self._rows[id_]

    def of(self, ids: Iterable[str]) -> dict[str, int]:
        """The rows of those of ``ids`` that are known."""
        with self._lock:
            return {id_: self._rows[id_] for id_ in ids if id_ in self._rows}
