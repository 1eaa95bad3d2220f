"""Embeddings of an API, through litellm.

Invariant: rows come back in input order and at unit length, whatever the provider sends, and
every failure is a ModelError of copilot's own; each request, also
a failed one, is told to ``copilot.metering``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from copilot import metering
from copilot.adapters.embedding.pooling import each_on_its_own, unit
from copilot.adapters.models.failures import provider, translate
from copilot.adapters.models.loading import load_litellm
from copilot.adapters.models.pricing import Priced, cost_microusd
from copilot.errors import ModelError, ModelRequestError
from copilot.events import ModelAttempt
from copilot.messages import EmbedderIdentity, Usage

if TYPE_CHECKING:
    from copilot.config.models import ModelPrice
    from copilot.messages import Matrix, Vector
    from copilot.spending import Hold, Purse

_BATCH = 64
_TIMEOUT_S = 60.0
_ASSUMED_TOKENS = 512
_CHARACTERS_A_TOKEN = 4  # about, in English


class LiteLLMEmbedder:
    """ports.Embedder over an embedding API; sentences are sent besides their passages.

    ``model``: litellm's name, ``PROVIDER/MODEL``. The identity needs one call, since only an
    answer tells the dimension; an API tells nothing of its weights, so they are named by the model.
    """

    def __init__(
        self,
        model: str,
        *,
        key_for: Callable[[str], str | None] | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        purse: Purse | None = None,
    ) -> None:
        self._model = model
        self._key_for = key_for
        self._prices = prices or {}
        self._purse = purse
        self._lock = threading.Lock()
        self._identity: EmbedderIdentity | None = None

    @property
    def identity(self) -> EmbedderIdentity:
        with self._lock:
            if self._identity is None:
                dimension = self._call(["dimension"]).shape[1]
                self._identity = EmbedderIdentity(
                    f"litellm:{self._model}", f"api:{self._model}", dimension, _ASSUMED_TOKENS
                )
            return self._identity

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimension), float32, unit length."""
        import numpy as np

        if not texts:
            empty: Matrix = np.zeros((0, self.identity.dimension), dtype=np.float32)
            return empty
        parts = [self._call(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        rows: Matrix = np.concatenate(parts)
        return rows

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """Each text's vector and one row for each of its sentences, in input order."""
        return each_on_its_own(texts, sentences, self.embed_queries, window=_BATCH)

    def _call(self, texts: Sequence[str]) -> Matrix:
        import numpy as np

        litellm = load_litellm()
        import openai

        key = self._key_for(provider(self._model)) if self._key_for else None
        hold = self._hold(litellm, texts)
        began = time.monotonic()
        try:
            response = litellm.embedding(
                model=self._model,
                # Providers refuse an empty string.
                input=[text or " " for text in texts],
                api_key=key,
                timeout=_TIMEOUT_S,
                max_retries=0,
            )
        except (openai.OpenAIError, OSError, ValueError, ImportError) as error:
            failure = translate(error, model=self._model, key=key, started=False)
            self._settle(hold, None)
            self._tell(began, failure=failure)
            raise failure from error
        usage = self._usage(litellm, response, texts)
        self._settle(hold, usage)
        self._tell(began, usage=usage)
        data = sorted(response.data, key=lambda row: int(row["index"]))
        if len(data) != len(texts):
            raise ModelRequestError(
                f"{self._model}: {len(data)} vectors came back for {len(texts)} texts"
            )
        return unit(np.asarray([row["embedding"] for row in data], dtype=np.float32))

    def _hold(self, litellm: ModuleType, texts: Sequence[str]) -> Hold | None:
        """The most that it may cost: our count, and a quarter more, for tokenizers differ."""
        if self._purse is None:
            return None
        counted = sum(litellm.token_counter(self._model, text=text or " ") for text in texts)
        read = counted + counted // 4 + len(texts)
        call = Priced(self._model, provider(self._model), "", None, read, 0)
        cost = cost_microusd(call, self._prices, litellm=litellm)
        most = Usage(self._model, read, 0, cost, estimated=True)
        return self._purse.hold(most, within_s=_TIMEOUT_S)

    def _settle(self, hold: Hold | None, usage: Usage | None) -> None:
        if self._purse is not None and hold is not None:
            self._purse.settle(hold, usage)

    def _usage(self, litellm: ModuleType, response: Any, texts: Sequence[str]) -> Usage:
        """What the provider counted; where it counts nothing, about what it must have read."""
        counted = getattr(response, "usage", None)
        read = int(getattr(counted, "prompt_tokens", 0) or 0)
        estimated = not read
        if estimated:
            read = sum(1 + len(text) // _CHARACTERS_A_TOKEN for text in texts)
        call = Priced(self._model, provider(self._model), "", counted, read, 0)
        cost = cost_microusd(call, self._prices, litellm=litellm)
        return Usage(self._model, read, 0, cost, estimated=estimated)

    def _tell(
        self, began: float, *, usage: Usage | None = None, failure: ModelError | None = None
    ) -> None:
        metering.requested(
            ModelAttempt(
                model=self._model,
                outcome="ok" if failure is None else "failed",
                error="" if failure is None else f"{type(failure).__name__}: {failure.message}",
                usage=usage,
                latency_ms=(time.monotonic() - began) * 1000,
                operation="embeddings",
            )
        )
