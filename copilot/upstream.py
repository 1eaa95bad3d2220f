"""What calls to models need from outside besides the models: ports, beside those of ``ports.py``.

Invariant: as there, a real adapter and a shipped double pass the same contract suite; what blocks
is synchronous, and the gateway calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Health:
    """How a model's latest calls went. ``failures`` in a row; ``failed_at`` the last of them."""

    failures: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model: tokens that it reads at once, and US dollars a million tokens."""

    context_tokens: int | None
    input_usd: float | None
    output_usd: float | None


class HealthStore(Protocol):
    """Which models failed lately: known to all processes of a home. Raises StorageError."""

    def health(self, models: Collection[str]) -> Mapping[str, Health]:
        """Of those whose last call failed."""
        ...

    def failed(self, model: str, at: datetime) -> None:
        """One more failure in a row."""
        ...

    def succeeded(self, model: str) -> None:
        """Forget its failures."""
        ...

    def claim(self, model: str, *, failed_before: datetime, at: datetime) -> bool:
        """Whether the caller may try a model that last failed before then.

        True for one caller alone: its claim counts as a failure at ``at``, until it succeeds.
        """
        ...
