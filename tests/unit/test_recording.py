"""Recording a run that passes by: nothing is shown before it is kept, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from copilot.errors import KnowledgeIndexError, StorageError
from copilot.events import (
    Event,
    IngestProgress,
    ModelAttempt,
    RecordExtracted,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
    Warned,
)
from copilot.extracted import Evidence, ExtractedRecord, FieldError, FieldValue
from copilot.ledger.recording import Found, record, record_search, sync_run
from copilot.messages import Principal
from copilot.metering import requested
from copilot.noting import note
from copilot.records import CacheUsed, ExtractionFinished, GuardChecked
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import hits, quoted_run

RUN = quoted_run("run-1")


async def stream_of(events: Sequence[Event], error: BaseException | None = None):
    for event in events:
        yield event
    if error is not None:
        raise error


class FullDisk(MemoryLedger):
    """Refuses every record, or only the one that ends a run."""

    def __init__(self, *, only_the_end: bool = False) -> None:
        super().__init__()
        self._only_the_end = only_the_end

    def append(self, run_id: str, event: Event | RunStopped) -> None:
        if self._only_the_end and not isinstance(event, RunFinished):
            return super().append(run_id, event)
        raise StorageError("the disk is full", hint="make room")


async def collected(stream: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in stream]


async def test_events_pass_through_unchanged_and_all_are_recorded() -> None:
    ledger = MemoryLedger()
    assert await collected(record(stream_of(RUN), ledger)) == RUN
    assert ledger.records["run-1"] == RUN
    assert ledger.closed == 1


async def test_an_event_is_recorded_before_it_is_shown() -> None:
    ledger = MemoryLedger()
    async for event in record(stream_of(RUN), ledger):
        assert ledger.records["run-1"][-1] == event


async def test_a_run_that_raises_leaves_its_error_in_the_ledger_and_raises_it() -> None:
    ledger, error = MemoryLedger(), KnowledgeIndexError("there is no index")
    with pytest.raises(KnowledgeIndexError):
        await collected(record(stream_of(RUN[:1], error), ledger))
    [_, stop] = ledger.records["run-1"]
    assert isinstance(stop, RunStopped)
    assert (stop.status, stop.error) == ("failed", "KnowledgeIndexError")
    assert stop.message == "there is no index"
    assert ledger.closed == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError()], ids=repr)
async def test_a_run_that_a_person_stops_is_interrupted(error: BaseException) -> None:
    ledger = MemoryLedger()
    with pytest.raises(type(error)):
        await collected(record(stream_of(RUN[:2], error), ledger))
    assert ledger.run("run-1").summary.status == "interrupted"


async def test_a_cancelled_task_leaves_an_interrupted_run() -> None:
    ledger = MemoryLedger()
    reached = asyncio.Event()

    async def hangs() -> AsyncIterator[Event]:
        yield RUN[0]
        reached.set()
        await asyncio.sleep(3600)

    task = asyncio.create_task(collected(record(hangs(), ledger)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(ledger.records["run-1"][-1], RunStopped)
    assert ledger.run("run-1").summary.status == "interrupted"


async def test_a_front_end_that_stops_listening_interrupts_the_run_and_its_source() -> None:
    ledger, closed = MemoryLedger(), []

    async def source() -> AsyncIterator[Event]:
        try:
            for event in RUN:
                yield event
        finally:
            closed.append(True)

    recorded = record(source(), ledger)
    async for _ in recorded:
        break
    await recorded.aclose()
    assert closed == [True]
    assert ledger.run("run-1").summary.status == "interrupted"


async def test_a_front_end_that_stops_after_the_end_leaves_the_run_as_it_ended() -> None:
    ledger = MemoryLedger()
    recorded = record(stream_of(RUN), ledger)
    async for event in recorded:
        if isinstance(event, RunFinished):
            break
    await recorded.aclose()
    assert ledger.records["run-1"] == RUN


async def test_a_stream_that_just_ends_counts_as_failed() -> None:
    ledger = MemoryLedger()
    await collected(record(stream_of(RUN[:-1]), ledger))
    assert ledger.run("run-1").summary.status == "failed"


async def test_a_ledger_that_can_not_be_written_costs_one_warning_and_no_answer() -> None:
    events = await collected(record(stream_of(RUN), FullDisk()))
    warnings = [event for event in events if isinstance(event, Warned)]
    assert [(w.message, w.hint) for w in warnings] == [
        ("not recorded: the disk is full", "make room")
    ]
    assert [event for event in events if not isinstance(event, Warned)] == RUN


async def test_a_lost_last_record_is_said_before_the_run_ends() -> None:
    events = await collected(record(stream_of(RUN), FullDisk(only_the_end=True)))
    assert isinstance(events[-2], Warned)
    assert isinstance(events[-1], RunFinished)


async def test_a_ledger_that_fails_does_not_hide_why_the_run_failed() -> None:
    ledger = FullDisk()
    with pytest.raises(KnowledgeIndexError):
        await collected(record(stream_of(RUN[:1], KnowledgeIndexError("no index")), ledger))
    assert ledger.closed == 1


async def test_a_run_whose_last_record_is_lost_lets_go_of_its_file_all_the_same() -> None:
    class LastRecordLost(MemoryLedger):
        def append(self, run_id: str, event: Event | RunStopped) -> None:
            if isinstance(event, RunStopped):
                raise StorageError("the disk is full")
            super().append(run_id, event)

    ledger = LastRecordLost()
    with pytest.raises(KnowledgeIndexError):
        await collected(record(stream_of(RUN[:2], KnowledgeIndexError("no index")), ledger))
    assert ledger.closed == 1
    assert ledger.run("run-1").summary.status == "interrupted"


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 5.0


async def test_a_sync_is_framed_as_a_run_of_its_own_kind() -> None:
    sync = SyncFinished(1, 0, 0, 3, 0, 0, 9, 12, 50.0)
    framed = sync_run(
        stream_of([sync]),
        what="/handbook",
        principal=Principal("ada"),
        clock=_Clock(),
        new_id=lambda: "run-9",
    )
    ledger = MemoryLedger()
    started, middle, finished = await collected(record(framed, ledger))
    assert isinstance(started, RunStarted)
    assert (started.kind, started.question, started.principal) == ("index", "/handbook", "ada")
    assert middle == sync
    assert isinstance(finished, RunFinished)
    assert ledger.run("run-9").summary.status == "answered"


async def test_what_a_sync_that_nobody_follows_still_asked_of_a_provider_is_recorded() -> None:
    asked = ModelAttempt("embedder", "ok", operation="embeddings")

    async def source() -> AsyncIterator[Event]:
        try:
            yield IngestProgress("embedding", 1, 2)
        finally:
            requested(asked)

    ledger = MemoryLedger()
    framed = sync_run(
        source(), what="/a", principal=Principal("ada"), clock=_Clock(), new_id=lambda: "run-9"
    )
    async with aclosing(record(framed, ledger)) as events:
        async for event in events:
            if isinstance(event, IngestProgress):
                break
    *_, last, stop = ledger.records["run-9"]
    assert last == asked
    assert isinstance(stop, RunStopped)


async def test_what_is_noted_beside_a_stream_is_recorded_with_its_run() -> None:
    missed, stored = CacheUsed("exact", "miss"), CacheUsed("exact", "stored")

    async def source() -> AsyncIterator[Event]:
        note(missed)  # belongs to no run yet
        yield RUN[0]
        await asyncio.to_thread(note, missed)
        try:
            for event in RUN[1:]:
                yield event
        finally:
            note(stored)

    ledger = MemoryLedger()
    assert await collected(record(source(), ledger)) == list(RUN)
    assert ledger.outside == [("run-1", missed), ("run-1", stored)]


def test_what_is_noted_amid_a_search_is_recorded_with_it() -> None:
    ledger, missed = MemoryLedger(), CacheUsed("exact", "miss")
    with searching(ledger) as run:
        note(missed)
        run.found = FOUND
    note(missed)  # nobody is told
    assert ledger.outside == [("run-5", missed)]


FOUND = Found(("gateway",), False, hits(3), index_version=4, latency_ms=9.0)


def searching(ledger: MemoryLedger):
    return record_search(
        ledger,
        query="gateway",
        principal=Principal("ada"),
        clock=_Clock(),
        new_id=lambda: "run-5",
    )


def test_a_search_is_a_run_with_its_hits() -> None:
    ledger = MemoryLedger()
    with searching(ledger) as run:
        run.found = FOUND
    told = ledger.run("run-5")
    assert (told.summary.kind, told.summary.status) == ("search", "answered")
    assert (told.summary.question, told.summary.principal) == ("gateway", "ada")
    assert (told.index_version, [hit.rank for hit in told.hits]) == (4, [1, 2, 3])
    assert run.warning is None


def test_a_search_that_raises_is_recorded_as_failed() -> None:
    ledger = MemoryLedger()
    with pytest.raises(KnowledgeIndexError), searching(ledger):
        raise KnowledgeIndexError("there is no index")
    assert ledger.run("run-5").error == "there is no index"


def test_a_search_that_can_not_be_recorded_still_finds() -> None:
    with searching(FullDisk()) as run:
        run.found = FOUND
    assert run.warning == Warned("not recorded: the disk is full", "make room")


async def test_a_record_that_is_read_is_kept_with_what_the_guard_said_of_its_text() -> None:
    due = FieldValue("soon", Evidence("soon", 0, 4), 0.9)
    extracted = ExtractedRecord(
        id="r",
        schema="ticket",
        schema_version="1",
        status="invalid",
        record={"due": "soon"},
        fields={"due": due},
        errors=(FieldError("due", "not a date"),),
        source_name="mail.eml",
        suspicions=("tells its reader what to write",),
    )
    events = [RUN[0], RecordExtracted(extracted, answers=2), RUN[-1]]
    ledger = MemoryLedger()
    assert await collected(record(stream_of(events), ledger)) == events
    [(_, read), (_, checked)] = ledger.outside
    assert read == ExtractionFinished(
        "ticket", "1", "invalid", 2, ("due",), "mail.eml", record='{"due": "soon"}'
    )
    assert isinstance(checked, GuardChecked)
    assert (checked.guard, checked.verdict, checked.findings) == ("injection", "flagged", 1)
