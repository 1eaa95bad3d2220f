"""An embedder for tests: hashed words, no weights, a thousand texts in milliseconds.

Invariant: the same text has the same vector in every process and on every machine, and
texts that share words have a higher cosine than texts that don't.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot.knowledge.terms import is_content, terms
from copilot.messages import EmbedderIdentity

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

_BUCKETS_PER_TERM = 4


@lru_cache(maxsize=65_536)
def _buckets(term: str, dimension: int) -> tuple[tuple[int, float], ...]:
    digest = hashlib.blake2b(term.encode(), digest_size=4 * _BUCKETS_PER_TERM).digest()
    found = []
    for i in range(_BUCKETS_PER_TERM):
        number = int.from_bytes(digest[4 * i : 4 * i + 4], "little")
        found.append((number % dimension, 1.0 if number >> 31 else -1.0))
    return tuple(found)


class HashEmbedder:
    """ports.Embedder over hashed terms. ``name`` changes the identity, not the vectors."""

    def __init__(self, dimension: int = 384, *, name: str = "hash") -> None:
        self._identity = EmbedderIdentity(name, f"blake2b-{dimension}", dimension, 256)

    @property
    def identity(self) -> EmbedderIdentity:
        return self._identity

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimension), float32, unit length."""
        import numpy as np

        dimension = self._identity.dimension
        rows = np.zeros((len(texts), dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                weight = 1.0 if is_content(term) else 0.1
                for bucket, sign in _buckets(term, dimension):
                    row[bucket] += sign * weight
            if not row.any():
                row[0] = 1.0
        lengths: Matrix = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / lengths

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """Each text's vector with one row for each of its sentences, in input order."""
        for text, own in zip(texts, sentences, strict=True):
            yield self.embed_queries([text])[0], self.embed_queries(own)
