"""The core's own process: reads calls from its standard input, tells events and replies.

Invariant: nothing but our lines reaches the front end, whatever a library prints; each call comes
to one end, but one that the front end left, which is closed as a reader who goes closes it; the
process ends with its input.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import aclosing, suppress

from copilot.calls import Reply
from copilot.errors import CopilotError, InternalError
from copilot.events import Event
from copilot.serving.handling import handled
from copilot.serving.handling.core import Core
from copilot.serving.wire import (
    LONGEST_LINE,
    Asked,
    Cancelled,
    Failed,
    Message,
    Replied,
    Told,
    pack,
    unpack,
)

_LAST_S = 20.0  # what still works so long after the front end went will never end


class Host:
    """Serves one front end. ``send`` writes a line of ours."""

    def __init__(self, core: Core, out: asyncio.StreamWriter) -> None:
        self._core = core
        self._out = out
        self._running: dict[int, asyncio.Task[None]] = {}

    async def serve(self, lines: asyncio.StreamReader) -> None:
        """Until the input ends; then all that runs is closed."""
        try:
            while (line := await lines.readline()).endswith(b"\n"):
                message = unpack(line)
                if isinstance(message, Asked):
                    self._begin(message)
                elif isinstance(message, Cancelled) and message.number in self._running:
                    self._running[message.number].cancel()
        finally:
            _end_in(_LAST_S)
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _begin(self, asked: Asked) -> None:
        task = asyncio.create_task(self._run(asked))
        self._running[asked.number] = task
        task.add_done_callback(lambda _: self._running.pop(asked.number, None))

    async def _run(self, asked: Asked) -> None:
        number = asked.number
        try:
            async with aclosing(handled(self._core, asked.call)) as steps:
                async for step in steps:
                    await self._send(_step(number, step))
        except CopilotError as error:
            await self._send(Failed(number, error))
        # The core's boundary: the call fails, not all. The panic of a native library, an exit in
        # a thread and a cancellation that nobody asked for are no Exceptions, and end it as well.
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_left():
                raise
            where = self._core.log_failure()
            shown = InternalError(f"a bug: {type(error).__name__}: {error}", hint=where)
            await self._send(Failed(number, shown))

    async def _send(self, message: Message) -> None:
        line = pack(message)
        with suppress(BrokenPipeError, ConnectionResetError):  # then the input ends, too
            self._out.write(line)
            await self._out.drain()


def _is_left() -> bool:
    """Whether the front end left the call that this task runs."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _end_in(seconds: float) -> None:
    """End the process, whatever a thread of it waits for: nobody is there to hear of it."""
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()


def _step(number: int, step: Event | Reply) -> Message:
    from copilot.calls import REPLIES

    if type(step).__name__ in REPLIES:
        return Replied(number, step)  # type: ignore[arg-type]
    return Told(number, step)  # type: ignore[arg-type]


def main() -> None:
    """Serve the front end that started this process."""
    # Whatever a library prints goes to stderr, which is the log: our lines have a pipe alone.
    ours = os.dup(1)
    os.dup2(2, 1)
    asyncio.run(_serve(ours))


async def _serve(ours: int) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(ours, "wb", buffering=0)
    )
    # What was sent has left this process before more is done: that a turn began, above all.
    transport.set_write_buffer_limits(high=0)
    out = asyncio.StreamWriter(transport, protocol, None, loop)
    await Host(Core(), out).serve(lines)


if __name__ == "__main__":
    main()
