"""How long to wait before the next attempt.

Invariant: never sooner than who was called asked, and never longer than ``LONGEST_S``: a longer
request to wait is a refusal, and the caller's.
"""

from __future__ import annotations

FIRST_S = 0.5
LONGEST_S = 20.0


def delay_s(attempt: int, *, asked: float | None, jitter: float) -> float | None:
    """Seconds before attempt ``attempt + 1``; None when the provider asks for too long a wait.

    ``attempt`` counts from 1. ``jitter`` is in [0, 1): the wait lies between half of the
    exponential step and all of it ("equal jitter", M. Brooker, AWS Architecture Blog, 2015);
    on top of what the provider asked, a tenth of it at most. A wait of 0 s, as a date that is past
    asks for, is no wait: the step stands.
    """
    step: float = min(LONGEST_S, FIRST_S * 2 ** (attempt - 1))
    spread = step / 2 + step / 2 * jitter
    if not asked:
        return spread
    if asked > LONGEST_S:
        return None
    return asked + min(spread, asked / 10)
