"""What every test stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _main_threads_loop() -> Iterator[None]:
    """On Python 3.11 pytest-asyncio asks for the main thread's loop, which makes one that nobody
    closes; whichever test the collector runs in is then blamed for it.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()
