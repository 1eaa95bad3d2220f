"""Asks a question once more whose core died before the turn began.

Invariant: a turn of which anything was told is never asked again: it tells that it began before it
asks a model for anything, and before anything of it is kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from copilot.errors import CoreStoppedError
from copilot.events import Event

if TYPE_CHECKING:
    from copilot.calls import Ask, Reply
    from copilot.tui.core import Core


async def asked(core: Core, call: Ask) -> AsyncGenerator[Event | Reply]:
    """The events of a turn, then its reply. Raises CopilotError.

    What is attached is read, and perhaps embedded for money, before the turn begins: a question
    about that isn't asked again.
    """
    began = bool(call.attached)
    try:
        async with aclosing(core.stream(call)) as steps:
            async for step in steps:
                began = True
                yield step
    except CoreStoppedError:
        if began:
            raise
    else:
        return
    async with aclosing(core.stream(call)) as steps:
        async for step in steps:
            yield step
