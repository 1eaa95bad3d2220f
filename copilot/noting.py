"""Tells what happened beside a run's stream (a look into the cache, a budget's change, a flag) to
whoever records the run.

Invariant: each record is told once, to the innermost ``noted_by`` block that it was made in, on the
block's thread or one that ``asyncio.to_thread`` lent it; without a block nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from copilot.records import Record

_told: ContextVar[Callable[[Record], None] | None] = ContextVar("copilot_noting", default=None)


@contextmanager
def noted_by(tell: Callable[[Record], None]) -> Iterator[None]:
    """Have ``tell`` called for each record of the block, on its thread."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def note(record: Record) -> None:
    """Have it recorded with the run that it is part of, if there is one."""
    tell = _told.get()
    if tell is not None:
        tell(record)
