"""Why a hit stands where it stands: its scores by part, and the sentence nearest to the question.

Invariant: every score that ranked the hit is told, as it is and as it stands among the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copilot.knowledge.search import SearchResult
from copilot.messages import Hit

PARTS = ("dense", "sentence", "support", "lexical", "title")


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One score. ``above``: how far above the other candidates it stands, in deviations.

    ``own`` says that it is of the question alone, without what was said before.
    """

    name: str
    score: float
    above: float
    own: bool = False


def score_parts(hit: Hit) -> Iterator[ScorePart]:
    """Those of the widest query, then those of the question alone where it was searched, too."""
    for suffix in ("", "_own"):
        for name in PARTS:
            key = name + suffix
            if key in hit.scores:
                yield ScorePart(name, hit.scores[key], hit.scores[f"{key}_standard"], bool(suffix))


def nearest_sentence(hit: Hit, result: SearchResult) -> tuple[int, int]:
    """Where the sentence that is nearest to the question stands in the passage's text."""
    vectors = result.stored[hit.passage.id].vectors
    if not len(vectors.sentence_spans):
        return 0, len(hit.passage.text)
    nearest = int((vectors.sentences @ result.query_vectors[-1]).argmax())
    start, end = vectors.sentence_spans[nearest]
    return start, end
