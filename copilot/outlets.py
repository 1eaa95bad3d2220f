"""What telemetry needs from outside: ports, beside those of ``ports.py``.

Invariant: as there, blocking and synchronous; a reader tells, a sink takes, neither knows why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from copilot.events import Warned
from copilot.signals import Metric, Scope, Span, Totals, TracedRun


class TraceReader(Protocol):
    """Tells what was recorded to those who send it on. StorageError when it can't be read."""

    def ended(self, *, since: datetime | None) -> list[str]:
        """Ids of the runs that ended and began since then, oldest first."""
        ...

    def traces(self, run_ids: Sequence[str], *, texts: bool) -> list[TracedRun]:
        """These runs, oldest first, with what was asked and answered if ``texts``."""
        ...

    def totals(self, bounds: Sequence[float]) -> Totals:
        """What all runs in the ledger add up to; ``bounds`` (seconds) are those of durations."""
        ...

    @property
    def notices(self) -> tuple[Warned, ...]: ...


class SentLog(Protocol):
    """Which runs one place has acknowledged. Used within ``held`` alone; StorageError."""

    def held(self) -> AbstractContextManager[None]:
        """For one process at a time; StorageError while another one has it."""
        ...

    def sent(self) -> frozenset[str]: ...

    def add(self, run_ids: Collection[str]) -> None:
        """On the disk when it returns."""
        ...


class SpanSink(Protocol):
    """A place that takes spans."""

    @property
    def place(self) -> str:
        """Its name, the same for the same place."""
        ...

    @property
    def shown(self) -> str:
        """Its name for people, without secrets."""
        ...

    def send(self, spans: Sequence[Span], scope: Scope) -> tuple[int, str]:
        """How many it refused for good, and why. ToolError or StorageError: it took none."""
        ...


class MetricSink(Protocol):
    """A place that takes metrics, all of them at once."""

    def write(self, metrics: Sequence[Metric]) -> None:
        """Replaces what was there, or leaves it as it was and raises StorageError."""
        ...
