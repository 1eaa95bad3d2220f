"""A sync that is tried, refused, cancelled or killed leaves an index that the next completes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from copilot.errors import KnowledgeIndexError
from copilot.events import DocumentIndexed, ModelAttempt, Warned
from copilot.knowledge import batches
from copilot.knowledge.syncing import Options
from copilot.messages import SourceConfig
from copilot.metering import metered, requested
from tests.sync_world import CountingEmbedder, World, finished, lines, made_world, run


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made_world(tmp_path)


def test_a_dry_run_tells_and_writes_nothing(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("b.txt", "beta")
    world.sync()
    world.write("a.txt", "alpha, changed")
    (world.folder / "b.txt").unlink()
    world.write("c.txt", "gamma")
    world.write("d.png", "x")
    before = (world.index.version(), world.index.documents())
    events = world.sync(dry_run=True)
    assert world.counts(events) == (1, 1, 1, 0)
    assert finished(events).skipped == 1
    assert (world.index.version(), world.index.documents()) == before
    assert world.reads == []


def test_a_dry_run_of_a_new_folder_saves_no_source(world: World, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.txt").write_text("alpha")
    ingest = world.ingest()
    source = ingest.describe(tmp_path / "new")
    events = run(ingest.sync(sources=[source], options=Options(dry_run=True)))
    assert finished(events).added == 1
    assert [s.id for s in world.index.sources()] == [str(world.folder)]


async def test_a_cancelled_sync_leaves_whole_batches_and_the_next_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "COMMIT_PASSAGES", 10)
    for i in range(60):
        world.write(f"{i:02}.txt", f"text number {i}")
    threads = threading.active_count()
    stream = world.ingest().sync()
    async for event in stream:
        if isinstance(event, DocumentIndexed):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    done = world.index.count_passages()
    assert done >= 10
    assert world.index.unfinished() == []
    assert threading.active_count() <= threads + 1
    events = [event async for event in world.ingest().sync()]
    assert finished(events).added == 60 - done
    assert world.index.count_passages() == 60


class PaidEmbedder(CountingEmbedder):
    """Asks a provider for each batch."""

    asked = 0

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[str]]):  # type: ignore[no-untyped-def]
        self.asked += 1
        requested(ModelAttempt("embedder", "ok", operation="embeddings"))
        yield from super().embed_passages(texts, sentences)


async def test_what_a_cancelled_sync_asked_of_a_provider_is_told_to_the_last_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "COMMIT_PASSAGES", 10)
    world.embedder = embedder = PaidEmbedder()
    for i in range(60):
        world.write(f"{i:02}.txt", f"text number {i}")
    told: list[ModelAttempt] = []
    async with aclosing(world.ingest().sync()) as stream:  # type: ignore[type-var]
        async for event in stream:
            if isinstance(event, ModelAttempt):
                told.append(event)
                while embedder.asked < 3:
                    await asyncio.to_thread(time.sleep, 0.001)
                break
        with metered(told.append):
            await stream.aclose()  # type: ignore[attr-defined]
    assert len(told) == embedder.asked >= 3


async def test_a_second_sync_waits_and_says_so(world: World) -> None:
    world.write("a.txt", "alpha")
    lock = world.index.sync_lock()
    assert lock.acquire(0)
    stream = world.ingest().sync()
    first = await anext(stream)
    assert isinstance(first, Warned)
    assert "waiting" in first.message
    lock.release()
    events = [event async for event in stream]
    assert finished(events).added == 1


async def test_waiting_for_another_process_can_be_cancelled(world: World) -> None:
    assert world.index.sync_lock().acquire(0)
    stream = world.ingest().sync()
    await anext(stream)
    await asyncio.wait_for(stream.aclose(), timeout=10)  # type: ignore[attr-defined]


def test_an_embedder_of_another_kind_is_refused_before_anything_is_written(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.embedder = CountingEmbedder(name="other")
    world.write("b.txt", "beta")
    with pytest.raises(KnowledgeIndexError) as caught:
        world.sync()
    assert "copilot index rebuild" in caught.value.hint
    assert set(world.texts()) == {"a.txt"}
    events = world.sync(rebuild=True)
    assert finished(events).added == 2
    assert world.index.identity() == world.embedder.identity


def test_what_a_dead_writer_left_in_pieces_is_done_again(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    # As after a kill between passages and documents: an orphan, and a stale count.
    stored = world.index.stored([f"{world.folder}/a.txt"])
    orphan = replace(
        world.index.documents()[0], path=f"{world.folder}/gone.txt", container="x", passages=1
    )
    world.index.apply([(orphan, [(stored[0].passage, stored[0].vectors)])])
    world.index._documents.pop(orphan.path)
    record = world.index.records(f"{world.folder}/t.jsonl")[0]
    world.index.touch([replace(record, passages=7)])
    assert len(world.index.unfinished()) == 2
    world.sync()
    assert world.index.unfinished() == []
    assert world.texts() == {
        "a.txt": ["alpha"],
        "t.jsonl": [],
        "t.jsonl#a": ["alpha"],
        "t.jsonl#b": ["beta"],
    }


def test_documents_of_a_source_that_is_gone_are_removed_by_a_full_sync(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.index.remove_source(str(world.folder))  # as if killed before the documents went
    world.index.save_source(SourceConfig("/elsewhere", "/elsewhere"))
    world.sync()
    assert world.index.documents() == []
