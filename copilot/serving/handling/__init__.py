"""Answers calls with the core's use cases, an area a module.

Invariant: nothing is built before a call needs it, nothing that blocks runs in the loop, and
every call has its handler.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from copilot.calls import Call, Reply
from copilot.events import Event
from copilot.serving.handling import (
    asking,
    composing,
    dashboard,
    extracting,
    inbox,
    knowledge,
    reading,
    runs,
    sessions,
    settings,
    welcome,
)
from copilot.serving.handling.core import Core, Handler

HANDLERS: Mapping[type[Call], Handler] = {
    **asking.HANDLERS,
    **composing.HANDLERS,
    **dashboard.HANDLERS,
    **extracting.HANDLERS,
    **inbox.HANDLERS,
    **knowledge.HANDLERS,
    **runs.HANDLERS,
    **reading.HANDLERS,
    **sessions.HANDLERS,
    **settings.HANDLERS,
    **welcome.HANDLERS,
}


def handled(core: Core, call: Call) -> AsyncGenerator[Event | Reply]:
    """The events of a call, then its reply. Raises what its use case raises."""
    return HANDLERS[type(call)](core, call)
