"""The machine's clock, and ids that are made of it."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def new_id() -> str:
    """A UUID version 7: sorts by time of creation, unique over processes (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    random = uuid.uuid4().int & ((1 << 74) - 1)
    rand_a, rand_b = random >> 62, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b))
