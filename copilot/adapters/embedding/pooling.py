"""From a text's token states to its vector and to those of its sentences.

Invariant: every vector is the unit-length mean of the token states that it covers, so a
passage and its sentences come from one pass of the model and are comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector


@dataclass(frozen=True, slots=True)
class TokenStates:
    """What the model made of one text. ``states``: (tokens, dim); ``offsets``: characters."""

    states: Matrix
    offsets: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """A model that gives token states; texts are cut at its longest input."""

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, TokenStates]]:
        """The place of each text in ``texts`` and its states, in whatever order is quickest.

        States are large: use each before asking for the next.
        """
        ...


def each_on_its_own(
    texts: Sequence[str],
    sentences: Sequence[Sequence[str]],
    embed: Callable[[Sequence[str]], Matrix],
    *,
    window: int,
) -> Iterator[tuple[Vector, Matrix]]:
    """Each text's vector and a row for each of its sentences, for models that give no states.

    ``embed``: a unit-length row for each text; it gets a ``window`` of texts at a time.
    """
    for begin in range(0, len(texts), window):
        groups = sentences[begin : begin + window]
        own = embed(texts[begin : begin + window])
        flat = embed([one for group in groups for one in group])
        row = 0
        for vector, group in zip(own, groups, strict=True):
            yield vector, flat[row : row + len(group)]
            row += len(group)


def unit(matrix: Matrix) -> Matrix:
    """Rows scaled to length 1; a row of zeros stays zero."""
    import numpy as np

    lengths = np.linalg.norm(matrix, axis=-1, keepdims=True)
    scaled: Matrix = (matrix / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def mean_vector(tokens: TokenStates) -> Vector:
    """The text's vector: the mean over all its tokens, the two special ones included."""
    return unit(tokens.states.mean(axis=0))


def find_sentences(text: str, sentences: Sequence[str]) -> list[tuple[int, int] | None]:
    """Where each sentence stands in the text, searched in order; None where it doesn't."""
    found: list[tuple[int, int] | None] = []
    cursor = 0
    for sentence in sentences:
        wanted = sentence.strip()
        start = text.find(wanted, cursor) if wanted else -1
        if start < 0 and wanted:
            start = text.find(wanted)
        if start < 0:
            found.append(None)
            continue
        cursor = start + len(wanted)
        found.append((start, cursor))
    return found


def span_vector(tokens: TokenStates, span: tuple[int, int]) -> Vector | None:
    """The mean over the tokens inside ``span``; None when the text was cut before its end."""
    start, end = span
    inside = [i for i, (a, b) in enumerate(tokens.offsets) if a < b and a >= start and b <= end]
    covered = max((b for a, b in tokens.offsets if a < b), default=0)
    if not inside or covered < end:
        return None
    return unit(tokens.states[inside].mean(axis=0))
