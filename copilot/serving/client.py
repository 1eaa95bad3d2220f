"""A front end's side of the core's process: starts it, asks, listens, lets go.

Invariant: a call that ends badly raises the core's own error; a core that dies fails the calls
that were running, once each, and the next call starts a new one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import IO, TYPE_CHECKING, TypeVar

from copilot.errors import InternalError
from copilot.events import Event
from copilot.serving.wire import (
    Asked,
    Cancelled,
    Failed,
    Message,
    Replied,
    Told,
    pack,
    prepare,
    unpack,
)

if TYPE_CHECKING:
    from copilot.calls import Call, Reply

LONGEST_LINE = 64 * 1024 * 1024
_COMMAND = (sys.executable, "-m", "copilot.serving.host")
_GRACE_S = 2.0
R = TypeVar("R", bound="Reply")
_Inbox = asyncio.Queue["Message | None"]


class Client:
    """Speaks with one core. ``log`` takes what it and its libraries print."""

    def __init__(
        self,
        *,
        log: IO[bytes] | int = asyncio.subprocess.DEVNULL,
        command: Sequence[str] = _COMMAND,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._log = log
        self._command = command
        self._env = env
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._waiting: dict[int, _Inbox] = {}
        self._number = 0
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Start the core if none runs: it warms up while nobody waits for it."""
        async with self._starting:
            if self._process is not None and not _has_died(self._process):
                return
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=self._log,
                env=self._env,
                limit=LONGEST_LINE,
                start_new_session=True,  # keys of the terminal are the front end's
            )
            await asyncio.to_thread(prepare)  # meanwhile, it imports more than we do
            self._waiting = {}  # who waits for the one that died hears of that alone
            listening = self._listen(self._process, self._waiting)
            self._listening = asyncio.create_task(listening)

    async def call(self, call: Call, reply: type[R]) -> R:
        """The reply to a call; events on the way are dropped. Raises CopilotError."""
        async with aclosing(self.stream(call)) as steps:
            async for step in steps:
                if isinstance(step, reply):
                    return step
        raise InternalError(f"the core gave no {reply.__name__} for {type(call).__name__}")

    async def stream(self, call: Call) -> AsyncGenerator[Event | Reply]:
        """The events of a call, then its reply. Closing it lets go of the call."""
        await self.start()
        self._number += 1
        number, inbox, waiting = self._number, _Inbox(), self._waiting
        waiting[number] = inbox
        over = False
        try:
            await self._send(Asked(number, call))
            while not over:
                match await inbox.get():
                    case Told(_, event):
                        yield event
                    case Replied(_, reply):
                        over = True
                        yield reply
                    case Failed(_, error):
                        over = True
                        raise error
                    case _:
                        over = True
                        raise self._stopped()
        finally:
            del waiting[number]
            if not over:
                with suppress(InternalError):
                    await self._send(Cancelled(number))

    async def stop(self) -> None:
        """End the core: it closes what runs; one that doesn't end soon is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        await _ended(process)
        if self._listening is not None:
            await self._listening

    async def _send(self, message: Message) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise InternalError("the core doesn't run")
        try:
            process.stdin.write(pack(message))
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._stopped() from error

    async def _listen(
        self, process: asyncio.subprocess.Process, waiting: Mapping[int, _Inbox]
    ) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                message = unpack(line)
                inbox = waiting.get(message.number)
                if inbox is not None:
                    inbox.put_nowait(message)
        finally:
            await _ended(process)
            for inbox in waiting.values():
                inbox.put_nowait(None)

    def _stopped(self) -> InternalError:
        log = "" if isinstance(self._log, int) else f" What it printed is in {self._log.name}."
        return InternalError("the core has stopped", hint=f"Ask again: it starts anew.{log}")


def _has_died(process: asyncio.subprocess.Process) -> bool:
    """Also when the loop hasn't been told yet: a call that is sent now would be lost."""
    if process.returncode is not None:
        return True
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        return False
    try:
        told = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, told) is not None
    except ChildProcessError:
        return True


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for a core that is about to end; one that doesn't is killed."""
    try:
        await asyncio.wait_for(process.wait(), _GRACE_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
