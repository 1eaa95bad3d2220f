"""How much each term of a question says, without asking the index for its statistics.

Invariant: weights are at least 0, a stop word weighs nothing, and a term that no passage
holds weighs as much as the rarest that one does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from copilot.knowledge.terms import content_terms
from copilot.messages import Passage

_K1, _B = 1.2, 0.75
_PASSAGES = 48
_PRIOR = 3.0
_PULL = 2.0


def estimated_weights(
    subject: str, listed: Sequence[tuple[str, float]], passages: Mapping[str, Passage]
) -> dict[str, float]:
    """Question term -> about its inverse document frequency in the index.

    BM25 adds up idf(term) x saturated frequency. The scores of the passages that an index
    listed are known, and so are their frequencies: what remains is a small least-squares
    problem, pulled towards a middling weight where the passages say nothing.
    """
    import numpy as np

    wanted = list(dict.fromkeys(content_terms(subject)))
    if not wanted:
        return {}
    seen = [(passages[id_], score) for id_, score in listed if id_ in passages][:_PASSAGES]
    bags = [Counter(content_terms(_searched(passage))) for passage, _ in seen]
    if not bags:
        return dict.fromkeys(wanted, _PRIOR)
    lengths = [bag.total() for bag in bags]
    mean = sum(lengths) / len(lengths) or 1.0
    table = np.array(
        [
            [_saturated(bag[term], length / mean) for term in wanted]
            for bag, length in zip(bags, lengths, strict=True)
        ]
    )
    scores = np.array([score for _, score in seen])
    normal = table.T @ table + _PULL * np.eye(len(wanted))
    weights = np.linalg.solve(normal, table.T @ scores + _PULL * _PRIOR)
    held = [any(bag[term] for bag in bags) for term in wanted]
    top = max((float(w) for w, h in zip(weights, held, strict=True) if h), default=_PRIOR)
    return {
        term: max(0.0, float(weight)) if found else max(top, _PRIOR)
        for term, weight, found in zip(wanted, weights, held, strict=True)
    }


def _searched(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading_path, passage.text))


def _saturated(count: int, relative_length: float) -> float:
    return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * relative_length)) if count else 0.0


class LazyWeights(Mapping[str, float]):
    """``estimated_weights``, computed when first looked at: a plain search never does."""

    def __init__(
        self, subject: str, listed: Sequence[tuple[str, float]], passages: Mapping[str, Passage]
    ) -> None:
        self._given = (subject, listed, passages)
        self._known: dict[str, float] | None = None

    def _weights(self) -> dict[str, float]:
        if self._known is None:
            self._known = estimated_weights(*self._given)
        return self._known

    def __getitem__(self, term: str) -> float:
        return self._weights()[term]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights())

    def __len__(self) -> int:
        return len(self._weights())
