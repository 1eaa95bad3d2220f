"""The sync of an index with its sources, over a small reader and the in-memory index."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.errors import (
    KnowledgeIndexError,
    NotFoundError,
    ReadError,
    SkippedInputError,
    UsageError,
)
from copilot.events import (
    DocumentFailed,
    DocumentIndexed,
    DocumentSkipped,
    Event,
    ModelAttempt,
    SyncFinished,
    Warned,
)
from copilot.knowledge import batches
from copilot.knowledge.ingest import Ingest
from copilot.knowledge.syncing import Options
from copilot.messages import Block, Locator, ParsedDocument, SourceConfig
from copilot.metering import metered, requested
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex
from tests.privileges import obeying_permissions


class CountingEmbedder(HashEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self, *, name: str = "hash") -> None:
        super().__init__(32, name=name)
        self.texts: list[str] = []

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[str]]):  # type: ignore[no-untyped-def]
        self.texts += texts
        yield from super().embed_passages(texts, sentences)


class LaterClock:
    """Far enough in the future that no file counts as just written."""

    def __init__(self) -> None:
        self.offset = timedelta(hours=1)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return 0.0


def read(path: Path) -> Iterable[ParsedDocument]:
    """Paragraphs of a text file; records of a .jsonl; "!" at the start fails, "?" skips."""
    text = path.read_text("utf-8")
    if text.startswith("!"):
        raise ReadError(f"{path.name} is locked", hint="unlock it")
    if text.startswith("?"):
        raise SkippedInputError(f"{path.name} holds no text")
    if path.suffix == ".jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            record = json.loads(line)
            yield _document(
                record["text"],
                title=record["id"],
                fragment=record["id"],
                labels=tuple(record.get("labels", ())),
                locator=Locator("record", number, number),
            )
        return
    yield _document(text, title=path.stem)


def _document(
    text: str,
    *,
    title: str,
    fragment: str = "",
    labels: tuple[str, ...] = (),
    locator: Locator | None = None,
) -> ParsedDocument:
    blocks = []
    for number, part in enumerate(text.split("\n\n"), start=1):
        kind = "heading" if part.startswith("# ") else "paragraph"
        blocks.append(Block(kind, part, locator or Locator("lines", number, number), level=1))  # type: ignore[arg-type]
    return ParsedDocument(title, tuple(blocks), "text/plain", labels=labels, fragment=fragment)


@dataclass
class World:
    """A folder, an index and an ingest over them."""

    folder: Path
    index: MemoryIndex = field(default_factory=MemoryIndex)
    embedder: CountingEmbedder = field(default_factory=CountingEmbedder)
    built: int = 0

    def __post_init__(self) -> None:
        self.clock = LaterClock()
        self.settings = IndexSettings()
        self.reads: list[str] = []

    def ingest(self) -> Ingest:
        def embedder() -> CountingEmbedder:
            self.built += 1
            return self.embedder

        def counted(path: Path) -> Iterator[ParsedDocument]:
            self.reads.append(path.name)
            yield from read(path)

        return Ingest(
            self.index,
            embedder,
            source=FolderSource(self.settings),
            read=counted,
            settings=self.settings,
            clock=self.clock,
        )

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def sync(self, **options: bool) -> list[Event]:
        self.reads.clear()
        self.embedder.texts.clear()
        return run(self.ingest().sync(options=Options(**options)))

    def counts(self, events: Sequence[Event]) -> tuple[int, int, int, int]:
        """added, updated, removed, unchanged"""
        done = finished(events)
        return done.added, done.updated, done.removed, done.unchanged

    def texts(self) -> dict[str, list[str]]:
        return {
            state.path.removeprefix(f"{self.folder}/"): [
                s.passage.text for s in self.index.stored([state.path])
            ]
            for state in self.index.documents()
        }


def run(stream: object) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in stream]  # type: ignore[attr-defined]

    return asyncio.run(collect())


def finished(events: Sequence[Event]) -> SyncFinished:
    assert isinstance(events[-1], SyncFinished)
    assert sum(isinstance(event, SyncFinished) for event in events) == 1
    return events[-1]


def of(kind: type[Event], events: Sequence[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "docs"
    folder.mkdir()
    world = World(folder)
    world.ingest().add(folder)
    return world


# --- what changes ----------------------------------------------------------------------


def test_only_what_changed_is_read_again(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("sub/b.txt", "beta")
    assert world.counts(world.sync()) == (2, 0, 0, 0)
    assert world.counts(world.sync()) == (0, 0, 0, 2)
    assert world.reads == []
    world.write("a.txt", "alpha and more")
    assert world.counts(world.sync()) == (0, 1, 0, 1)
    assert world.reads == ["a.txt"]
    assert world.texts() == {"a.txt": ["alpha and more"], "sub/b.txt": ["beta"]}


def test_an_unchanged_tree_needs_neither_embedder_nor_write(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    version, built = world.index.version(), world.built
    world.sync()
    assert (world.index.version(), world.built) == (version, built)


def test_a_touched_file_is_not_read_again(world: World) -> None:
    path = world.write("a.txt", "alpha")
    world.sync()
    version = world.index.version()
    os.utime(path, ns=(1, 1_000_000_000_000))
    assert world.counts(world.sync()) == (0, 0, 0, 1)
    assert world.reads == []
    assert world.index.version() == version
    assert world.index.documents()[0].mtime_ns == 1_000_000_000_000


def test_a_change_that_keeps_size_and_time_is_found_when_the_time_is_too_fresh_to_trust(
    world: World,
) -> None:
    path = world.write("a.txt", "alpha")
    world.clock.offset = timedelta(0)
    world.sync()
    stamp = path.stat().st_mtime_ns
    world.write("a.txt", "omega")
    os.utime(path, ns=(stamp, stamp))
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.texts() == {"a.txt": ["omega"]}


def test_what_vanished_from_disk_vanishes_from_the_index(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("b.txt", "beta")
    world.sync()
    (world.folder / "b.txt").unlink()
    events = world.sync()
    assert world.counts(events) == (0, 0, 1, 1)
    assert of(DocumentIndexed, events) == [
        DocumentIndexed(str(world.folder / "b.txt"), 1, "removed")
    ]
    assert world.texts() == {"a.txt": ["alpha"]}


def test_an_emptied_folder_empties_the_index(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    (world.folder / "a.txt").unlink()
    assert world.counts(world.sync()) == (0, 0, 1, 0)


def test_a_renamed_file_is_found_under_its_new_name_only(world: World) -> None:
    path = world.write("a.txt", "alpha")
    world.sync()
    path.rename(world.folder / "z.txt")
    assert world.counts(world.sync()) == (1, 0, 1, 0)
    assert world.texts() == {"z.txt": ["alpha"]}


def test_only_passages_whose_words_changed_are_embedded_again(world: World) -> None:
    parts = [f"# Part {i}\n\n{'words of the part ' * 40}{i}" for i in range(6)]
    world.write("a.txt", "\n\n".join(parts))
    world.sync()
    before = len(world.embedder.texts)
    assert before >= 6
    parts[3] += " changed"
    world.write("a.txt", "\n\n".join(parts))
    world.sync()
    assert 1 <= len(world.embedder.texts) < before / 2
    stored = world.index.stored([str(world.folder / "a.txt")])
    fresh = HashEmbedder(32)
    for each in stored:
        from copilot.knowledge.splitting import embedding_text

        exact = fresh.embed_queries([embedding_text(each.passage)])[0]
        assert float(exact @ each.vectors.passage) > 0.999


def test_the_same_words_in_blocks_of_another_kind_are_embedded_again(world: World) -> None:
    path = world.write("a.txt", "# alpha\n\nbeta")
    world.sync()
    state = world.index.documents()[0]
    pairs = []
    for one in world.index.stored([str(path)]):  # as an older reader saw them
        spans = tuple(replace(span, kind="quote") for span in one.passage.spans)
        pairs.append((replace(one.passage, spans=spans), one.vectors))
    world.index.apply([(state, pairs)])
    world.sync(force=True)
    assert len(world.embedder.texts) == 1


def test_another_passage_size_reads_everything_again(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.settings = IndexSettings(passage_tokens=64)
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.embedder.texts == []  # the same words, so the vectors stay


def test_force_reads_every_file(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    assert world.counts(world.sync(force=True)) == (0, 1, 0, 0)


# --- labels ----------------------------------------------------------------------------


def test_a_labelled_document_in_a_labelled_source_asks_for_both(world: World) -> None:
    world.write("t.jsonl", json.dumps({"id": "1", "text": "x", "labels": ["hr", "eng"]}))
    world.ingest().add(world.folder, labels=["ops", "eng"])
    world.sync()
    (stored,) = world.index.stored([f"{world.folder}/t.jsonl#1"])
    assert set(stored.passage.labels) == {"hr & ops", "eng & ops", "eng & hr", "eng"}


def test_a_source_that_gets_labels_passes_them_to_documents_it_has(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.ingest().add(world.folder, labels=["hr"])
    assert world.counts(world.sync()) == (0, 1, 0, 0)
    assert world.index.stored([f"{world.folder}/a.txt"])[0].passage.labels == ("hr",)
    assert world.index.documents()[0].labels == ("hr",)
    world.ingest().add(world.folder)  # named again without labels: it stays closed
    assert world.counts(world.sync()) == (0, 0, 0, 1)
    assert world.index.documents()[0].labels == ("hr",)
    world.ingest().add(world.folder, labels=[])
    world.sync()
    assert world.index.stored([f"{world.folder}/a.txt"])[0].passage.labels == ()


# --- what can't be read ----------------------------------------------------------------


def test_a_failing_file_is_named_and_its_neighbours_go_on(world: World) -> None:
    world.write("a.txt", "!locked")
    world.write("b.txt", "beta")
    events = world.sync()
    assert of(DocumentFailed, events) == [
        DocumentFailed(str(world.folder / "a.txt"), "a.txt is locked", "unlock it")
    ]
    assert finished(events).failed == 1
    assert world.texts() == {"a.txt": [], "b.txt": ["beta"]}
    assert world.index.documents()[0].reason == "a.txt is locked"


@pytest.mark.parametrize("error", [ValueError("odd"), RecursionError(), KeyError("x")])
def test_a_bug_in_a_reader_costs_its_file_and_not_the_neighbours(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    plain_read = read

    def breaking(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        if source.name == "b.txt":
            raise error

    monkeypatch.setitem(globals(), "read", breaking)
    for name in ("a.txt", "b.txt", "c.txt"):
        world.write(name, name)
    events = world.sync()
    (failure,) = of(DocumentFailed, events)
    assert isinstance(failure, DocumentFailed)
    assert "its reader broke" in failure.reason
    assert set(world.texts()) == {"a.txt", "b.txt", "c.txt"}
    assert world.texts()["c.txt"] == ["c.txt"]


def test_a_failed_file_is_read_again_only_when_it_changed_or_on_request(world: World) -> None:
    world.write("a.txt", "!locked")
    world.sync()
    events = world.sync()
    assert (world.reads, finished(events).failed) == ([], 1)
    assert len(of(DocumentFailed, events)) == 1
    world.sync(retry=True)
    assert world.reads == ["a.txt"]
    world.write("a.txt", "readable now")
    assert world.counts(world.sync()) == (1, 0, 0, 0)
    assert world.index.documents()[0].reason == ""


def test_a_file_that_became_unreadable_is_no_longer_found(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.write("a.txt", "!locked")
    world.sync()
    assert world.texts() == {"a.txt": []}


def test_skipped_files_are_remembered_with_their_reason_and_told_once(world: World) -> None:
    world.write("a.txt", "?nothing")
    world.write("empty.txt", "")
    world.write("picture.png", "x")
    events = world.sync()
    assert finished(events).skipped == 3
    assert len(of(DocumentSkipped, events)) == 3
    events = world.sync()
    assert finished(events).skipped == 3
    assert of(DocumentSkipped, events) == []
    assert {s.status for s in world.index.documents()} == {"skipped"}


def test_a_file_that_keeps_changing_is_left_for_the_next_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write("log.txt", "line")
    world.write("z.txt", "zeta")
    plain_read = read

    def growing(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        if source == path:
            with path.open("a") as stream:
                stream.write(" more")

    monkeypatch.setitem(globals(), "read", growing)
    events = world.sync()
    assert world.reads == ["log.txt", "log.txt", "z.txt"]
    (skipped,) = of(DocumentSkipped, events)
    assert isinstance(skipped, DocumentSkipped)
    assert "changes while it is being read" in skipped.reason
    monkeypatch.setitem(globals(), "read", plain_read)
    assert world.counts(world.sync()) == (1, 0, 0, 1)
    assert world.texts()["log.txt"] == ["line more more"]


def test_a_file_that_changes_once_while_being_read_is_read_as_it_is_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write("a.jsonl", '{"id": "1", "text": "old"}\n{"id": "2", "text": "gone"}')
    plain_read = read
    changes = iter(['{"id": "1", "text": "new"}'])

    def changing(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        for text in changes:
            path.write_text(text)

    monkeypatch.setitem(globals(), "read", changing)
    world.sync()
    assert world.texts() == {"a.jsonl": [], "a.jsonl#1": ["new"]}
    assert world.index.unfinished() == []


def test_a_name_that_is_not_utf8_is_named_and_left_out(world: World) -> None:
    name = os.fsencode(world.folder) + b"/\xff.txt"
    try:
        with open(name, "w") as stream:  # noqa: PTH123 - a bytes name
            stream.write("x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    world.write("a.txt", "alpha")
    events = world.sync()
    assert finished(events).skipped == 1
    assert finished(events).added == 1


# --- sources that aren't there ---------------------------------------------------------


def test_an_unreachable_source_keeps_its_documents_and_is_reported(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.folder.rename(world.folder.with_name("elsewhere"))
    events = world.sync()
    (failure,) = of(DocumentFailed, events)
    assert isinstance(failure, DocumentFailed)
    assert failure.path == str(world.folder)
    assert "1 documents stay" in failure.reason
    assert world.index.count_passages() == 1


def test_an_empty_root_on_another_file_system_counts_as_unmounted(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    source = world.index.sources()[0]
    world.index.save_source(replace(source, device=source.device + 1))
    (world.folder / "a.txt").unlink()
    events = world.sync()
    assert len(of(DocumentFailed, events)) == 1
    assert world.index.count_passages() == 1


@obeying_permissions
def test_documents_in_a_folder_that_can_not_be_listed_stay(world: World) -> None:
    world.write("sub/a.txt", "alpha")
    world.sync()
    (world.folder / "sub").chmod(0)
    try:
        world.sync()
    finally:
        (world.folder / "sub").chmod(0o700)
    assert world.index.count_passages() == 1


def test_documents_in_a_folder_that_can_no_longer_be_listed_stay_whoever_runs_the_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("sub/a.txt", "alpha")
    world.write("other/b.txt", "beta")
    world.sync()
    (world.folder / "other" / "b.txt").unlink()
    listing = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/sub"):
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    events = world.sync()
    assert [s.path for s in of(DocumentSkipped, events)] == [str(world.folder / "sub")]  # type: ignore[attr-defined]
    assert world.texts() == {"sub": [], "sub/a.txt": ["alpha"]}


# --- links -----------------------------------------------------------------------------


def linked(world: World, outside: Path) -> None:
    """A link to a file and one to a folder, both outside of the source."""
    (outside / "folder").mkdir(parents=True)
    (outside / "one.txt").write_text("one")
    (outside / "folder" / "two.txt").write_text("two")
    (world.folder / "one.txt").symlink_to(outside / "one.txt")
    (world.folder / "folder").symlink_to(outside / "folder")
    world.write("a.txt", "alpha")


def test_links_are_not_read_and_are_listed_as_skipped(world: World, tmp_path: Path) -> None:
    linked(world, tmp_path / "outside")
    assert finished(world.sync()).skipped == 2
    assert world.reads == ["a.txt"]
    skipped = [state for state in world.index.documents() if state.status == "skipped"]
    assert [state.path for state in skipped] == [
        str(world.folder / "folder"),
        str(world.folder / "one.txt"),
    ]
    assert all("index.follow_links" in state.reason for state in skipped)


def test_what_was_read_through_links_goes_when_links_are_no_longer_followed(
    world: World, tmp_path: Path
) -> None:
    linked(world, tmp_path / "outside")
    world.settings = IndexSettings(follow_links=True)
    world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder/two.txt": ["two"], "one.txt": ["one"]}
    world.settings = IndexSettings()
    events = world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder": [], "one.txt": []}
    assert world.counts(events) == (0, 0, 1, 1)
    world.settings = IndexSettings(follow_links=True)
    world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder/two.txt": ["two"], "one.txt": ["one"]}


def test_a_single_file_can_be_a_source_and_be_deleted(world: World, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("a note")
    world.ingest().add(path)
    assert world.counts(world.sync()) == (1, 0, 0, 0)
    path.unlink()
    events = world.sync()
    assert world.index.count_passages() == 0
    assert finished(events).removed == 1


def test_a_path_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.ingest().add(world.folder / "missing")


def test_a_rebuild_refuses_to_lose_an_unreachable_source(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.folder.rename(world.folder.with_name("elsewhere"))
    with pytest.raises(KnowledgeIndexError, match="can't be reached"):
        world.sync(rebuild=True)
    assert world.index.count_passages() == 1


# --- records ---------------------------------------------------------------------------


def lines(**texts: str) -> str:
    return "\n".join(json.dumps({"id": key, "text": text}) for key, text in texts.items())


def test_records_are_documents_of_their_own(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    assert world.counts(world.sync()) == (2, 0, 0, 0)
    assert world.texts() == {"t.jsonl": [], "t.jsonl#a": ["alpha"], "t.jsonl#b": ["beta"]}
    record = world.index.documents()[1]
    assert (record.document_id, record.container) == ("a", f"{world.folder}/t.jsonl")
    assert world.counts(world.sync()) == (0, 0, 0, 2)
    assert world.reads == []


def test_only_records_that_changed_are_written_and_embedded(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta", c="gamma"))
    world.sync()
    world.write("t.jsonl", lines(a="alpha", b="beta, changed", d="delta"))
    assert world.counts(world.sync()) == (1, 1, 1, 1)
    assert len(world.embedder.texts) == 2
    assert set(world.texts()) == {"t.jsonl", "t.jsonl#a", "t.jsonl#b", "t.jsonl#d"}


def test_records_that_moved_keep_their_vectors_and_get_their_new_place(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    world.write("t.jsonl", lines(z="zeta", a="alpha", b="beta"))
    assert world.counts(world.sync()) == (1, 2, 0, 0)
    assert len(world.embedder.texts) == 1
    (stored,) = world.index.stored([f"{world.folder}/t.jsonl#b"])
    assert stored.passage.locator == Locator("record", 3, 3)


def test_a_record_id_that_comes_twice_is_kept_once_and_named(world: World) -> None:
    world.write("t.jsonl", '{"id": "a", "text": "one"}\n{"id": "a", "text": "two"}')
    events = world.sync()
    assert world.texts()["t.jsonl#a"] == ["one"]
    assert any("used again" in w.message for w in of(Warned, events) if isinstance(w, Warned))


def test_a_file_that_vanishes_takes_its_records_along(world: World) -> None:
    path = world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    path.unlink()
    assert world.counts(world.sync()) == (0, 0, 2, 0)
    assert world.texts() == {}


def test_a_file_of_records_that_fails_loses_them(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha", b="beta"))
    world.sync()
    world.write("t.jsonl", "!broken")
    world.sync()
    assert world.texts() == {"t.jsonl": []}


def test_a_file_of_many_records_is_committed_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "COMMIT_PASSAGES", 50)
    world.write("t.jsonl", lines(**{f"r{i}": f"text {i}" for i in range(230)}))
    before = world.index.version()
    world.sync()
    assert world.index.version() - before >= 5
    assert world.index.count_passages() == 230


# --- sources inside sources ------------------------------------------------------------


def test_a_source_inside_another_has_its_files_for_itself(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("hr/b.txt", "beta")
    world.sync()
    world.ingest().add(world.folder / "hr", labels=["hr"])
    assert world.counts(world.sync()) == (0, 1, 0, 1)
    labels = {s.path.rpartition("/")[2]: s.labels for s in world.index.documents()}
    assert labels == {"a.txt": (), "b.txt": ("hr",)}
    assert world.counts(world.sync()) == (0, 0, 0, 2)


# --- removing --------------------------------------------------------------------------


def test_removing_a_source_removes_its_documents_only(world: World, tmp_path: Path) -> None:
    world.write("a.txt", "alpha")
    world.write("t.jsonl", lines(a="alpha"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.txt").write_text("gamma")
    world.ingest().add(other)
    world.sync()
    events = run(world.ingest().remove(str(world.folder)))
    assert finished(events).removed == 2
    assert [s.path for s in world.index.documents()] == [str(other / "c.txt")]
    assert [s.id for s in world.index.sources()] == [str(other)]


def test_a_file_removed_from_a_source_stays_away(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("odd [name]*.txt", "beta")
    world.write("odd n.txt", "gamma")
    world.sync()
    run(world.ingest().remove(str(world.folder / "odd [name]*.txt")))
    assert set(world.texts()) == {"a.txt", "odd n.txt"}
    assert world.counts(world.sync()) == (0, 0, 0, 2)


def test_removing_what_is_not_there_says_so(world: World) -> None:
    world.write("t.jsonl", lines(a="alpha"))
    world.sync()
    with pytest.raises(NotFoundError):
        run(world.ingest().remove("/nowhere"))
    with pytest.raises(UsageError, match="record of"):
        run(world.ingest().remove(f"{world.folder}/t.jsonl#a"))


# --- trying, stopping --------------------------------------------------------------------


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
