"""Whether and when a request to a model is made again.

Invariant: only what may succeed is tried again, as often as configured, and never past the
deadline, which covers all attempts and the waits between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from copilot.backoff import delay_s
from copilot.errors import ModelError, ModelRateLimitError, ModelTimeoutError
from copilot.ports import Clock

# While another model could answer, nobody waits longer for this one, nor for it twice.
_SHORT_S = 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """The attempts of one call. ``deadline`` is by the clock's ``monotonic``.

    ``last``: no other model is left to be asked.
    """

    retries: int
    clock: Clock
    deadline: float
    jitter: Callable[[], float]
    last: bool = True

    def before_next_s(self, error: ModelError, attempt: int) -> float | None:
        """Seconds until the next attempt; None when there is none to come."""
        if not error.retryable or attempt > (self.retries if self.last else min(1, self.retries)):
            return None
        if not self.last and isinstance(error, ModelTimeoutError):
            return None
        asked = error.retry_after if isinstance(error, ModelRateLimitError) else None
        wait = delay_s(attempt, asked=asked, jitter=self.jitter())
        if wait is not None and not self.last and wait > _SHORT_S:
            return None
        if wait is None or self.clock.monotonic() + wait >= self.deadline:
            return None
        return wait
