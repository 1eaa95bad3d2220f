"""How passages are ranked: their signals made comparable, added, and told apart.

Invariant: a rank depends on the candidates' own signals only, so it can be computed from what
an index returns, and the same candidates always come out in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot.inputs import MEASURED, Retrieval
from copilot.knowledge.terms import content_terms
from copilot.messages import Passage, StoredPassage

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector

# The signals that are added, by the fields of ``Retrieval``. Its weights were chosen on mtrag_un
# dev, stack_errors, textual_faq and doc_anchors together (tests/bench/retrieval.py), in the middle
# of a wide plateau.
_ADDED = ("dense", "support", "lexical", "title")
# Several sentences that are all near say more than one does; how much more, the sharpness sets.
_SUPPORTING = 8
_SHARPNESS = 10.0

# Feedback (Rocchio 1971): towards the best five, away from what all candidates have in common.
# The second undoes hubs, passages that are a little near to everything.
_TOWARDS_BEST = 0.4
_AWAY_FROM_COMMON = 0.3
_BEST = 5
_FEWEST_FOR_FEEDBACK = 20
# About what separates the first hit from the tenth: a current document on the matter comes first.
SUPERSEDED = 1.5


@dataclass(frozen=True, slots=True)
class Signals:
    """What one query says of each candidate; arrays of one length, in one order.

    ``dense``: cosine of the passage; ``sentence``: of its best sentence; ``support``: of its
    best few together, a soft maximum that grows with each; ``lexical``: BM25; ``title``: the
    share of the query's terms that stand in the passage's title or headings.
    """

    dense: Vector
    sentence: Vector
    support: Vector
    lexical: Vector
    title: Vector

    def named(self) -> dict[str, Vector]:
        return {
            "dense": self.dense,
            "sentence": self.sentence,
            "support": self.support,
            "lexical": self.lexical,
            "title": self.title,
        }


def near_sentences(stored: Sequence[StoredPassage], query: Vector) -> tuple[Vector, Vector]:
    """``sentence`` and ``support`` of each passage; one without sentences is its own only one."""
    import numpy as np

    rows = [
        one.vectors.sentences if len(one.vectors.sentences) else one.vectors.passage[np.newaxis]
        for one in stored
    ]
    counts = np.asarray([len(some) for some in rows])
    width = max(int(counts.max()), _SUPPORTING)
    cosines = np.full((len(rows), width), -np.inf, dtype=np.float32)
    cosines[np.arange(width) < counts[:, np.newaxis]] = np.concatenate(rows) @ query
    best: Matrix = np.sort(cosines, axis=1)[:, -_SUPPORTING:]
    support: Vector = np.log(np.exp(_SHARPNESS * best).sum(axis=1)) / np.float32(_SHARPNESS)
    return best[:, -1], support


def lexical_scores(
    ids: Sequence[str], listed: Sequence[tuple[str, float]], *, limit: int
) -> Vector:
    """BM25 of each id. One that isn't ``listed`` has none, or less than the last of a full list."""
    import numpy as np

    known = dict(listed)
    unlisted = listed[-1][1] / 2 if len(listed) >= limit else 0.0
    return np.asarray([known.get(id_, unlisted) for id_ in ids], dtype=np.float32)


def title_shares(passages: Sequence[Passage], query: str) -> Vector:
    """For each passage the share of the query's terms that its title and headings hold."""
    import numpy as np

    wanted = set(content_terms(query))
    shares = [len(wanted & _heading_terms(one.title, one.heading_path)) for one in passages]
    return np.asarray(shares, dtype=np.float32) / np.float32(max(len(wanted), 1))


@lru_cache(maxsize=8192)
def _heading_terms(title: str, heading_path: tuple[str, ...]) -> frozenset[str]:
    return frozenset(content_terms("\n".join((title, *heading_path))))


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


def fused(
    signals: Sequence[Signals], weights: Sequence[float], retrieval: Retrieval = MEASURED
) -> Vector:
    """One score for each candidate: its standardised signals, weighted, over all queries."""
    import numpy as np

    total: Vector = np.zeros_like(signals[0].dense)
    for one, weight in zip(signals, weights, strict=True):
        named = one.named()
        for name in _ADDED:
            share: float = getattr(retrieval, name)
            total = total + np.float32(weight * share) * standardised(named[name])
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


# A page of results shows a record once, a long file at its three best places, a copied text twice.
PAGE = Spread(per_record=1, per_file=3, same_text=2)


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
