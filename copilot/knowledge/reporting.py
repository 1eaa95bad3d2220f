"""Counts what a sync does and tells it as events.

Invariant: what ``SyncFinished`` says is the sum of the events before it, documents that stay
as they are apart: those are only counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from copilot.events import (
    Arrival,
    DocumentFailed,
    DocumentIndexed,
    DocumentSkipped,
    Event,
    IngestProgress,
    SyncFinished,
    Warned,
)
from copilot.knowledge.batches import Change
from copilot.messages import DocumentState
from copilot.ports import PassageIndex

Phase = Literal["scanning", "reading", "embedding", "writing"]
_EVERY_S = 0.05


class Reporter:
    """The events of one sync. ``total`` and ``done`` count files, the rest documents."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._changed: dict[Change, int] = {"added": 0, "updated": 0, "removed": 0}
        self._skipped = self._failed = 0
        self._shown = 0.0
        self._path = ""
        self.unchanged = 0
        self.done = 0
        self.total = 0

    def progress(self, phase: Phase, path: str = "") -> None:
        """Where the work stands; dropped when the last one was a moment ago."""
        self._path = path or self._path
        now = time.monotonic()
        if now - self._shown >= _EVERY_S:
            self._shown = now
            self._emit(IngestProgress(phase, self.done, self.total, self._path))

    def changed(
        self, path: str, passages: int, change: Change, arrival: Arrival | None = None
    ) -> None:
        self._changed[change] += 1
        self._emit(DocumentIndexed(path, passages, change, arrival))

    def skipped(self, path: str, reason: str, *, news: bool = True) -> None:
        """Without ``news`` it is counted and not told: it was told when it was found."""
        self._skipped += 1
        if news:
            self._emit(DocumentSkipped(path, reason))

    def failed(self, path: str, reason: str, hint: str = "") -> None:
        """Always told: a document that can't be read is missing from every answer."""
        self._failed += 1
        self._emit(DocumentFailed(path, reason, hint))

    def stays(self, known: DocumentState) -> None:
        """A file that was not read again."""
        match known.status:
            case "failed":
                self.failed(known.path, known.reason)
            case "skipped":
                self.skipped(known.path, known.reason, news=False)
            case "container":
                self.unchanged += known.records
            case "indexed":
                self.unchanged += 1

    def warned(self, message: str) -> None:
        self._emit(Warned(message))

    def finished(
        self, index: PassageIndex, *, latency_ms: float, sources: Sequence[str], whole: bool
    ) -> None:
        self._emit(
            SyncFinished(
                **self._changed,
                unchanged=self.unchanged,
                skipped=self._skipped,
                failed=self._failed,
                passages=index.count_passages(),
                index_version=index.version(),
                latency_ms=latency_ms,
                sources=tuple(sources),
                whole=whole,
            )
        )
