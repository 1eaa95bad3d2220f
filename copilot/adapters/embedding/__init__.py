"""Embedders: the bundled model, any sentence-transformers model, or an API through litellm.

Invariant: nothing heavy is imported, and no weights are read, before the first vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.config.models import ModelPrice
    from copilot.config.schema import EmbeddingSettings
    from copilot.ports import Embedder
    from copilot.spending import Purse

_BUNDLED = frozenset({"all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", ""})
_API = "litellm:"


def build_embedder(
    settings: EmbeddingSettings,
    *,
    cache: Path | None = None,
    key_for: Callable[[str], str | None] | None = None,
    prices: Mapping[str, ModelPrice] | None = None,
    purse: Purse | None = None,
) -> Embedder:
    """The embedder that ``settings.model`` names. ``key_for`` finds a provider's stored key.

    ``purse`` pays for each request to a provider.
    """
    if settings.model.startswith(_API):
        from copilot.adapters.embedding.litellm_embedder import LiteLLMEmbedder

        model = settings.model.removeprefix(_API)
        return LiteLLMEmbedder(model, key_for=key_for, prices=prices, purse=purse)
    if settings.model in _BUNDLED:
        from copilot.adapters.embedding.minilm import MiniLmEmbedder

        stamps = cache / "verified" if cache else None
        return MiniLmEmbedder(threads=settings.threads, stamps=stamps)
    from copilot.adapters.embedding.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(settings.model, threads=settings.threads)
