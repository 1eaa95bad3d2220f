"""Follows a sync on the terminal.

Invariant: progress goes to stderr; text that comes from files is cleaned before it is shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot.cli import audited, console
from copilot.errors import ExitCode, StoppedError
from copilot.events import (
    DocumentFailed,
    DocumentIndexed,
    DocumentSkipped,
    Event,
    IngestProgress,
    RunFinished,
    RunStarted,
    SyncFinished,
    Warned,
)
from copilot.guard.terminal import clean_line

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.operations.indexing import Indexing

_SHOWN = 20  # failures and skipped files that are printed before "and N more"


def indexing(copilot: Copilot) -> Indexing:
    """What the audit trail has to say goes to stderr."""
    from copilot.operations.indexing import Indexing

    return Indexing(copilot, warn=lambda notice: audited.show([notice]))


def follow(
    stream: AsyncIterator[Event],
    *,
    sources: Sequence[str],
    as_json: bool,
    dry_run: bool = False,
) -> int:
    """Show ``stream`` while it runs, print its outcome, and return the exit code."""
    outcome = _Outcome(sources=sources, dry_run=dry_run)
    try:
        with console.progress() as shown:
            console.run(outcome.collect(stream, shown))
    except StoppedError as stopped:
        message = "interrupted; what was committed is kept"
        raise StoppedError(message, hint="copilot index sync") from stopped
    outcome.show(as_json=as_json)
    return int(ExitCode.PARTIAL if outcome.failed else ExitCode.DONE)


def follow_on(stream: AsyncIterator[Event], *, as_json: bool) -> None:
    """Show sync after sync, each that changed something by its outcome, until Ctrl-C."""

    async def show() -> None:
        outcome = _Outcome(sources=(), dry_run=False)
        async for event in stream:
            if isinstance(event, RunStarted):
                outcome = _Outcome(sources=event.question.split(", "), dry_run=False)
            outcome.take(event, shown)
            if isinstance(event, RunFinished) and outcome.has_news:
                shown.clear()
                outcome.show(as_json=as_json)

    with console.progress() as shown:
        console.run(show())


@dataclass
class _Outcome:
    """What a sync did, gathered from its events."""

    sources: Sequence[str]
    dry_run: bool
    changes: list[DocumentIndexed] = field(default_factory=list)
    skipped: list[DocumentSkipped] = field(default_factory=list)
    failed: list[DocumentFailed] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    finished: SyncFinished | None = None

    @property
    def has_news(self) -> bool:
        done = self.finished
        return done is not None and bool(done.added + done.updated + done.removed)

    async def collect(self, stream: AsyncIterator[Event], shown: console.Progress) -> None:
        async for event in stream:
            self.take(event, shown)

    def take(self, event: Event, shown: console.Progress) -> None:
        match event:
            case IngestProgress():
                shown.update(_progress_line(event))
            case DocumentIndexed():
                if self.dry_run:
                    self.changes.append(event)
            case DocumentSkipped():
                self.skipped.append(event)
            case DocumentFailed():
                self.failed.append(event)
                if len(self.failed) <= _SHOWN:
                    shown.line(clean_line(f"failed: {event.path}: {event.reason}"))
                    if event.hint:
                        shown.line("  " + clean_line(f"hint: {event.hint}"))
            case Warned():
                self.warnings.append(event)
                if len(self.warnings) <= _SHOWN:
                    shown.line(clean_line(f"note: {event.message}"))
            case SyncFinished():
                self.finished = event
            case _:
                pass

    def show(self, *, as_json: bool) -> None:
        """Print what it came to."""
        if as_json:
            console.emit(self.envelope())
        else:
            for line in self.lines():
                console.out(line)

    def envelope(self) -> dict[str, Any]:
        from copilot.codec import to_plain

        counts = to_plain(self.finished) if self.finished is not None else {}
        would = [{"path": c.path, "change": c.change} for c in self.changes]
        return {
            "kind": "index_sync",
            "status": "partial" if self.failed else "done",
            "dry_run": self.dry_run,
            **counts,
            "sources": list(self.sources),
            **({"changes": would} if self.dry_run else {}),
            "failures": to_plain(self.failed),
            "skips": to_plain(self.skipped),
            "warnings": [w.message for w in self.warnings],
        }

    def lines(self) -> Iterator[str]:
        if self.finished is None:
            return
        for change in self.changes:
            yield clean_line(f"would be {change.change}: {change.path}")
        done = self.finished
        parts = [
            f"{count:,} {what}"
            for count, what in (
                (done.added, "added"),
                (done.updated, "updated"),
                (done.removed, "removed"),
                (done.unchanged, "unchanged"),
                (done.skipped, "skipped"),
                (done.failed, "failed"),
            )
            if count
        ]
        would = "Nothing was written. " if self.dry_run else ""
        seconds = f"{done.latency_ms / 1000:.1f} s"
        counts = ", ".join(parts) or "none"
        yield f"{would}Documents: {counts}. {done.passages:,} passages, {seconds}."
        if self.skipped or self.failed:
            yield "Why some were passed over: copilot index status"


def _progress_line(event: IngestProgress) -> str:
    if event.phase == "scanning":
        return clean_line(f"scanning {event.path}")
    return clean_line(f"{event.phase} {event.done:,}/{event.total:,} {event.path}")
