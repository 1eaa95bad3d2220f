"""What a sync costs: a first one, one where nothing changed, and the memory of a huge file.

``python -m tests.bench.index_sync [FILES] [RECORDS]`` (default: 10000 files, 20000 records).
The embedder is a double that makes vectors for nothing, so the figures are those of reading,
splitting and storing; the re-sync is the whole command, from the start of Python to its end.
The baseline is a walk over the same files that asks each for its size and time.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from copilot.adapters.index import build_index
from copilot.adapters.readers.registry import read_documents
from copilot.adapters.sources.folder import FolderSource
from copilot.adapters.system import SystemClock
from copilot.config.schema import IndexSettings
from copilot.events import SyncFinished
from copilot.knowledge.ingest import Ingest
from copilot.messages import EmbedderIdentity

DIMENSION = 384


class RandomEmbedder:
    """Unit vectors that mean nothing, at the price of a random number each."""

    identity = EmbedderIdentity("random", "none", DIMENSION, 256)

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        rows = self._rng.standard_normal((len(texts), DIMENSION), dtype=np.float32)
        made: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return made

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for text, own in zip(texts, sentences, strict=True):
            yield self.embed_queries([text])[0], self.embed_queries(own)


def make_tree(folder: Path, files: int) -> None:
    for i in range(files):
        parent = folder / f"part{i // 100:03}"
        parent.mkdir(parents=True, exist_ok=True)
        (parent / f"note{i}.md").write_text(f"# Note {i}\n\nWhat there is to know about {i}.\n")


def make_records(path: Path, records: int) -> None:
    rng = random.Random(0)
    words = [f"word{i}" for i in range(5000)]
    with path.open("w") as stream:
        for i in range(records):
            text = ". ".join(" ".join(rng.choices(words, k=40)) for _ in range(3))
            stream.write(json.dumps({"id": str(i), "title": f"Record {i}", "text": text}) + "\n")


def sync(index: Path, source: Path) -> tuple[SyncFinished, float]:
    """The last event, and the seconds that it took in this process."""
    settings = IndexSettings(max_file_mb=1000)
    ingest = Ingest(
        build_index(index),
        RandomEmbedder,
        source=FolderSource(settings),
        read=read_documents,
        settings=settings,
        clock=SystemClock(),
    )

    async def last() -> SyncFinished:
        events = [event async for event in ingest.sync(sources=[ingest.add(source)])]
        assert isinstance(events[-1], SyncFinished)
        return events[-1]

    start = time.perf_counter()
    return asyncio.run(last()), time.perf_counter() - start


def walk(folder: Path) -> float:
    start = time.perf_counter()
    for parent, _, names in os.walk(folder):
        for name in names:
            os.stat(os.path.join(parent, name))  # noqa: PTH116, PTH118
    return time.perf_counter() - start


def command(home: Path) -> tuple[float, dict[str, object]]:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "index", "sync", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COPILOT_HOME": str(home)},
    )
    return time.perf_counter() - start, json.loads(done.stdout)


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    numbers = [int(argument) for argument in sys.argv[1:]]
    files, records = [*numbers, *(10_000, 20_000)[len(numbers) :]][:2]
    with tempfile.TemporaryDirectory() as folder:
        tree, home = Path(folder) / "tree", Path(folder) / "home"
        make_tree(tree, files)
        time.sleep(2.1)  # files as old as this need no second look at their content
        done, seconds = sync(home / "index", tree)
        print(f"{files:,} files, first sync: {seconds:.1f} s, {done.added:,} documents")
        base = min(walk(tree) for _ in range(3))
        times = []
        for _ in range(5):
            seconds, result = command(home)
            assert result["unchanged"] == files, result
            times.append(seconds)
        times.sort()
        print(f"  re-sync, whole command: best {times[0]:.2f} s, median {times[2]:.2f} s")
        print(f"  baseline, os.walk and stat: {base:.2f} s")
        before = memory_mb()
        path = Path(folder) / "records.jsonl"
        make_records(path, records)
        size = path.stat().st_size / 1e6
        done, seconds = sync(Path(folder) / "other", path)
        print(f"{records:,} records in one file of {size:.0f} MB: {seconds:.1f} s")
        print(f"  peak memory {memory_mb():.0f} MB, {before:.0f} MB before it")


if __name__ == "__main__":
    main()
