"""The Copilot of the core's process, built when a call first needs it."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any

from copilot.bootstrap import Copilot
from copilot.calls import Reply
from copilot.config.paths import Paths, ensure
from copilot.errors import CopilotError
from copilot.events import Event, Warned
from copilot.operations.following import Following


class Core:
    """The Copilot of this process."""

    def __init__(self) -> None:
        self._building = Lock()
        self._told: list[Warned] = []

    @cached_property
    def _following(self) -> Following:
        return Following()

    def ready(self) -> Copilot:
        """Built once, whoever asks first, and then under what is in force. Raises ConfigError."""
        with self._building:
            copilot = self._following.now()
            self._told += self._following.told()
            return copilot

    def tell(self, *notices: Warned) -> None:
        """Have the next turn tell this."""
        with self._building:
            self._told += notices

    def told(self) -> list[Warned]:
        """What the next turn is to tell."""
        with self._building:
            told, self._told = self._told, []
            return told

    def parts_of_asking(self) -> Copilot:
        """With everything imported that a turn needs: seconds the first time."""
        copilot = self.ready()
        with self._building:
            _ = copilot.conversing
        return copilot

    def renew(self) -> None:
        """What is configured has changed: who asks next gets parts made of it."""
        with self._building:
            self.__dict__.pop("_following", None)

    def log_failure(self) -> str:
        """Keep the traceback of what is being handled; says where."""
        try:
            log = ensure(Paths.from_environment(os.environ).log) / "copilot.log"
            with log.open("a", encoding="utf-8", errors="backslashreplace") as handle:
                handle.write(f"{datetime.now(UTC).isoformat()}\n{traceback.format_exc()}\n")
        except (CopilotError, OSError):
            traceback.print_exc()
            return "it could not be written to a log"
        return f"the traceback is in {log}"


Handler = Callable[[Core, Any], AsyncGenerator[Event | Reply]]


def blocking(answer: Callable[[Copilot, Any], Reply]) -> Handler:
    """The handler of a call that is answered at once, by what blocks: it runs in a thread."""

    async def handle(core: Core, call: object) -> AsyncGenerator[Event | Reply]:
        yield await asyncio.to_thread(lambda: answer(core.ready(), call))

    return handle
