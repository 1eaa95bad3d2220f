"""How long the index takes to write, open and search, beside a plain matrix product.

``python -m tests.bench.index_speed [PASSAGES…]`` (default: 10000). Vectors are random around
2,000 centres (the hardest shape for a vector index that still is one), words are drawn by
Zipf's law. Times are wall clock on this machine, at this load: read them as ratios.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import numpy as np

from copilot.adapters.index import build_index
from copilot.messages import (
    BlockSpan,
    DocumentState,
    EmbedderIdentity,
    Locator,
    Passage,
    PassageVectors,
    Principal,
    SearchFilter,
)
from copilot.ports import PassageIndex

DIMENSION = 384
PER_DOCUMENT = 20
SENTENCES = 8
WORDS = 150
VOCABULARY = 30_000
IDENTITY = EmbedderIdentity("random", "none", DIMENSION, 256)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERYONE = SearchFilter()


class Maker:
    """Documents of random words and vectors, the same for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.words = np.array([f"word{i}" for i in range(VOCABULARY)])
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self.weights = weights / weights.sum()
        self.centres = unit(self.rng.standard_normal((2000, DIMENSION)))

    def vectors(self, count: int) -> np.ndarray:
        centres = self.centres[self.rng.integers(0, len(self.centres), count)]
        noise = self.rng.standard_normal((count, DIMENSION)) / DIMENSION**0.5
        return unit(centres + noise)

    def text(self, words: int = WORDS) -> str:
        return " ".join(self.rng.choice(self.words, words, p=self.weights))

    def document(self, number: int) -> tuple[DocumentState, list[tuple[Passage, PassageVectors]]]:
        path = f"/data/folder{number % 50}/document{number}.md"
        own = self.vectors(PER_DOCUMENT)
        sentences = self.vectors(PER_DOCUMENT * SENTENCES).reshape(PER_DOCUMENT, SENTENCES, -1)
        labels = ("hr",) if number % 50 == 0 else ()
        pairs = []
        for ordinal in range(PER_DOCUMENT):
            text = self.text()
            step = len(text) // SENTENCES
            spans = tuple((i * step, (i + 1) * step) for i in range(SENTENCES))
            pairs.append(
                (
                    Passage(
                        id=f"{number:08x}{ordinal:04x}{'0' * 8}",
                        document_id=path,
                        path=path,
                        title=f"Document {number}",
                        ordinal=ordinal,
                        text=text,
                        heading_path=("Part", "Section"),
                        locator=Locator("lines", ordinal, ordinal + 5),
                        spans=tuple(
                            BlockSpan("paragraph", *span, Locator("lines", i, i))
                            for i, span in enumerate(spans)
                        ),
                        char_start=0,
                        char_end=len(text),
                        content_hash=f"{number}-{ordinal}",
                        labels=labels,
                        source="/data",
                        modified_at=NOW,
                    ),
                    PassageVectors(own[ordinal], sentences[ordinal], spans),
                )
            )
        state = DocumentState(
            *(path, path, path, "/data", f"Document {number}", "indexed", "hash", 1, 1),
            *(PER_DOCUMENT, NOW, labels),
        )
        return state, pairs


def unit(rows: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return scaled.astype(np.float32)


def timed(name: str, work: Callable[[], object], *, repeat: int = 60) -> float:
    """Print the median and the 95th percentile of ``work`` in ms; returns the median."""
    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    median = times[len(times) // 2]
    print(f"  {name:<44} p50 {median:8.2f} ms   p95 {times[int(len(times) * 0.95)]:8.2f} ms")
    return median


def build(index: PassageIndex, passages: int, maker: Maker) -> np.ndarray:
    """Write the corpus in batches as a sync does; returns all vectors."""
    index.bind(IDENTITY)
    vectors, documents = [], passages // PER_DOCUMENT
    written = 0.0
    for begin in range(0, documents, 25):
        batch = [maker.document(n) for n in range(begin, min(begin + 25, documents))]
        vectors += [v.passage for _, pairs in batch for _, v in pairs]
        start = time.perf_counter()
        index.apply(batch)
        written += time.perf_counter() - start
    start = time.perf_counter()
    index.optimize()
    optimized = time.perf_counter() - start
    print(f"  written in batches of 500: {written:.1f} s; optimize: {optimized:.1f} s", end="; ")
    print(f"{index.size_bytes() / 1e6:.0f} MB on disk")
    return np.stack(vectors)


def queries(maker: Maker) -> Iterator[np.ndarray]:
    while True:
        yield from maker.vectors(64)


def recall(index: PassageIndex, vectors: np.ndarray, maker: Maker) -> float:
    """Share of the true ten nearest that ``search_dense`` finds, over 40 questions."""
    found = 0
    for query in maker.vectors(40):
        exact = set(np.argsort(-(vectors @ query))[:10].tolist())
        hits = index.search_dense(query, limit=10, where=SearchFilter(Principal(groups=("hr",))))
        mine = {int(id_[:8], 16) * PER_DOCUMENT + int(id_[8:12], 16) for id_, _ in hits}
        found += len(exact & mine)
    return found / 400


def measure(folder: Path, passages: int) -> None:
    print(f"{passages:,} passages of {DIMENSION} components, {SENTENCES} sentences each")
    maker = Maker()
    index = build_index(folder)
    vectors = build(index, passages, maker)
    index = build_index(folder)
    query = queries(maker)
    print(f"  recall of the ten nearest: {recall(index, vectors, maker):.3f}")
    base = timed(
        "baseline: numpy V @ q, argpartition 100",
        lambda: np.argpartition(-(vectors @ next(query)), 100)[:100],
    )
    dense = timed(
        "dense, 100 hits", lambda: index.search_dense(next(query), limit=100, where=EVERYONE)
    )
    prefix = SearchFilter(path_prefix="/data/folder7/")
    timed(
        "dense, 100 hits, one folder of 50",
        lambda: index.search_dense(next(query), limit=100, where=prefix),
    )
    for words in (3, 8, 60):
        timed(
            f"lexical, {words} words, 100 hits",
            lambda words=words: index.search_lexical(maker.text(words), limit=100, where=EVERYONE),
        )

    def whole(wanted: int) -> None:
        by_vector = index.search_dense(next(query), limit=50, where=EVERYONE)
        by_words = index.search_lexical(maker.text(6), limit=50, where=EVERYONE)
        ids = list(dict.fromkeys(id_ for id_, _ in (*by_vector, *by_words)))
        index.fetch(ids[:wanted], where=EVERYONE)

    # Other passages each time: what was fetched lately is remembered and costs nothing.
    lists = [
        [id_ for id_, _ in index.search_dense(next(query), limit=100, where=EVERYONE)]
        for _ in range(64)
    ]
    hits = cycle(lists)
    timed("fetch 100 that a search has seen", lambda: index.fetch(next(hits), where=EVERYONE))
    timed("fetch 20 that a search has seen", lambda: index.fetch(next(hits)[:20], where=EVERYONE))
    timed("fetch 20 once more", lambda: index.fetch(lists[0][:20], where=EVERYONE))
    fresh = build_index(folder)
    timed("fetch 20 by id alone", lambda: fresh.fetch(next(hits)[:20], where=EVERYONE))
    timed("dense 50 + lexical 50 + fetch of all of them", lambda: whole(100))
    print(f"  dense is {dense / base:.1f} times the matrix product")
    cold(folder)


def cold(folder: Path) -> None:
    """A new process: import, open, and one search of each kind."""
    program = (
        "import sys, time; start = time.perf_counter()\n"
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from copilot.adapters.index import build_index\n"
        "from copilot.messages import SearchFilter\n"
        f"index = build_index(Path({str(folder)!r}))\n"
        f"query = np.ones({DIMENSION}, np.float32) / {DIMENSION}**0.5\n"
        "a = index.search_dense(query, limit=50, where=SearchFilter())\n"
        "b = index.search_lexical('word77 word5 word9', limit=50, where=SearchFilter())\n"
        "index.fetch([i for i, _ in a + b], where=SearchFilter())\n"
        "sys.stdout.write(str(time.perf_counter() - start))\n"
    )
    plain = "import time; s = time.perf_counter(); import lancedb; print(time.perf_counter() - s)"
    for name, code in (
        ("cold process: open, dense, lexical, fetch", program),
        ("baseline: import lancedb, plainly", plain),
    ):
        times = []
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "LANCEDB_LOG": "error"},
            )
            times.append(float(done.stdout))
        times.sort()
        print(f"  {name:<44} best {times[0]:.2f} s   median {times[2]:.2f} s")


def main() -> None:
    for passages in [int(argument) for argument in sys.argv[1:]] or [10_000]:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder) / "index", passages)


if __name__ == "__main__":
    main()
