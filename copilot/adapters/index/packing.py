"""Packs the sentence vectors of a passage into bytes, and back.

Eight bits a component with one scale a vector: a quarter of float32, and the cosine of
unit vectors moves by less than 0.005. Invariant: ``unpack(pack(x))`` has ``x``'s shape, and
its rows are unit length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.messages import Matrix

Spans = tuple[tuple[int, int], ...]


def pack(sentences: Matrix) -> bytes:
    """Shape (n, dim), unit rows, as n float32 scales and n * dim int8."""
    import numpy as np

    if not len(sentences):
        return b""
    rows = np.asarray(sentences, dtype=np.float32)
    scales = np.abs(rows).max(axis=1)
    scales[scales == 0] = 1.0
    scales /= 127.0
    whole = np.rint(rows / scales[:, None]).astype(np.int8)
    packed: bytes = scales.tobytes() + whole.tobytes()
    return packed


def unpack(data: bytes, dimension: int) -> Matrix:
    """The matrix that ``pack`` took, to within its rounding; shape (n, dimension), float32."""
    import numpy as np

    count = len(data) // (4 + dimension)
    scales = np.frombuffer(data, dtype=np.float32, count=count)
    whole = np.frombuffer(data, dtype=np.int8, offset=4 * count).reshape(count, dimension)
    rows: Matrix = whole * scales[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    lengths[lengths == 0] = 1.0
    rows /= lengths[:, None]
    return rows


def pack_spans(spans: Spans) -> bytes:
    import numpy as np

    packed: bytes = np.asarray(spans, dtype=np.int32).tobytes()
    return packed


def unpack_spans(data: bytes) -> Spans:
    import numpy as np

    numbers = np.frombuffer(data, dtype=np.int32).tolist()
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
