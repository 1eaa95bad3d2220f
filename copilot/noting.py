"""Tells what happened beside a run's stream (a look into the cache, a budget's change, a flag) to
whoever records the run.

Invariant: each record is told once, to the innermost ``noted_by`` block that it was made in, on the
block's thread or one that ``asyncio.to_thread`` lent it; without a block nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from copilot.events import RunStarted
from copilot.records import Record

_told: ContextVar[Callable[[Record], None] | None] = ContextVar("copilot_noting", default=None)
_run: ContextVar[RunStarted | None] = ContextVar("copilot_run", default=None)


@contextmanager
def noted_by(tell: Callable[[Record], None], run: RunStarted | None = None) -> Iterator[None]:
    """Have ``tell`` called for each record of the block, on its thread; the block is ``run``'s."""
    told, of = _told.set(tell), _run.set(run)
    try:
        yield
    finally:
        _told.reset(told)
        _run.reset(of)


def running() -> RunStarted | None:
    """The run that this is done for."""
    return _run.get()


def note(record: Record) -> None:
    """Have it recorded with the run that it is part of, if there is one."""
    tell = _told.get()
    if tell is not None:
        tell(record)
