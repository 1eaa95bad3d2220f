"""Ends a run that asks models over and over.

Invariant: what a run has is never taken from it: its next request isn't made, with the reason, and
whoever asked goes on with what is there. Outside of a run nothing is counted.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot.errors import BudgetError
from copilot.events import ModelAttempt
from copilot.extracted import StructuredRequest
from copilot.messages import ModelRequest
from copilot.noting import running
from copilot.ports import Clock
from copilot.quantities import money

if TYPE_CHECKING:
    from copilot.config.budgets import BudgetSettings

# The same request to the same model once more than this, or the same answer so often in a row.
SAME = 4
_LEAST_WORDS = 8
_RUNS = 256  # that are known at a time


@dataclass
class _Run:
    began: float
    requests: int = 0
    microusd: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    answer: str = ""
    same_answers: int = 0


class Loops:
    """What the runs of this process have asked so far."""

    def __init__(self, settings: BudgetSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._runs: OrderedDict[str, _Run] = OrderedDict()

    def before(self, request: ModelRequest | StructuredRequest) -> None:
        """Count a request that is about to be made. Raises BudgetError for one too many."""
        run = self._run()
        if run is None:
            return
        limits, asked = self._settings, _digest(repr(request))
        if run.requests >= limits.run_requests:
            many = f"it has asked models {run.requests} times"
            raise _stopped(many, "raise budgets.run_requests, if it needs so many")
        if run.asked[asked] >= SAME:
            raise _stopped(f"it has asked the same {SAME} times", "ask for something else")
        if run.same_answers >= SAME:
            raise _stopped(
                f"it has been answered the same {SAME} times in a row", "ask for something else"
            )
        took = self._clock.monotonic() - run.began
        if took > limits.run_s:
            raise _stopped(f"it has asked models for {took:.0f} s", "raise budgets.run_s")
        if limits.run_usd is not None and run.microusd and run.microusd >= limits.run_usd * 1e6:
            raise _stopped(f"it has cost {money(run.microusd)}", "raise budgets.run_usd")
        run.requests += 1
        run.asked[asked] += 1

    def cost(self, attempt: ModelAttempt) -> None:
        """A request ended."""
        run = self._run()
        if run is not None and attempt.usage is not None:
            run.microusd += attempt.usage.cost_microusd or 0

    def answered(self, text: str) -> None:
        """A model's whole answer. A word or two are a verdict, which is often the same."""
        run = self._run()
        if run is None or len(text.split()) < _LEAST_WORDS:
            return
        answer = _digest(text)
        run.same_answers = run.same_answers + 1 if answer == run.answer else 1
        run.answer = answer

    def _run(self) -> _Run | None:
        of = running()
        if of is None:
            return None
        if of.run_id not in self._runs:
            self._runs[of.run_id] = _Run(self._clock.monotonic())
            while len(self._runs) > _RUNS:
                self._runs.popitem(last=False)
        self._runs.move_to_end(of.run_id)
        return self._runs[of.run_id]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stopped(why: str, hint: str) -> BudgetError:
    return BudgetError(f"this run asks no model any more: {why}", hint=hint)
