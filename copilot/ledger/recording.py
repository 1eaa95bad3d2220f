"""Records runs: a stream of events while it passes by, or one search.

Invariant: every event is written before it is shown; a front end sees ``RunFinished`` only
after all that explains the run is on the disk, or after a warning that it is not; a run that
raises or is cancelled leaves a last record too. What the ledger can't take never costs the
answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from copilot.codec import to_plain
from copilot.errors import StorageError
from copilot.events import (
    AskedWith,
    Event,
    ModelAttempt,
    QueryRewritten,
    RecordExtracted,
    RetrievalFinished,
    RunFinished,
    RunKind,
    RunStarted,
    RunStopped,
    SyncFinished,
    Warned,
)
from copilot.messages import Hit, Principal, Status
from copilot.metering import metered
from copilot.noting import noted_by
from copilot.ports import Clock, NewId, RunWriter
from copilot.records import ExtractionFinished, GuardChecked, Record


async def record(stream: AsyncIterator[Event], writer: RunWriter) -> AsyncGenerator[Event]:
    """Pass ``stream`` through, recorded by ``writer``, which is closed at the end.

    The run is named by the stream's ``RunStarted``; what comes before it isn't recorded. When
    a record can't be written, one ``Warned`` says so, before the ``RunFinished``, and the
    stream goes on. What the stream raises is raised. A request that the stream can no longer
    tell of, because it is closed or cancelled, is recorded from the meter.
    """
    with _Recording(writer) as recording:
        try:
            while (event := await recording.next_of(stream)) is not None:
                warning = recording.keep(event)
                if warning is not None:
                    yield warning
                yield event
        finally:
            with recording.told():
                await _closed(stream)


async def _closed(stream: AsyncIterator[Event]) -> None:
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()


async def sync_run(
    stream: AsyncIterator[Event],
    *,
    what: str,
    principal: Principal,
    clock: Clock,
    new_id: NewId,
    release: str = "",
) -> AsyncIterator[Event]:
    """Frame the events of a sync, which ends in ``SyncFinished``, as a run of kind ``index``.

    ``what`` stands where a question would: the paths that were asked for. The status of a
    sync that ended is ``answered``.
    """
    started, run_id = clock.monotonic(), new_id()
    yield RunStarted(
        run_id=run_id,
        kind="index",
        question=what,
        conversation="",
        principal=principal.name,
        started_at=clock.now(),
        release=release,
    )
    try:
        async for event in stream:
            yield event
            if isinstance(event, SyncFinished):
                yield RunFinished(
                    run_id=run_id,
                    status=Status.ANSWERED,
                    answer=None,
                    latency_ms=(clock.monotonic() - started) * 1000,
                )
    finally:
        await _closed(stream)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to, as the ledger keeps it."""

    queries: tuple[str, ...]
    follow_up: bool
    hits: tuple[Hit, ...]
    index_version: int
    latency_ms: float


@dataclass
class SearchRun:
    """A search in progress: set ``found`` before the block ends; then look at ``warning``."""

    found: Found | None = None
    warning: Warned | None = None


@contextmanager
def record_search(
    writer: RunWriter,
    *,
    query: str,
    principal: Principal,
    clock: Clock,
    new_id: NewId,
    asked: AskedWith | None = None,
    kind: RunKind = "search",
    release: str = "",
) -> Iterator[SearchRun]:
    """Record the search that the block makes, as a run of this kind.

    The status of a search that ended is ``answered``. What the block raises is recorded and
    raised. ``warning`` is set when a record couldn't be written.
    """
    started, run_id, run = clock.monotonic(), new_id(), SearchRun()
    with _Recording(writer) as recording:
        begin = RunStarted(run_id, kind, query, "", principal.name, clock.now(), release)
        run.warning = recording.keep(begin)
        if asked is not None:
            run.warning = recording.keep(asked) or run.warning

        def told(attempt: ModelAttempt) -> None:
            run.warning = recording.keep(attempt) or run.warning

        with metered(told), noted_by(recording.add, recording.run):
            yield run
        if run.found is None:
            return
        found = run.found
        took = (clock.monotonic() - started) * 1000
        events: list[Event] = [
            QueryRewritten(query, found.queries, found.follow_up),
            RetrievalFinished(found.hits, found.index_version, found.latency_ms),
            RunFinished(run_id, Status.ANSWERED, None, latency_ms=took),
        ]
        for event in events:
            run.warning = recording.keep(event) or run.warning


class _Recording:
    """What is known of the run that passes by, and how its record ends."""

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer
        self._run_id = ""
        self.run: RunStarted | None = None
        self._started = time.monotonic()
        self._ended = False
        self._warned = False

    def __enter__(self) -> Self:
        return self

    def keep(self, event: Event) -> Warned | None:
        """Write one record; the warning to show, the first time that it can't be written."""
        if isinstance(event, RunStarted):
            self._run_id, self._started, self._ended = event.run_id, time.monotonic(), False
            self.run = event
        if not self._run_id:
            return None
        try:
            self._writer.append(self._run_id, event)
            if isinstance(event, RecordExtracted):
                for told in _of_extraction(event):
                    self._writer.append(self._run_id, told)
        except StorageError as error:
            if self._warned:
                return None
            self._warned = True
            return Warned(f"not recorded: {error.message}", hint=error.hint)
        finally:
            self._ended = self._ended or isinstance(event, RunFinished)
        return None

    def add(self, told: ModelAttempt | Record) -> None:
        """Write what the stream doesn't tell; with nobody to warn, its loss is silent."""
        if self._run_id:
            with suppress(StorageError):
                self._writer.append(self._run_id, told)

    async def next_of(self, stream: AsyncIterator[Event]) -> Event | None:
        """The next event of the stream; None at its end."""
        with self.told():
            return await anext(stream, None)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Hear what the block does beside its stream."""
        with metered(self.add), noted_by(self.add, self.run):
            yield

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            try:
                if self._run_id and not self._ended:
                    self._writer.append(self._run_id, self._stopped(error))
            finally:
                # Only a file that was let go is ever merged.
                self._writer.close()
        except StorageError:
            # The run's own error is the one to show; without its last record the run
            # counts as interrupted, which it was.
            return

    def _stopped(self, error: BaseException | None) -> RunStopped:
        interrupted = isinstance(
            error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt | SystemExit
        )
        name = type(error).__name__ if error is not None else "InternalError"
        return RunStopped(
            run_id=self._run_id,
            status="interrupted" if interrupted else "failed",
            error=name,
            message=str(error) if error is not None else "the run ended without RunFinished",
            latency_ms=(time.monotonic() - self._started) * 1000,
        )


def _of_extraction(event: RecordExtracted) -> Iterator[Record]:
    """What the ledger keeps of a record that was read, and of what the guard said of its text."""
    record = event.record
    outcome: Literal["valid", "repaired", "invalid"] = "valid"
    if record.status == "invalid":
        outcome = "invalid"
    elif event.answers > 1:
        outcome = "repaired"
    yield ExtractionFinished(
        schema=record.schema,
        schema_version=record.schema_version,
        outcome=outcome,
        answers=max(1, event.answers),
        failed_fields=tuple(error.path for error in record.errors),
        source=record.source_name,
        record=json.dumps(to_plain(record.record), ensure_ascii=False),
    )
    if record.suspicions:
        yield GuardChecked(
            guard="injection",
            stage="input",
            verdict="flagged",
            subject=record.source_digest,
            findings=len(record.suspicions),
            reason="; ".join(record.suspicions),
        )
