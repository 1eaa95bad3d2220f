"""What the screens need of the core: calls that reply, calls that stream, an end.

Invariant: a screen knows this alone; ``serving.client.Client`` and a scripted double both fit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Protocol, TypeVar

from copilot.events import Event

if TYPE_CHECKING:
    from copilot.calls import Call, Reply

R = TypeVar("R", bound="Reply")


class Core(Protocol):
    """A core, wherever it runs."""

    async def start(self) -> None:
        """Begin to warm up."""
        ...

    async def call(self, call: Call, reply: type[R]) -> R:
        """The reply to a call. Raises CopilotError."""
        ...

    def stream(self, call: Call) -> AsyncGenerator[Event | Reply]:
        """The events of a call, then its reply; closing it lets go. Raises CopilotError."""
        ...

    async def stop(self) -> None:
        """Close what runs and end."""
        ...
