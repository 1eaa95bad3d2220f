"""What telemetry needs from outside: ports, beside those of ``ports.py``.

Invariant: as there, blocking and synchronous; a reader tells, a sink takes, neither knows why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from copilot.events import Warned
from copilot.signals import Metric, RequestTotals, Scope, Span, Totals, TracedRating, TracedRun


class TraceReader(Protocol):
    """Tells what was recorded to those who send it on. StorageError when it can't be read."""

    def ended(self, *, since: datetime | None) -> list[str]:
        """Ids of the runs that ended and began since then, oldest first."""
        ...

    def traces(self, run_ids: Sequence[str], *, texts: bool) -> list[TracedRun]:
        """These runs, oldest first, with what was asked and answered if ``texts``."""
        ...

    def ratings(self, *, since: datetime | None) -> list[TracedRating]:
        """What people thought of runs since then, oldest first."""
        ...

    def totals(self, bounds: Sequence[float]) -> Totals:
        """What all runs in the ledger add up to; ``bounds`` (seconds) are those of durations."""
        ...

    def request_totals(
        self, *, seconds: Sequence[float], tokens: Sequence[float], other: str
    ) -> RequestTotals:
        """What requests and calls of tools add up to; ``other`` names an error without a name.

        ``seconds`` and ``tokens`` are the bounds of the histograms.
        """
        ...

    def at_once(self) -> AbstractContextManager[TraceReader]:
        """A reader of one moment, for several questions: what they ask of is opened once."""
        ...

    @property
    def notices(self) -> tuple[Warned, ...]:
        """What there was to say about the last call, such as records that were set aside."""
        ...


class SentLog(Protocol):
    """Which runs and ratings, by id, one place has acknowledged. Used within ``held`` alone.

    Raises StorageError.
    """

    def held(self) -> AbstractContextManager[None]:
        """For one process at a time; StorageError while another one has it."""
        ...

    def sent(self) -> frozenset[str]: ...

    def add(self, ids: Collection[str]) -> None:
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


class TotalsSink(Protocol):
    """A place that takes metrics as they stand, cumulative since a moment."""

    def send_metrics(
        self, metrics: Sequence[Metric], scope: Scope, *, since: datetime, now: datetime
    ) -> tuple[int, str] | None:
        """How many numbers it refused for good, and why; None where it takes no metrics.

        ToolError or StorageError: it took none.
        """
        ...


class OtlpSink(SpanSink, TotalsSink, Protocol):
    """A place that takes both."""


class MetricSink(Protocol):
    """A place that takes metrics, all of them at once."""

    def write(self, metrics: Sequence[Metric]) -> None:
        """Replaces what was there, or leaves it as it was and raises StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class RetrievalSample:
    """The best hit of each search of a period: how near it was, and of which document."""

    scores: tuple[float, ...]
    documents: tuple[str, ...]


class SampleReader(Protocol):
    """Tells what searches found. StorageError when it can't be read."""

    def sample(self, since: datetime, until: datetime | None) -> RetrievalSample:
        """Of runs that began from ``since`` on and before ``until``."""
        ...


class Notifier(Protocol):
    """A channel to people."""

    name: str

    def tell(self, notice: Mapping[str, object]) -> None:
        """It took the notice (a JSON object), or ToolError says why not."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that began at ``since`` was told to a channel at ``at``, the last time."""

    since: datetime
    at: datetime


class AlertMemory(Protocol):
    """What each channel was told of each alert that holds, by (rule, channel). StorageError."""

    def held(self) -> AbstractContextManager[None]:
        """For one process at a time."""
        ...

    def load(self) -> Mapping[tuple[str, str], Told]: ...

    def save(self, told: Mapping[tuple[str, str], Told]) -> None:
        """On the disk when it returns."""
        ...
