"""caching.AnswerCache in memory, for tests of what is answered from it.

Invariant: passes the same contract suite as the one in a file (tests/contracts).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from copilot.caching import (
    AnsweredFrom,
    Bounds,
    CachedAnswer,
    CacheStanding,
    Near,
    Switched,
)
from copilot.codec import to_plain

if TYPE_CHECKING:
    from copilot.messages import Vector


@dataclass
class _Row:
    cached: CachedAnswer
    vector: Vector | None
    used_at: datetime

    @property
    def bytes(self) -> int:
        vector = 0 if self.vector is None else 4 * len(self.vector)
        return len(json.dumps(to_plain(self.cached))) + vector


class MemoryAnswers:
    """For one process; safe between threads."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._rows: dict[str, _Row] = {}
        self._looks = CacheStanding()
        self._checks: list[bool] = []
        self._off: Switched | None = None
        self._since_version = 0
        self._lock = threading.RLock()

    def exact(self, key: str, *, now: datetime) -> CachedAnswer | None:
        row = self._rows.get(key)
        return row.cached if row is not None and self._fresh(row.cached, now) else None

    def knows(self, question: str) -> bool:
        with self._lock:
            return any(row.cached.question == question for row in self._rows.values())

    def nearest(
        self, partition: str, vector: Vector, *, least: float, limit: int, now: datetime
    ) -> Sequence[Near]:
        with self._lock:
            found = [
                Near(row.cached, float(row.vector @ vector))
                for row in self._rows.values()
                if row.cached.partition == partition
                and self._fresh(row.cached, now)
                and row.vector is not None
                and row.vector.shape == vector.shape
            ]
        near = [one for one in found if one.similarity >= least]
        return sorted(near, key=lambda one: -one.similarity)[:limit]

    def keep(self, cached: CachedAnswer, vector: Vector | None) -> None:
        with self._lock:
            if cached.index_version < self._since_version:
                return
            self._drop(
                lambda one: (
                    one.index_version < cached.index_version or not self._fresh(one, cached.at)
                )
            )
            self._rows[cached.key] = _Row(cached, vector, cached.at)
            taken = 0
            latest = sorted(self._rows.values(), key=lambda r: (r.used_at, r.cached.at))[::-1]
            for place, row in enumerate(latest, start=1):
                taken += row.bytes
                if place > self._bounds.entries or taken > self._bounds.bytes:
                    del self._rows[row.cached.key]

    def looked(
        self,
        found: tuple[str, AnsweredFrom] | None,
        *,
        now: datetime,
        saved_microusd: int = 0,
        saved_ms: float = 0.0,
    ) -> None:
        with self._lock:
            self._drop(lambda one: not self._fresh(one, now))
            was, tier = self._looks, found[1] if found is not None else ""
            self._looks = replace(
                was,
                looks=was.looks + 1,
                exact=was.exact + (tier == "exact"),
                semantic=was.semantic + (tier == "semantic"),
                saved_microusd=was.saved_microusd + saved_microusd,
                saved_ms=was.saved_ms + saved_ms,
            )
            if found is not None and found[0] in self._rows:
                self._rows[found[0]].used_at = now

    def checked(self, *, right: bool) -> tuple[int, int]:
        with self._lock:
            self._checks = [*self._checks, right][-self._bounds.checks :]
            return len(self._checks), self._checks.count(False)

    def off(self) -> Switched | None:
        return self._off

    def switch(self, off: Switched | None) -> None:
        with self._lock:
            self._off = off
            if off is None:
                self._checks = []

    def standing(self) -> CacheStanding:
        with self._lock:
            rows = list(self._rows.values())
            return replace(
                self._looks,
                entries=len(rows),
                bytes=sum(row.bytes for row in rows),
                oldest=min((row.cached.at for row in rows), default=None),
                checked=len(self._checks),
                wrong=self._checks.count(False),
                off=self._off,
            )

    def clear(self) -> int:
        with self._lock:
            gone = len(self._rows)
            self._rows, self._looks, self._checks, self._off = {}, CacheStanding(), [], None
            return gone

    def forget(self, principal: str, *, dry_run: bool = False) -> int:
        return self._drop(lambda one: one.principal == principal, dry_run=dry_run)

    def drop_but(self, index_version: int) -> int:
        with self._lock:
            self._since_version = index_version
            return self._drop(lambda one: one.index_version != index_version)

    def drop_before(self, moment: datetime, *, dry_run: bool = False) -> int:
        return self._drop(lambda one: one.at < moment, dry_run=dry_run)

    def _drop(self, unwanted: Callable[[CachedAnswer], bool], *, dry_run: bool = False) -> int:
        with self._lock:
            gone = [key for key, row in self._rows.items() if unwanted(row.cached)]
            for key in gone if not dry_run else ():
                del self._rows[key]
            return len(gone)

    def _fresh(self, cached: CachedAnswer, now: datetime) -> bool:
        oldest, latest = self._bounds.times(now)
        return oldest <= cached.at <= latest
