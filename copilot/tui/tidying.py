"""Looks after the garbage collector: it works while nobody types.

Invariant: a whole collection, which takes a tenth of a second with a long talk on the screen, never
starts within ``QUIET_S`` of a key; what was there before it is let be, and is given back after.
"""

from __future__ import annotations

import gc
import time

QUIET_S = 2.0
_MOST_S = 120.0  # between two whole collections, while nobody types
_FEW = 5_000  # new objects


class Tidying:
    """Collects instead of the interpreter, between ``begin`` and ``end``."""

    def __init__(self) -> None:
        self._typed = self._collected = time.monotonic()
        self._began = False

    def begin(self) -> None:
        """Take over from the interpreter."""
        self._began = gc.isenabled()
        if self._began:
            gc.disable()
            gc.freeze()

    def end(self) -> None:
        """Hand back."""
        if self._began:
            gc.unfreeze()
            gc.enable()

    def typed(self) -> None:
        """Somebody pressed a key or the mouse."""
        self._typed = time.monotonic()

    def look(self) -> None:
        """Collect what is young, which takes a few milliseconds; all, if nobody types."""
        now = time.monotonic()
        if not self._began:
            return
        if now - self._collected > _MOST_S and now - self._typed > QUIET_S:
            self._collected = now
            gc.collect()
        elif gc.get_count()[0] > _FEW:
            gc.collect(1)
