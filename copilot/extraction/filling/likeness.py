"""Which labelled sentence is nearest in meaning, where no phrase tells an enumeration's value.

Invariant: a value is given only if its nearest example is near, and nearer than any other value's
by a margin; the examples are embedded once, with the first text that needs them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.ports import Embedder

if TYPE_CHECKING:
    from copilot.messages import Matrix

NEAR = 0.36
APART = 0.06
FAR_APART = 0.15
MOST_SENTENCES = 2
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Nearest:
    """The value of the nearest example, which of the sentences it was, and how near."""

    value: str
    sentence: int
    likeness: float


class Examples:
    """Labelled sentences, compared by meaning. ``pairs``: a value and a sentence that means it.

    ``apart``: by how much the nearest value must be nearer than any other.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]],
        embedder: Callable[[], Embedder],
        *,
        apart: float = APART,
    ) -> None:
        self._embedder = embedder
        self._values = [value for value, _ in pairs]
        self._texts = [text for _, text in pairs]
        self._apart = apart
        self._rows: Matrix | None = None

    @staticmethod
    def of_file(path: Path, embedder: Callable[[], Embedder]) -> Examples:
        """Those of a file: a table a value, in it a list of sentences a language."""
        told = tomllib.loads(path.read_text("utf-8"))
        return Examples(
            [
                (value, text)
                for value, table in told.items()
                for listed in table.values()
                for text in listed
            ],
            embedder,
        )

    def nearest(self, sentences: Sequence[str], allowed: Collection[str]) -> Nearest | None:
        """The value that one of these sentences is nearest to; None if none is near and apart."""
        if not sentences:
            return None
        values, likeness = self._likeness(sentences, allowed)
        return self._told(values, likeness.max(axis=0), likeness.argmax(axis=0))

    def last(self, sentences: Sequence[str], allowed: Collection[str]) -> Nearest | None:
        """The value of the last of these sentences that is near to one and apart from others."""
        if not sentences:
            return None
        values, likeness = self._likeness(sentences, allowed)
        for number in range(len(sentences) - 1, -1, -1):
            told = self._told(values, likeness[number], [number] * len(values))
            if told is not None:
                return told
        return None

    def _told(
        self, values: Sequence[str], near: Matrix, sentences: Sequence[int] | Matrix
    ) -> Nearest | None:
        """The nearest of the values. ``near``, ``sentences``: of each value, how near and where."""
        ranked = sorted(range(len(values)), key=lambda column: -float(near[column]))
        if not ranked or near[ranked[0]] < NEAR:
            return None
        if len(ranked) > 1 and near[ranked[0]] - near[ranked[1]] < self._apart:
            return None
        return Nearest(values[ranked[0]], int(sentences[ranked[0]]), float(near[ranked[0]]))

    def _likeness(
        self, sentences: Sequence[str], allowed: Collection[str]
    ) -> tuple[list[str], Matrix]:
        """The allowed values, and how near each sentence (a row) is to each of them (a column)."""
        import numpy as np

        embedder = self._embedder()
        if self._rows is None:
            passages = embedder.embed_passages(self._texts, [()] * len(self._texts))
            self._rows = np.stack([vector for vector, _ in passages])
        asked = embedder.embed_queries([text[:_LONGEST] for text in sentences])
        likeness = np.asarray(asked @ self._rows.T)
        values = [value for value in dict.fromkeys(self._values) if value in allowed]
        columns = [
            likeness[:, [at for at, one in enumerate(self._values) if one == value]].max(axis=1)
            for value in values
        ]
        return values, np.stack(columns, axis=1) if columns else likeness[:, :0]
