"""Which labelled sentence is nearest in meaning, where no phrase tells an enumeration's value.

Invariant: a value is given only if its nearest example is near, and nearer than any other value's
by a margin; the examples are embedded once, with the first text that needs them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.ports import Embedder

if TYPE_CHECKING:
    from copilot.messages import Matrix

NEAR = 0.36
APART = 0.06
MOST_SENTENCES = 2
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Nearest:
    """The value of the nearest example, which of the sentences it was, and how near."""

    value: str
    sentence: int
    likeness: float


class Examples:
    """The labelled sentences of a file, compared by meaning."""

    def __init__(self, path: Path, embedder: Callable[[], Embedder]) -> None:
        told = tomllib.loads(path.read_text("utf-8"))
        self._embedder = embedder
        self._texts = [
            text for table in told.values() for listed in table.values() for text in listed
        ]
        self._values = [
            value for value, table in told.items() for texts in table.values() for _ in texts
        ]
        self._rows: Matrix | None = None

    def nearest(self, sentences: Sequence[str], allowed: Sequence[str]) -> Nearest | None:
        """The value that these sentences are nearest to; None if none is near and apart."""
        import numpy as np

        if not sentences:
            return None
        embedder = self._embedder()
        if self._rows is None:
            self._rows = embedder.embed_queries(self._texts)
        asked = embedder.embed_queries([text[:_LONGEST] for text in sentences[:MOST_SENTENCES]])
        likeness = np.asarray(asked @ self._rows.T)
        best: dict[str, tuple[float, int]] = {}
        for column, value in enumerate(self._values):
            if value not in allowed:
                continue
            sentence = int(likeness[:, column].argmax())
            near = float(likeness[sentence, column])
            if near > best.get(value, (0.0, 0))[0]:
                best[value] = near, sentence
        ranked = sorted(best.items(), key=lambda one: -one[1][0])
        if not ranked or ranked[0][1][0] < NEAR:
            return None
        if len(ranked) > 1 and ranked[0][1][0] - ranked[1][1][0] < APART:
            return None
        value, (near, sentence) = ranked[0]
        return Nearest(value, sentence, near)
