"""What every test stands on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

# Behind nohup, or in the background of a script, both are ignored and every child inherits that:
# the programs that tests interrupt and hang up on would never notice.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


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
