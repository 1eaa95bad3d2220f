"""How fast passages are embedded, beside sentence-transformers' default fp32 encode.

``python -m tests.bench.embedding_speed [PASSAGES]`` (default: 128), passages of 256 tokens with
eight sentences each; ours gives the sentences' vectors too, the default encode only the
passages'. Each runs in a process of its own, by turns, three times; loading is not counted.
Read the ratio: both suffer from the machine's load, the default's spinning threads more.
"""

from __future__ import annotations

import subprocess
import sys
import time

from copilot.adapters.embedding.weights import TORCH_WEIGHTS

SENTENCES = 8
WORDS = 31  # with its full stop a sentence of 32 tokens: 8 of them fill 256


def passages(count: int) -> list[list[str]]:
    """Sentences of common one-token words, each passage its own."""
    words = "server backup key team plan time page user data work call list name file test".split()
    return [
        [
            " ".join(words[(i * 7 + s * 3 + w * (i % 5 + 1)) % len(words)] for w in range(WORDS))
            + "."
            for s in range(SENTENCES)
        ]
        for i in range(count)
    ]


def ours(count: int) -> float:
    from copilot.adapters.embedding.minilm import MiniLmEmbedder

    sentences = passages(count)
    texts = [" ".join(own) for own in sentences]
    embedder = MiniLmEmbedder()
    list(embedder.embed_passages(["word " * 30_000], [[]]))  # a big job brings torch in
    start = time.perf_counter()
    list(embedder.embed_passages(texts, sentences))
    return count / (time.perf_counter() - start)


def default(count: int) -> float:
    from sentence_transformers import SentenceTransformer

    texts = [" ".join(own) for own in passages(count)]
    model = SentenceTransformer(str(TORCH_WEIGHTS.path().parent), local_files_only=True)
    model.encode(texts[:8])
    start = time.perf_counter()
    model.encode(texts)
    return count / (time.perf_counter() - start)


def main() -> None:
    if len(sys.argv) == 3:
        print({"ours": ours, "default": default}[sys.argv[2]](int(sys.argv[1])))
        return
    count = sys.argv[1] if len(sys.argv) == 2 else "128"
    best = {"default": 0.0, "ours": 0.0}
    for _ in range(3):
        for name, fastest in best.items():
            command = [sys.executable, "-m", "tests.bench.embedding_speed", count, name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            best[name] = max(fastest, float(done.stdout.split()[-1]))
    print(f"sentence-transformers, default fp32    {best['default']:7.1f} passages/s")
    print(f"copilot, with the sentences' vectors   {best['ours']:7.1f} passages/s")
    print(f"ratio {best['ours'] / best['default']:.2f} (budget: 3)")


if __name__ == "__main__":
    main()
