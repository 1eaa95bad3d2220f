"""A folder, an index in memory and syncs of the one with the other, read by a small reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.errors import ReadError, SkippedInputError
from copilot.events import Event, SyncFinished
from copilot.knowledge.ingest import Ingest
from copilot.knowledge.syncing import Options
from copilot.messages import Block, Locator, ParsedDocument
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex


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


def made_world(folder: Path) -> World:
    """A world whose one source is the folder ``docs``, empty yet."""
    docs = folder / "docs"
    docs.mkdir()
    world = World(docs)
    world.ingest().add(docs)
    return world


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


def lines(**texts: str) -> str:
    return "\n".join(json.dumps({"id": key, "text": text}) for key, text in texts.items())
