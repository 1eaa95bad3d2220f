"""Processes that read: what is left of a reading that nobody waits for any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from copilot.cli.extract_workers import Workers
from copilot.errors import LimitError, ReadError
from copilot.extraction.items import Item


class Pool(Executor):
    """Takes what it is given, and never ends it by itself."""

    def __init__(self) -> None:
        self.given: list[Future[Any]] = []

    def submit(self, call: Callable[..., Any], /, *_: object, **__: object) -> Future[Any]:
        self.given.append(Future())
        return self.given[-1]


def reading(pool: Pool) -> asyncio.Task[object]:
    items = [Item(1, "one.eml", ReadError("not read"))]
    return asyncio.create_task(Workers(pool, 1).read(items))  # type: ignore[arg-type]


async def test_a_reading_that_is_left_is_not_cancelled_in_the_pool() -> None:
    """The pool's thread ends when it can't tell a future of a death, and with it all looking-after.

    (concurrent.futures: set_exception raises InvalidStateError for a cancelled one.)
    """
    pool = Pool()
    task = reading(pool)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    [given] = pool.given
    assert not given.cancelled()
    given.set_exception(LimitError("too late"))
    await asyncio.sleep(0)
