"""Passages that were fetched lately, decoded: the next question often finds them again.

Invariant: what is given was read at the version that is asked for; a write empties it. Who may
see a passage is decided by the caller each time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from copilot.messages import StoredPassage

_LIMIT = 2048  # about 15 kB each


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
