"""A front end's side of the core's process: starts it, asks, listens, lets go.

Invariant: a call that ends badly raises the core's own error; a core that dies fails the calls
that were running, once each, and the next call starts a new one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import IO, TYPE_CHECKING, TypeVar

from copilot.errors import CoreStoppedError, InternalError
from copilot.events import Event
from copilot.serving.wire import (
    LONGEST_LINE,
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

_COMMAND = (sys.executable, "-m", "copilot.serving.host")
_GRACE_S = 2.0
_LONG_LINE = 64 * 1024  # bytes that take a few milliseconds to understand
R = TypeVar("R", bound="Reply")
_Inbox = asyncio.Queue["Message"]


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
        """Start the core if none runs: it warms up while nobody waits for it.

        Raises InternalError where no process can be had.
        """
        async with self._starting:
            if self._process is not None and not _has_died(self._process):
                return
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=self._log,
                    env=self._env,
                    limit=LONGEST_LINE,
                    start_new_session=True,  # keys of the terminal are the front end's
                )
            except OSError as error:
                raise InternalError(
                    f"the core can't be started: {error.strerror or error}",
                    hint="Ask again; if that stays so, leave and start copilot anew.",
                ) from error
            # No await between the two: who is cancelled here leaves a core that is listened to.
            self._process, self._waiting = process, {}
            self._listening = asyncio.create_task(self._listen(process, self._waiting))

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
        finally:
            del waiting[number]
            if not over:
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
        assert process is not None
        assert process.stdin is not None
        line = pack(message)
        with suppress(BrokenPipeError, ConnectionResetError):  # who listens tells that it died
            process.stdin.write(line)
            await process.stdin.drain()

    async def _listen(
        self, process: asyncio.subprocess.Process, waiting: Mapping[int, _Inbox]
    ) -> None:
        """Until it dies; who waits for this one then, hears of this one alone."""
        assert process.stdout is not None
        strange = False
        try:
            await asyncio.to_thread(prepare)  # meanwhile, it imports more than we do
            # What doesn't end as a line was cut off by its death.
            while (line := await process.stdout.readline()).endswith(b"\n"):
                message = await _understood(line)
                inbox = waiting.get(message.number)
                if inbox is not None:
                    inbox.put_nowait(message)
                await asyncio.sleep(0)  # a thousand lines that came at once hold nobody up
        except (InternalError, ValueError):  # no line of ours, or longer than any
            strange = True
            with suppress(ProcessLookupError):
                process.kill()
        finally:
            await _ended(process)
            for number, inbox in waiting.items():
                inbox.put_nowait(Failed(number, self._stopped(process, strange=strange)))

    def _stopped(self, process: asyncio.subprocess.Process, *, strange: bool) -> CoreStoppedError:
        how = "it said what can't be understood" if strange else _end_of(process)
        log = "" if isinstance(self._log, int) else f" What it printed is in {self._log.name}."
        message = f"the core has stopped: {how}" if how else "the core has stopped"
        return CoreStoppedError(message, hint=f"Ask again: it starts anew.{log}")


async def _understood(line: bytes) -> Message:
    """Raises InternalError for a line that is none of ours."""
    if len(line) < _LONG_LINE:
        return unpack(line)
    return await asyncio.to_thread(unpack, line)


def _end_of(process: asyncio.subprocess.Process) -> str:
    """What is known of it from outside; what it knew itself, it printed."""
    code = process.returncode or 0
    if code == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    return f"{signal.strsignal(-code)}" if code < 0 else ""


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
