"""An embedder that makes few vectors twice: passages' lie on the disk, the last queries' in memory.

Invariant: a vector is what the embedder itself made of that text; a file that can't be read counts
as none, and no query's is ever in one.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.config.paths import ensure
from copilot.errors import ConfigError
from copilot.messages import EmbedderIdentity
from copilot.ports import Embedder

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

_MOST_QUERIES = 1_000


class KeptEmbedder:
    """ports.Embedder over another one. ``folder``: where passages' vectors are kept.

    For the same few passages again and again: each list of them has a file of its own.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._folder = folder
        self._lock = threading.Lock()
        self._queries: OrderedDict[str, Vector] = OrderedDict()

    @property
    def identity(self) -> EmbedderIdentity:
        return self._embedder.identity

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Those that were asked lately from memory: mails of one kind begin alike."""
        import numpy as np

        with self._lock:
            known = {text: self._queries[text] for text in texts if text in self._queries}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing or not texts:
            known |= zip(missing, self._embedder.embed_queries(missing), strict=True)
        with self._lock:
            for text in missing:
                self._queries[text] = known[text]
            for text in known:
                if text in self._queries:
                    self._queries.move_to_end(text)
            while len(self._queries) > _MOST_QUERIES:
                self._queries.popitem(last=False)
        rows: Matrix = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number] = known[text]
        return rows

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """From the disk where the same texts were embedded before, as wholes alone."""
        import numpy as np

        if any(sentences):
            yield from self._embedder.embed_passages(texts, sentences)
            return
        none: Matrix = np.zeros((0, self.identity.dimension), dtype=np.float32)
        path = self._folder / f"{_digest(self.identity, texts)}.npy"
        rows = _read(path, (len(texts), self.identity.dimension))
        if rows is None:
            made = [vector for vector, _ in self._embedder.embed_passages(texts, sentences)]
            rows = np.stack(made) if made else none
            _write(path, rows)
        for row in rows:
            yield row, none


def _digest(identity: EmbedderIdentity, texts: Sequence[str]) -> str:
    told = "\0".join([repr(identity), *texts])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path, shape: tuple[int, int]) -> Matrix | None:
    import numpy as np

    try:
        rows: Matrix = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return rows if rows.shape == shape and rows.dtype == np.float32 else None


def _write(path: Path, rows: Matrix) -> None:
    """A cache that can't be written costs the time again, nothing else."""
    import numpy as np

    draft = path.with_name(f"{path.stem}.{os.getpid()}.npy")
    with suppress(OSError, ConfigError):
        ensure(path.parent)
        np.save(draft, rows)
        draft.replace(path)
