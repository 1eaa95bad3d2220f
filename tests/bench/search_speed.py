"""How long one search takes inside a running process, and a cold ``copilot search``.

``python -m tests.bench.search_speed [PASSAGES…]`` (default: 10000). The passages are random
(tests.bench.index_speed), the questions are embedded by the real model. Printed beside it in the
same run: the embedding, and the index's own searches and fetch for the same questions, so that
what the searcher adds can be told. Wall clock at this machine's load: read the figures as ratios.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from copilot.adapters.embedding import build_embedder
from copilot.adapters.index import build_index
from copilot.config.schema import EmbeddingSettings
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.messages import Turn
from copilot.ports import PassageIndex
from tests.bench import index_speed
from tests.bench.index_speed import Maker, timed

ROUNDS = 100


class Watched:
    """An index that adds up the time spent in it."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self.spent: dict[str, list[float]] = {}

    def __getattr__(self, name: str) -> object:
        method = getattr(self._index, name)

        def call(*arguments: object, **options: object) -> object:
            start = time.perf_counter()
            try:
                return method(*arguments, **options)
            finally:
                self.spent.setdefault(name, []).append((time.perf_counter() - start) * 1000)

        return call


def measure(folder: Path, passages: int) -> None:
    embedder = build_embedder(EmbeddingSettings())
    maker = Maker()
    index_speed.IDENTITY = embedder.identity
    print(f"{passages:,} passages")
    index_speed.build(build_index(folder), passages, maker)
    index = Watched(build_index(folder))
    searcher = Searcher(index, embedder)  # type: ignore[arg-type]

    def question() -> str:
        return f"how is {maker.text(5)} set up?"

    timed("embed one question", lambda: embedder.embed_queries([question()]), repeat=ROUNDS)
    timed("search", lambda: searcher.search(SearchRequest(question())), repeat=ROUNDS)
    _parts(index)
    history = (Turn("user", question()), Turn("assistant", maker.text(40)))
    timed(
        "search, follow-up (two readings)",
        lambda: searcher.search(SearchRequest(question(), history=history)),
        repeat=ROUNDS,
    )
    _parts(index)
    timed("search, 30 hits, with term weights", lambda: _for_an_answer(searcher, question()))


def _for_an_answer(searcher: Searcher, question: str) -> None:
    dict(searcher.search(SearchRequest(question, limit=30)).term_weights)


def _parts(index: Watched) -> None:
    """Medians of the index's own calls; the searches of one question run side by side."""
    for name, times in sorted(index.spent.items()):
        print(f"    of it in the index: {name:<24} p50 {np.median(times):8.2f} ms")
    index.spent.clear()


def cold(home: str) -> None:
    """A new process each time, beside Python alone."""
    for name, command in (
        ("cold: copilot search", ["-m", "copilot.cli", "search", "rotate a key", "--json"]),
        ("baseline: python -c pass", ["-c", "pass"]),
    ):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *command],
                capture_output=True,
                check=True,
                env={"COPILOT_HOME": home, "PATH": "/usr/bin:/bin"},
            )
            times.append(time.perf_counter() - start)
        times.sort()
        print(f"  {name:<44} best {times[0]:.2f} s   median {times[2]:.2f} s")


def main() -> None:
    for passages in [int(argument) for argument in sys.argv[1:]] or [10_000]:
        with tempfile.TemporaryDirectory() as home:
            measure(Path(home) / "index", passages)
            cold(home)


if __name__ == "__main__":
    main()
