"""Tells what requests to a provider cost to whoever began the work that made them.

Invariant: each request is told once, to the innermost ``metered`` block that it was made in, on
the block's thread or one that ``asyncio.to_thread`` lent it; without a block nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from copilot.events import ModelAttempt
from copilot.messages import Usage

Tell = Callable[[ModelAttempt], None]

_told: ContextVar[Tell | None] = ContextVar("copilot_metering", default=None)


@contextmanager
def metered(tell: Tell) -> Iterator[None]:
    """Have ``tell`` called for each request of the block, also a failed one, on its thread."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def requested(attempt: ModelAttempt) -> None:
    """Tell of a request that was made; for adapters whose port returns no events."""
    tell = _told.get()
    if tell is not None:
        tell(attempt)


def total_usage(model: str, usages: Sequence[Usage]) -> Usage:
    """All of a run's requests together; the price is unknown if one of them is."""
    costs = [u.cost_microusd for u in usages]
    known = [c for c in costs if c is not None]
    return Usage(
        model=model,
        input_tokens=sum(u.input_tokens for u in usages),
        output_tokens=sum(u.output_tokens for u in usages),
        cost_microusd=sum(known) if len(known) == len(costs) else None,
        estimated=any(u.estimated for u in usages),
        cached_tokens=sum(u.cached_tokens for u in usages),
        saved_tokens=sum(u.saved_tokens for u in usages),
    )
