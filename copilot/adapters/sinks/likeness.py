"""Which entries are on the same issue, by the words of their titles."""

from __future__ import annotations

from collections.abc import Iterable

from copilot.proposals import SinkEntry
from copilot.titles import alike

_NEAR = 0.5


def likeliest(entries: Iterable[SinkEntry], title: str, *, limit: int) -> list[SinkEntry]:
    """The open ones whose titles are at least half the same, the most alike first."""
    shares = [(alike(title, entry.title), entry) for entry in entries if entry.open]
    close = [one for one in shares if one[0] >= _NEAR]
    return [entry for _, entry in sorted(close, key=lambda one: -one[0])][:limit]
