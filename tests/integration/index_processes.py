"""A process that syncs a folder into an index, for tests that kill it or start two.

Run as ``python -m tests.integration.index_processes INDEX FOLDER [COMMIT_PASSAGES]``; prints
``committed`` after each batch and the last event as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.index import build_index
from copilot.adapters.sources.folder import FolderSource
from copilot.codec import to_plain
from copilot.config.schema import IndexSettings
from copilot.errors import CopilotError
from copilot.events import DocumentIndexed, SyncFinished, Warned
from copilot.knowledge import batches
from copilot.knowledge.ingest import Ingest
from copilot.messages import Block, Locator, ParsedDocument
from copilot.testing.hash_embedder import HashEmbedder

DIMENSION = 32


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return datetime.now(UTC).timestamp()


def read(path: Path) -> Iterable[ParsedDocument]:
    """Paragraphs of a text file, each a passage-sized block; lines of a .jsonl as records."""
    text = path.read_text("utf-8")
    parts = text.splitlines() if path.suffix == ".jsonl" else [text]
    for number, part in enumerate(parts, start=1):
        blocks = tuple(
            Block("paragraph", paragraph, Locator("lines", n, n), part=str(n))
            for n, paragraph in enumerate(part.split("\n\n"), start=1)
        )
        fragment = f"r{number}" if path.suffix == ".jsonl" else ""
        yield ParsedDocument(path.stem, blocks, "text/plain", fragment=fragment)


def build_ingest(folder: Path) -> Ingest:
    settings = IndexSettings()
    return Ingest(
        build_index(folder),
        lambda: HashEmbedder(DIMENSION),
        source=FolderSource(settings),
        read=read,
        settings=settings,
        clock=SystemClock(),
    )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def sync(index: Path, folder: Path) -> SyncFinished:
    """One whole sync of ``folder``; says on stdout what is committed."""
    ingest = build_ingest(index)
    source = ingest.add(folder)
    finished: SyncFinished | None = None
    async for event in ingest.sync(sources=[source]):
        match event:
            case DocumentIndexed():
                say(f"committed {event.path}")
            case Warned():
                say(f"warned {event.message}")
            case SyncFinished():
                finished = event
            case _:
                continue
    assert finished is not None
    return finished


def main(index: str, folder: str, commit_passages: str = "16") -> None:
    batches.COMMIT_PASSAGES = int(commit_passages)
    try:
        finished = asyncio.run(sync(Path(index), Path(folder)))
    except CopilotError as error:
        error_type = type(error).__name__
        say(json.dumps({"error": error_type, "message": error.message, "hint": error.hint}))
        sys.exit(int(error.exit_code))
    say(json.dumps(to_plain(finished)))


if __name__ == "__main__":
    main(*sys.argv[1:])
