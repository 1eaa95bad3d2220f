"""How soon a change of a file is answerable: real files, a clock that is set, the real ledger."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.readers.registry import read_documents
from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.events import DocumentIndexed, Event
from copilot.figures import Freshness
from copilot.knowledge.ingest import Ingest
from copilot.knowledge.syncing import Options
from copilot.ledger.recording import record, sync_run
from copilot.messages import Principal, SourceConfig
from copilot.runs import RunFilter
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex
from tests.privileges import obeying_permissions

MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
DAY_S = 86_400.0


class SetClock:
    """Stands still at ``at``."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class World:
    """A folder of notes, an index of it, and the ledger that its syncs are recorded in."""

    def __init__(self, place: Path) -> None:
        self.notes = place / "notes"
        self.notes.mkdir()
        self.ledger = place / "ledger"
        self.clock = SetClock()
        self.index = MemoryIndex()
        settings = IndexSettings()
        self.ingest = Ingest(
            self.index,
            lambda: HashEmbedder(32),
            source=FolderSource(settings),
            read=read_documents,
            settings=settings,
            clock=self.clock,
        )
        self._ids = count(1)

    def write(self, name: str, text: str, *, hours: float) -> Path:
        """A file that was changed so many hours after ``MONDAY``."""
        path = self.notes / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        changed = int((MONDAY + timedelta(hours=hours)).timestamp())
        os.utime(path, (changed, changed))
        return path

    def sync(
        self, *, hours: float, sources: list[SourceConfig] | None = None, **options: bool
    ) -> None:
        """As ``copilot index sync`` does, so many hours after ``MONDAY``."""
        self.clock.at = MONDAY + timedelta(hours=hours)
        self.record(self.ingest.sync(sources=sources, options=Options(**options)))

    def record(self, stream: AsyncIterator[Event], *, documents: int | None = None) -> None:
        """Record a sync as a run; one that is broken off after so many documents, if given."""

        async def through() -> None:
            framed = sync_run(
                stream,
                what="/notes",
                principal=Principal("local"),
                clock=self.clock,
                new_id=lambda: f"run-{next(self._ids)}",
            )
            writer = SpoolRunWriter(self.ledger, bodies=True, now=self.clock.now)
            left = documents
            async with aclosing(record(framed, writer)) as events:  # type: ignore[type-var]
                async for event in events:
                    if left is not None and isinstance(event, DocumentIndexed):
                        left -= 1
                        if not left:
                            return

        asyncio.run(through())

    def fresh(self, *, within_hours: float = 24.0) -> Freshness:
        return LedgerReader(self.ledger).freshness(RunFilter(), within_s=within_hours * 3_600)

    @property
    def synced_at(self) -> datetime | None:
        return LedgerReader(self.ledger).standing().synced_at


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.clock.at = MONDAY - timedelta(hours=1)
    world.ingest.add(world.notes)
    return world


def test_the_first_sync_of_a_source_says_nothing_of_freshness(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.write("b.md", "Beta.", hours=-1)
    world.sync(hours=0)
    assert world.fresh().documents == 0


def test_a_change_waits_from_the_time_of_its_file_until_it_is_committed(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.write("b.md", "Beta.", hours=-500)
    world.sync(hours=0)
    world.write("a.md", "Alpha, and more.", hours=4)
    world.write("new.md", "New.", hours=1)
    world.sync(hours=10)
    found = world.fresh(within_hours=6)
    assert (found.documents, found.within) == (2, 1)
    assert found.lag_p50_s == 7.5 * 3_600
    assert world.fresh(within_hours=9).within_share == 1.0


def test_a_file_that_comes_to_light_with_an_old_time_counts_from_the_sync_before(
    world: World,
) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.sync(hours=0)
    world.sync(hours=24)
    world.write("unpacked.md", "From an archive.", hours=-9_000)
    world.sync(hours=30)
    assert (world.fresh().documents, world.fresh().lag_p95_s) == (1, 6 * 3_600)


@pytest.mark.parametrize("how", ["force", "rebuild", "labels", "touched", "removed"])
def test_what_has_no_new_content_is_no_arrival(world: World, how: str) -> None:
    path = world.write("a.md", "Alpha.", hours=-500)
    world.write("records.jsonl", json.dumps({"id": "1", "text": "One."}), hours=-500)
    world.sync(hours=0)
    match how:
        case "labels":
            world.ingest.add(world.notes, labels=["hr"])
        case "touched":
            world.write("a.md", "Alpha.", hours=1)
        case "removed":
            path.unlink()
    world.sync(hours=2, **({how: True} if how in ("force", "rebuild") else {}))
    assert world.fresh().documents == 0


def test_of_a_file_of_records_those_count_that_changed(world: World) -> None:
    def lines(*texts: str) -> str:
        return "\n".join(
            json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts)
        )

    world.write("tickets.jsonl", lines("One.", "Two.", "Three."), hours=-500)
    world.sync(hours=0)
    world.write("tickets.jsonl", lines("One.", "Two, solved.", "Three.", "Four."), hours=5)
    world.sync(hours=6)
    assert (world.fresh().documents, world.fresh().lag_p95_s) == (2, 3_600)


def test_a_file_that_can_be_read_at_last_arrives_then(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.write("empty.md", "", hours=-500)
    world.sync(hours=0)
    world.write("empty.md", "No longer.", hours=3)
    world.sync(hours=4)
    assert (world.fresh().documents, world.fresh().lag_p95_s) == (1, 3_600)


def test_a_sync_that_breaks_off_counts_what_it_committed_and_the_next_one_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot.knowledge.batches.COMMIT_PASSAGES", 1)
    world.write("a.md", "Alpha.", hours=-500)
    world.sync(hours=0)
    for name in ("b", "c", "d"):
        world.write(f"{name}.md", name, hours=1)
    world.clock.at = MONDAY + timedelta(hours=2)
    world.record(world.ingest.sync(), documents=1)
    committed = len(world.index.documents()) - 1
    assert committed >= 1
    counted = world.fresh().documents
    assert 1 <= counted <= committed
    world.sync(hours=3)
    assert world.fresh().documents == counted + 3 - committed


def test_a_source_that_is_added_again_begins_anew(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.sync(hours=0)
    world.record(world.ingest.remove(str(world.notes)))
    world.clock.at = MONDAY + timedelta(hours=50)
    world.ingest.add(world.notes)
    world.sync(hours=50)
    assert world.fresh().documents == 0
    world.write("a.md", "Alpha, and more.", hours=51)
    world.sync(hours=52)
    assert (world.fresh().documents, world.fresh().lag_p95_s) == (1, 3_600)


def test_only_a_sync_of_every_source_makes_the_index_younger(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    world.write("a.md", "Alpha.", hours=-1)
    world.sync(hours=0)
    assert world.synced_at == MONDAY
    world.clock.at = MONDAY + timedelta(hours=1)
    source = world.ingest.add(other)
    world.sync(hours=1, sources=[source])
    assert world.synced_at == MONDAY
    world.sync(hours=2)
    assert world.synced_at == MONDAY + timedelta(hours=2)
    other.rename(tmp_path / "unplugged")
    world.sync(hours=3)
    assert world.synced_at == MONDAY + timedelta(hours=2)
    world.clock.at = MONDAY + timedelta(hours=4)
    world.record(world.ingest.remove(str(other)))
    assert world.synced_at == MONDAY + timedelta(hours=2)
    world.sync(hours=5)
    assert world.synced_at == MONDAY + timedelta(hours=5)


@obeying_permissions
def test_a_source_that_cannot_be_listed_makes_the_index_no_younger(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-1)
    world.sync(hours=0)
    world.notes.chmod(0o000)
    try:
        world.sync(hours=1)
    finally:
        world.notes.chmod(0o700)
    assert world.synced_at == MONDAY
    statuses = {Path(state.path).name: state.status for state in world.index.documents()}
    assert statuses["a.md"] == "indexed"
    world.sync(hours=2)
    assert world.synced_at == MONDAY + timedelta(hours=2)


def test_no_path_is_kept_of_a_source(world: World) -> None:
    world.write("a.md", "Alpha.", hours=-500)
    world.sync(hours=0)
    world.write("a.md", "Alpha, and more.", hours=1)
    world.clock.at = MONDAY + timedelta(hours=2)
    world.sync(hours=2)
    spooled = b"".join(file.read_bytes() for file in (world.ledger / "spool").iterdir())
    assert b"document_indexed" in spooled
    assert str(world.notes).encode() not in spooled
