"""How passages are ranked: three signals made comparable, added, and told apart.

Invariant: a rank depends on the candidates' own signals only, so it can be computed from what
an index returns, and the same candidates always come out in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.messages import Passage, StoredPassage

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

# Weights of the standardised signals, chosen on mtrag_un dev, stack_errors and textual_faq
# together (tests/bench/retrieval.py), in the middle of a wide plateau.
WEIGHTS: Mapping[str, float] = {"dense": 1.0, "sentence": 0.6, "lexical": 0.4}

# Feedback (Rocchio 1971): towards the best five, away from what all candidates have in common.
# The second undoes hubs, passages that are a little near to everything.
_TOWARDS_BEST = 0.25
_AWAY_FROM_COMMON = 0.25
_BEST = 5
_FEWEST_FOR_FEEDBACK = 20
# About what separates the first hit from the tenth: a current document on the matter comes first.
SUPERSEDED = 1.5


@dataclass(frozen=True, slots=True)
class Signals:
    """What one query says of each candidate; arrays of one length, in one order.

    ``dense``: cosine of the passage; ``sentence``: of its best sentence; ``lexical``: BM25.
    """

    dense: Vector
    sentence: Vector
    lexical: Vector

    def named(self) -> dict[str, Vector]:
        return {"dense": self.dense, "sentence": self.sentence, "lexical": self.lexical}


def best_sentences(stored: Sequence[StoredPassage], query: Vector) -> Vector:
    """For each passage the cosine of the sentence nearest to ``query``; its own without any."""
    import numpy as np

    counts = [len(one.vectors.sentences) for one in stored]
    if not any(counts):
        return np.asarray([one.vectors.passage @ query for one in stored], dtype=np.float32)
    rows = np.concatenate([one.vectors.sentences for one in stored if len(one.vectors.sentences)])
    cosines = rows @ query
    found = np.empty(len(stored), dtype=np.float32)
    start = 0
    for i, count in enumerate(counts):
        if count:
            found[i] = cosines[start : start + count].max()
            start += count
        else:
            found[i] = stored[i].vectors.passage @ query
    return found


def lexical_scores(
    ids: Sequence[str], listed: Sequence[tuple[str, float]], *, limit: int
) -> Vector:
    """BM25 of each id. One that isn't ``listed`` has none, or less than the last of a full list."""
    import numpy as np

    known = dict(listed)
    unlisted = listed[-1][1] / 2 if len(listed) >= limit else 0.0
    return np.asarray([known.get(id_, unlisted) for id_ in ids], dtype=np.float32)


def demoted(score: Vector, passages: Sequence[Passage]) -> Vector:
    """``score``, less for passages of superseded documents: what replaced them says it now."""
    import numpy as np

    past = np.asarray([passage.superseded for passage in passages], dtype=np.float32)
    lowered: Vector = score - np.float32(SUPERSEDED) * past
    return lowered


def standardised(values: Vector) -> Vector:
    """Mean 0 and deviation 1 over the candidates; zeros where all are alike."""
    import numpy as np

    spread = float(values.std())
    if spread < 1e-6:
        return np.zeros_like(values)
    scaled: Vector = (values - values.mean()) / spread
    return scaled


def fused(signals: Sequence[Signals], weights: Sequence[float]) -> Vector:
    """One score for each candidate: its standardised signals, weighted, over all queries."""
    import numpy as np

    total: Vector = np.zeros_like(signals[0].dense)
    for one, weight in zip(signals, weights, strict=True):
        for name, values in one.named().items():
            total = total + np.float32(weight * WEIGHTS[name]) * standardised(values)
    scaled: Vector = total / np.float32(sum(weights))
    return scaled


@dataclass(frozen=True, slots=True)
class Feedback:
    """How near each candidate is to the best ones and to their common middle (cosines)."""

    best: Vector
    common: Vector

    @property
    def correction(self) -> Vector:
        """What is added to the fused score."""
        towards: Vector = standardised(self.best) * _TOWARDS_BEST
        away: Vector = standardised(self.common) * _AWAY_FROM_COMMON
        return towards - away


def feedback(score: Vector, vectors: Matrix) -> Feedback | None:
    """Learn from a first ranking. ``vectors``: (n, dim) of the candidates; None for too few."""
    import numpy as np

    if len(score) < _FEWEST_FOR_FEEDBACK:
        return None
    # A stable order: equal scores must not depend on the machine.
    best = vectors[np.argsort(-score, kind="stable")[:_BEST]].mean(axis=0)
    return Feedback(_cosines(vectors, best), _cosines(vectors, vectors.mean(axis=0)))


def _cosines(vectors: Matrix, centre: Vector) -> Vector:
    import numpy as np

    found: Vector = vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-12))
    return found


@dataclass(frozen=True, slots=True)
class Spread:
    """How many hits may come from one record or file, or say the same; 0 is no limit."""

    per_record: int = 0
    per_file: int = 0
    same_text: int = 1


def spread_out(
    order: Sequence[int], passages: Sequence[Passage], *, limit: int, spread: Spread
) -> list[int]:
    """The first ``limit`` of ``order``, passing over what ``spread`` has seen enough of."""
    taken: list[int] = []
    texts: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for i in order:
        passage = passages[i]
        most = spread.per_record if is_record(passage) else spread.per_file
        if most and held[passage.path] >= most:
            continue
        if spread.same_text and texts[passage.content_hash] >= spread.same_text:
            continue
        held[passage.path] += 1
        texts[passage.content_hash] += 1
        taken.append(i)
        if len(taken) == limit:
            break
    return taken


def is_record(passage: Passage) -> bool:
    """Whether the passage's document is one record of a file of many."""
    return passage.locator.kind == "record"
