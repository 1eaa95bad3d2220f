"""Any sentence-transformers model, from a folder or from what is already downloaded.

Invariant: it never reaches the network: a model that isn't on this machine is an error that
names the command which fetches it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.embedding.pooling import each_on_its_own
from copilot.adapters.embedding.torch_encoder import wait_politely
from copilot.errors import ModelError
from copilot.messages import EmbedderIdentity

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from copilot.messages import Matrix, Vector

_BATCH = 16
_WINDOW = 128
_SAMPLE = 1 << 20


class SentenceTransformerEmbedder:
    """ports.Embedder over a SentenceTransformer. Sentences are encoded on their own.

    Uses the model's own query and document prompts where it has them. The identity needs the
    model loaded, which happens on first use.
    """

    def __init__(self, model: str, *, threads: int = 0) -> None:
        self._name = model
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: SentenceTransformer | None = None
        self._identity: EmbedderIdentity | None = None

    @property
    def identity(self) -> EmbedderIdentity:
        if self._identity is None:
            model = self._model()
            self._identity = EmbedderIdentity(
                self._name,
                _fingerprint(self._name, model),
                int(model.get_embedding_dimension() or 0),
                int(model.max_seq_length or 0),
            )
        return self._identity

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimension), float32, unit length."""
        return self._rows(self._model().encode_query, texts)

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """Each text's vector and one row for each of its sentences, in input order."""
        encode = self._model().encode_document
        return each_on_its_own(
            texts, sentences, lambda some: self._rows(encode, some), window=_WINDOW
        )

    def _rows(self, encode: object, texts: Sequence[str]) -> Matrix:
        import numpy as np

        if not texts:
            empty: Matrix = np.zeros((0, self.identity.dimension), dtype=np.float32)
            return empty
        assert callable(encode)
        rows = encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        made: Matrix = np.ascontiguousarray(rows, dtype=np.float32)
        return made

    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._name, self._threads)
            return self._loaded


def _load(name: str, threads: int) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    wait_politely()
    import torch
    from sentence_transformers import SentenceTransformer

    if threads:
        torch.set_num_threads(threads)
    try:
        return SentenceTransformer(str(Path(name).expanduser()), local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        remedy = (
            "check embedding.model" if Path(name).expanduser().exists() else f"hf download {name}"
        )
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"embedding model {name!r} can't be loaded: {reason}", hint=remedy
        ) from error


def _fingerprint(name: str, model: SentenceTransformer) -> str:
    """SHA-256 over the weights' shapes, types and a megabyte of each tensor's values."""
    import torch

    digest = hashlib.sha256(name.encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        raw = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
        digest.update(raw[:_SAMPLE].numpy().tobytes())
    return digest.hexdigest()
