"""Packs the sentence vectors of a passage into bytes, and back.

Eight bits a component: a quarter of float32, and the cosine of unit vectors moves by less than
0.005. No scale is kept, since the length is known to be one. Invariant: ``unpack([pack(x)])``
has ``x``'s shape and unit rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.messages import Matrix

Spans = tuple[tuple[int, int], ...]


def pack(sentences: Matrix) -> bytes:
    """Shape (n, dim), unit rows, as n * dim int8; the largest component of a row becomes 127."""
    import numpy as np

    if not len(sentences):
        return b""
    rows = np.asarray(sentences, dtype=np.float32)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    largest[largest == 0] = 1.0
    packed: bytes = np.rint(rows * (127.0 / largest)).astype(np.int8).tobytes()
    return packed


def unpack(packed: Sequence[bytes], dimension: int) -> list[Matrix]:
    """The matrices that ``pack`` took, to within its rounding; each (n, dimension), float32."""
    import numpy as np

    whole = np.frombuffer(b"".join(packed), dtype=np.int8).reshape(-1, dimension)
    rows = whole.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    lengths[lengths == 0] = 1.0
    scales = (1.0 / lengths)[:, None]
    made: list[Matrix] = []
    begin = 0
    for data in packed:
        end = begin + len(data) // dimension
        # Not views: one would keep the vectors of all the others in memory.
        made.append(rows[begin:end] * scales[begin:end])
        begin = end
    return made


def pack_spans(spans: Spans) -> bytes:
    import numpy as np

    packed: bytes = np.asarray(spans, dtype=np.int32).tobytes()
    return packed


def unpack_spans(data: bytes) -> Spans:
    import numpy as np

    numbers = np.frombuffer(data, dtype=np.int32).tolist()
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
