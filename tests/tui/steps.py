"""Measures how long the loop works without letting others in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """``longest``: seconds of the loop's processor time for all that was ready at once.

    Waiting for a machine that is busy with others doesn't count, so a loaded one fails nothing.
    """

    longest = 0.0


@contextmanager
def watched() -> Iterator[Steps]:
    """Nothing is put into the loop for it, so that it idles where there is nothing to do."""
    steps, loop = Steps(), asyncio.get_running_loop()
    once = loop._run_once  # type: ignore[attr-defined]

    def timed() -> None:
        began = time.thread_time()
        once()
        steps.longest = max(steps.longest, time.thread_time() - began)

    loop._run_once = timed  # type: ignore[attr-defined]
    try:
        yield steps
    finally:
        del loop._run_once  # type: ignore[attr-defined]
