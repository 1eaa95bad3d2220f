"""The bundled model in torch, for documents in bulk: bf16 where the CPU computes in it.

Invariant: the same weights as the ONNX file and the same tokens, so vectors of both are
comparable (the parity test holds them to a cosine of 0.995).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.embedding.onnx_encoder import BundledTokenizer
from copilot.adapters.embedding.pooling import TokenStates
from copilot.adapters.embedding.weights import TORCH_WEIGHTS
from copilot.errors import ModelError

if TYPE_CHECKING:
    import torch

# A batch holds this many tokens, padding included: 8 passages of 256, or 60 sentences of 34.
_BATCH_TOKENS = 2048


class TorchEncoder:
    """pooling.Encoder on torch. ``threads`` 0 leaves torch's own choice."""

    def __init__(self, *, threads: int = 0, stamps: Path | None = None) -> None:
        wait_politely()
        import torch

        if threads:
            torch.set_num_threads(threads)
        self._tokenizer = BundledTokenizer(stamps)
        self._model = _load(TORCH_WEIGHTS.verified(stamps).parent, _fastest_dtype())

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenStates]]:
        """The place of each text and its states, shortest first."""
        import torch

        encodings = self._tokenizer.encode(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for batch in _batches(order, [len(encoding.ids) for encoding in encodings]):
            width = max(len(encodings[i].ids) for i in batch)
            ids = torch.zeros((len(batch), width), dtype=torch.long)
            mask = torch.zeros((len(batch), width), dtype=torch.long)
            for row, i in enumerate(batch):
                own = encodings[i].ids
                ids[row, : len(own)] = torch.tensor(own)
                mask[row, : len(own)] = 1
            with torch.inference_mode():
                output = self._model(input_ids=ids, attention_mask=mask)
            states = output.last_hidden_state.float().numpy()
            for row, i in enumerate(batch):
                length = len(encodings[i].ids)
                yield i, TokenStates(states[row, :length], tuple(encodings[i].offsets))


def wait_politely() -> None:
    """Let torch's threads sleep when they wait; to be called before torch is imported.

    By default they spin. Beside any other busy process that made indexing 6 to 20 times slower
    (measured on two cores), and on a quiet machine sleeping costs nothing.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """``order`` is by length: the last of a batch is its longest."""
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) + 1) * lengths[i] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _fastest_dtype() -> torch.dtype:
    """bf16 only where the CPU has instructions for it: emulated, it is slower than fp32."""
    import torch

    has = [
        getattr(torch.cpu, name, lambda: False)()
        for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    ]
    return torch.bfloat16 if any(has) else torch.float32


def _load(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import BertModel
    from transformers.utils import logging as transformers_logging

    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity(logging.ERROR)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: torch.nn.Module = BertModel.from_pretrained(
            str(folder),
            dtype=dtype,
            attn_implementation="sdpa",
            add_pooling_layer=False,
            local_files_only=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"torch can't load the embedding model in {folder}: {error}") from error
    finally:
        transformers_logging.set_verbosity(before)
    return model.eval()
