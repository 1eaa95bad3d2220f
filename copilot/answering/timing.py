"""What is measured of a turn while its events pass by.

Invariant: the time to the first text is that of the first ``TextDelta``, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable

from copilot.events import Event, ModelAttempt, TextDelta
from copilot.messages import Usage
from copilot.ports import Clock


class TurnClock:
    """When the run began, when its first text was shown, and what models were paid."""

    def __init__(self, clock: Clock) -> None:
        self._monotonic: Callable[[], float] = clock.monotonic
        self._started = clock.monotonic()
        self.first_token_ms: float | None = None
        self.spent: list[Usage] = []

    def elapsed_ms(self) -> float:
        """Since the run began."""
        return (self._monotonic() - self._started) * 1000

    def saw(self, event: Event) -> None:
        """Take note of what it tells."""
        if self.first_token_ms is None and isinstance(event, TextDelta):
            self.first_token_ms = self.elapsed_ms()
        if isinstance(event, ModelAttempt) and event.usage is not None:
            self.spent.append(event.usage)
