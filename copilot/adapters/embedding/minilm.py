"""The default embedder: one model, two engines, chosen by the size of the job.

Invariant: all its vectors belong to one space, whichever engine made them; torch is imported
only for a job that repays the seconds it takes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.embedding.onnx_encoder import OnnxEncoder
from copilot.adapters.embedding.pooling import (
    Encoder,
    find_sentences,
    mean_vector,
    span_vector,
)
from copilot.adapters.embedding.weights import DIMENSION, MAX_TOKENS, MODEL_NAME, WEIGHTS_SHA
from copilot.messages import EmbedderIdentity

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

# About where importing torch (5 s) has paid for itself on two cores.
_SMALL_JOB_CHARACTERS = 120_000
# Texts encoded between two yields: long enough to sort by length, short enough to stay small.
_WINDOW = 256


class MiniLmEmbedder:
    """ports.Embedder over the bundled all-MiniLM-L6-v2. Safe to share between threads.

    ``stamps``: see ``WeightFile.verified``. ``threads`` 0 takes all cores.
    """

    def __init__(self, *, threads: int = 0, stamps: Path | None = None) -> None:
        self._threads = threads
        self._stamps = stamps
        self._lock = threading.Lock()
        self._small: OnnxEncoder | None = None
        self._bulk: Encoder | None = None

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(MODEL_NAME, WEIGHTS_SHA, DIMENSION, MAX_TOKENS)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), 384), float32, unit length."""
        import numpy as np

        rows: Matrix = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for i, tokens in self._small_engine().encode(texts):
            rows[i] = mean_vector(tokens)
        return rows

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """Each text's vector and one row for each of its sentences, in input order."""
        engine = self._engine_for(sum(len(text) for text in texts))
        for begin in range(0, len(texts), _WINDOW):
            window = slice(begin, begin + _WINDOW)
            yield from _embed_window(engine, texts[window], sentences[window])

    def _small_engine(self) -> OnnxEncoder:
        with self._lock:
            if self._small is None:
                self._small = OnnxEncoder(threads=self._threads, stamps=self._stamps)
            return self._small

    def _engine_for(self, characters: int) -> Encoder:
        if self._bulk is None and characters < _SMALL_JOB_CHARACTERS:
            return self._small_engine()
        with self._lock:
            if self._bulk is None:
                from copilot.adapters.embedding.torch_encoder import TorchEncoder

                self._bulk = TorchEncoder(threads=self._threads, stamps=self._stamps)
            return self._bulk


def _embed_window(
    engine: Encoder, texts: Sequence[str], sentences: Sequence[Sequence[str]]
) -> Iterator[tuple[Vector, Matrix]]:
    import numpy as np

    vectors: Matrix = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    rows: list[Matrix] = [np.zeros((len(own), DIMENSION), dtype=np.float32) for own in sentences]
    missing: list[tuple[int, int]] = []
    for i, tokens in engine.encode(texts):
        vectors[i] = mean_vector(tokens)
        for j, span in enumerate(find_sentences(texts[i], sentences[i])):
            vector = span_vector(tokens, span) if span else None
            if vector is None:
                missing.append((i, j))
            else:
                rows[i][j] = vector
    for k, tokens in engine.encode([sentences[i][j] for i, j in missing]):
        i, j = missing[k]
        rows[i][j] = mean_vector(tokens)
    yield from zip(vectors, rows, strict=True)
