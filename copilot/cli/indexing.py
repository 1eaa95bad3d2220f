"""Adds sources, and follows a sync on the terminal.

Invariant: progress goes to stderr; text that comes from files is cleaned before it is shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from copilot.cli import audited, console
from copilot.errors import (
    ExitCode,
    KnowledgeIndexError,
    ModelError,
    NotFoundError,
    StoppedError,
    StorageError,
)
from copilot.events import (
    DocumentFailed,
    DocumentIndexed,
    DocumentSkipped,
    Event,
    IngestProgress,
    SyncFinished,
    Warned,
)
from copilot.guard.terminal import clean_line

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.knowledge.syncing import Options
    from copilot.messages import SourceConfig

_SHOWN = 20  # failures and skipped files that are printed before "and N more"
_LONGEST_LABELS = 1000  # characters of all labels of a source, in the audit trail


@dataclass(frozen=True, slots=True)
class Audit:
    """What a sync is called in the audit trail, and what it was done to."""

    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class Added:
    """Sources that were remembered. ``unaudited``: why that isn't in the audit trail."""

    sources: tuple[SourceConfig, ...]
    unaudited: StorageError | None = None


def add_sources(
    copilot: Copilot, roots: Sequence[Path], *, labels: Sequence[str] | None = None
) -> Added:
    """Remember sources, and write down of each that is new, or whose labels are, who may read it.

    An audit trail that can't be written raises nothing: documents must not be left unread, or
    under labels that are no longer meant, because a keyring is locked.
    """
    known = {source.id: source for source in copilot.index.sources()}
    sources = tuple(copilot.ingest.add(root, labels=labels) for root in roots)
    unaudited: StorageError | None = None
    for source in sources:
        before = known.get(source.id)
        if before is not None and before.labels == source.labels:
            continue
        were = {} if before is None else {"labels_before": _told(before.labels)}
        try:
            audited.note(copilot, "index.add", source.root, labels=_told(source.labels), **were)
        except StorageError as error:
            unaudited = error
    return Added(sources, unaudited)


def _told(labels: Sequence[str]) -> str:
    """For an entry of the audit trail, which is no place for any length of text."""
    text = ", ".join(labels)
    return text if len(text) <= _LONGEST_LABELS else f"{len(labels)}: {text[:_LONGEST_LABELS]}…"


def sync(
    copilot: Copilot,
    sources: Sequence[SourceConfig] | None,
    options: Options,
    *,
    as_json: bool,
    audit: Audit | None = None,
) -> int:
    """Run a sync to its end and print it; the exit code. ``audit`` as for ``follow``."""
    stream = copilot.ingest.sync(sources=sources, options=options)
    named = [source.root for source in (copilot.index.sources() if sources is None else sources)]
    return follow(
        copilot, stream, sources=named, as_json=as_json, dry_run=options.dry_run, audit=audit
    )


def nothing_to_sync() -> NoReturn:
    raise NotFoundError(
        "The index has no sources yet.", hint="Add a file or a folder: copilot index add PATH"
    )


def follow(
    copilot: Copilot,
    stream: AsyncIterator[Event],
    *,
    sources: Sequence[str],
    as_json: bool,
    dry_run: bool = False,
    audit: Audit | None = None,
) -> int:
    """Show ``stream`` while it runs, print its outcome, and return the exit code.

    ``audit`` says how it goes into the audit trail; also when it was cut short, for what was
    committed by then stays.
    """
    outcome = _Outcome(sources=sources, dry_run=dry_run)
    if not dry_run:
        stream = _recorded(copilot, stream, what=", ".join(sources))
    try:
        with console.progress() as shown:
            console.run(outcome.collect(stream, shown))
    except (KnowledgeIndexError, ModelError):
        if audit is not None:
            audited.note_attempt(copilot, audit.action, audit.subject, outcome="failed")
        raise
    except StoppedError as stopped:
        if audit is not None:
            audited.note_attempt(copilot, audit.action, audit.subject, outcome="interrupted")
        message = "interrupted; what was committed is kept"
        raise StoppedError(message, hint="copilot index sync") from stopped
    done = outcome.finished
    if audit is not None and done is not None:
        audited.note(
            copilot,
            audit.action,
            audit.subject,
            indexed=done.added + done.updated,
            removed=done.removed,
            failed=done.failed,
            index_version=done.index_version,
        )
    if as_json:
        console.emit(outcome.envelope())
    else:
        for line in outcome.lines():
            console.out(line)
    return int(ExitCode.PARTIAL if outcome.failed else ExitCode.DONE)


def _recorded(copilot: Copilot, stream: AsyncIterator[Event], *, what: str) -> AsyncIterator[Event]:
    from copilot.bootstrap import new_id
    from copilot.ledger.recording import record, sync_run

    principal = copilot.where.principal
    framed = sync_run(stream, what=what, principal=principal, clock=copilot.clock, new_id=new_id)
    return record(framed, copilot.run_writer)


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

    async def collect(self, stream: AsyncIterator[Event], shown: console.Progress) -> None:
        async for event in stream:
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
                    continue

    def envelope(self) -> dict[str, Any]:
        from copilot.codec import to_plain

        counts = to_plain(self.finished) if self.finished is not None else {}
        would = [{"path": c.path, "change": c.change} for c in self.changes]
        return {
            "kind": "index_sync",
            "status": "partial" if self.failed else "done",
            "dry_run": self.dry_run,
            "sources": list(self.sources),
            **counts,
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
