"""What keeping older versions of the index costs on the disk, sync by sync, kept and not kept.

    python -m tests.bench.index_versions [--passages 10000] [--syncs 30]

Each sync writes five documents of ten passages anew. Prints sizes; asserts nothing.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from copilot.adapters.index import build_index, upkeep
from copilot.messages import DocumentState, Locator, Passage, PassageVectors
from copilot.ports import PassageIndex
from copilot.testing.hash_embedder import HashEmbedder

EMBEDDER = HashEmbedder(384)
WORDS = [f"word{number}" for number in range(20_000)]
PER_DOCUMENT = 10
Document = tuple[DocumentState, list[tuple[Passage, PassageVectors]]]


def document(number: int, rng: random.Random) -> Document:
    """A document of random words, the common ones common."""
    path, place = f"/docs/{number}", Locator("lines", 1, 1)
    pairs = []
    for ordinal in range(PER_DOCUMENT):
        text = " ".join(WORDS[int(len(WORDS) * rng.random() ** 3)] for _ in range(150))
        id_ = f"{path}-{ordinal}-{rng.random()}"
        passage = Passage(id_, path, path, "T", ordinal, text, (), place, (), 0, len(text), id_)
        halves = [text[: len(text) // 2], text[len(text) // 2 :]]
        vector, sentences = next(EMBEDDER.embed_passages([text], [halves]))
        spans = ((0, len(halves[0])), (len(halves[0]), len(text)))
        pairs.append((passage, PassageVectors(vector, sentences, spans)))
    now = datetime.now(UTC)
    state = DocumentState(path, path, path, "/", "T", "indexed", "h", 1, 1, PER_DOCUMENT, now)
    return state, pairs


def grow(index: PassageIndex, *, passages: int, syncs: int) -> list[int]:
    """The index's size after it was made, and after each sync."""
    rng, count = random.Random(7), passages // PER_DOCUMENT
    index.bind(EMBEDDER.identity)
    for begin in range(0, count, 100):
        index.apply([document(n, rng) for n in range(begin, min(begin + 100, count))])
    index.optimize()
    sizes = [index.size_bytes()]
    for _ in range(syncs):
        index.apply([document(n, rng) for n in rng.sample(range(count), 5)])
        time.sleep(0.3)  # else all of it is younger than a reader may need
        index.optimize()
        sizes.append(index.size_bytes())
    return sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--syncs", type=int, default=30)
    chosen = parser.parse_args()
    upkeep._READ_FOR = timedelta(seconds=1)
    for name, keep in (("kept for a day", timedelta(days=1)), ("not kept", timedelta(0))):
        with tempfile.TemporaryDirectory() as folder:
            index = build_index(Path(folder) / "index", keep=keep)
            sizes = grow(index, passages=chosen.passages, syncs=chosen.syncs)
        shown = " ".join(f"{size / 1e6:.0f}" for size in sizes)
        print(f"{name}: MB after each sync: {shown}; at most {max(sizes) / 1e6:.0f}")


if __name__ == "__main__":
    main()
