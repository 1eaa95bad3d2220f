"""The bundled model in ONNX Runtime: ready in a third of a second, for questions and small jobs.

Invariant: the tokenizer's own padding to 128 tokens is off, and padding is masked out, so a
text's states don't depend on the texts beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.embedding.pooling import TokenStates
from copilot.adapters.embedding.weights import MAX_TOKENS, ONNX_MODEL, TOKENIZER
from copilot.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding

# The graph widens its int8 weights to float on the way: larger batches cost memory, not time.
_BATCH = 4
# A question beside a long text would be computed at the long one's length.
_PADDING = 1.5


class BundledTokenizer:
    """The model's tokenizer, cut at 256 tokens, never padding."""

    def __init__(self, stamps: Path | None = None) -> None:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(TOKENIZER.verified(stamps)))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Ids and character offsets of each text, with the two special tokens."""
        return self._tokenizer.encode_batch(list(texts))


class OnnxEncoder:
    """pooling.Encoder on ONNX Runtime. ``threads`` 0 takes all."""

    def __init__(self, *, threads: int = 0, stamps: Path | None = None) -> None:
        self._session = _session(ONNX_MODEL.verified(stamps), threads)
        self._tokenizer = BundledTokenizer(stamps)

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenStates]]:
        """The place of each text and its states, shortest first."""
        import numpy as np

        encodings = self._tokenizer.encode(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for batch in _batches(order, [len(encoding.ids) for encoding in encodings]):
            width = max(len(encodings[i].ids) for i in batch)
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                own = encodings[i].ids
                ids[row, : len(own)] = own
                mask[row, : len(own)] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = self._session.run(None, feed)[0]
            for row, i in enumerate(batch):
                length = len(encodings[i].ids)
                yield i, TokenStates(states[row, :length], tuple(encodings[i].offsets))


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """``order`` is by length; texts share a batch only where padding is a small part of it."""
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) == _BATCH or lengths[i] > _PADDING * lengths[batch[0]]):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _session(model: Path, threads: int) -> InferenceSession:
    # Importing it is enough for it to make an id of this machine, outside our home, and to gather
    # what it would send to its makers.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Threads that spin while they wait starve every other process, and are starved in turn.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as error:
        # ONNX Runtime's own exceptions derive from these two.
        raise ModelError(f"ONNX Runtime can't load {model}: {error}") from error
