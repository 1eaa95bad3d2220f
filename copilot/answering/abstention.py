"""Whether the documents hold the answer: signals of a search, and a logistic model over them.

Invariant: the model is data (``abstention.json``: weights, threshold, how they were fitted,
reproduced by ``python -m tests.bench.fit_abstention``); the same signals always give the same
confidence, and better evidence never lowers it where a weight's direction is fixed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from copilot.knowledge.terms import content_terms

if TYPE_CHECKING:
    from copilot.knowledge.search import SearchResult
    from copilot.messages import Passage, StoredPassage, Turn, Vector

# Passages that the signals look at: shares of terms, names and cosines.
LOOKED_AT = 10
# Characters of a question that are searched for names; a pasted log has no end of them.
LONGEST_QUESTION = 4000
# How much cosine the words that a question shares with the best passage stand in for.
SHARED_TERMS = 0.15
_NAME = re.compile(
    r"(?<=[\w,;:] )[A-Z][\w'’-]*[a-z]\w*|\b[A-Z]{2,}\w*\b|\b\w*\d[\w.]*\b|`[^`]+`|\b\w+_\w+\b"
)
# What a question of that form asks for is specific; a topic ("refund policy") is not.
_ASKS = re.compile(r"\b(?:what|how|why|when|where|who|whom|whose|which)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"\W*(?:(?:so|and|but|ok|okay|hi|hello|then|well),? +)*(?:is|are|do|does|did|can|could|should|"
    r"will|would|has|have|was|were|am)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """A passage that was looked at, with the terms of its headings and of each quotable piece."""

    passage: Passage
    headings: frozenset[str]
    pieces: tuple[frozenset[str], ...]

    @property
    def all(self) -> frozenset[str]:
        return self.headings.union(*self.pieces)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question.

    ``passages``: best first. ``weights``: question term -> share of its weight, the turn before
    included. ``unit_scores``: of all units, in any order; ``unit_cosine``: the highest of theirs.
    """

    question: str
    history: Sequence[Turn]
    result: SearchResult
    weights: Mapping[str, float]
    passages: Sequence[PassageTerms]
    unit_scores: Sequence[float]
    unit_cosine: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``confidence``: probability that the documents hold the answer."""

    confidence: float
    abstain: bool


def signals(evidence: Evidence) -> dict[str, float]:
    """The signals by name; cosines in [-1, 1], shares in [0, 1], the others as named.

    ``own`` is the question alone, ``joined`` the question with the turns before it. A lead is
    over the tenth passage; ``standard`` scores count deviations over the candidates. Fused
    scores are left out: they change whenever the ranking does, and added nothing.
    """
    import numpy as np

    result = evidence.result
    found = [
        result.stored[hit.passage.id] for hit in result.hits if hit.passage.id in result.stored
    ]
    vectors = np.asarray(result.query_vectors, dtype=np.float32)
    joined, own = vectors[0], vectors[-1]
    passages = np.stack([stored.vectors.passage for stored in found])
    near, near_joined = (np.sort(passages @ query)[::-1] for query in (own, joined))
    last = min(LOOKED_AT, len(near)) - 1
    terms = _term_signals(evidence)
    return {
        "dense_own_three": float(near[:3].mean()),
        "sentence_own": max(_best_sentence(stored, own) for stored in found),
        "dense_joined_lead": float(near_joined[0] - near_joined[last]),
        "lexical_standard": _highest(result, "lexical_standard"),
        "unit_best": max(evidence.unit_scores, default=0.0),
        "unit_cosine": evidence.unit_cosine,
        "near": evidence.unit_cosine + SHARED_TERMS * terms["terms_joined"],
        **terms,
        "names_missing": _names_missing(evidence),
        "yes_or_no": float(bool(_YES_OR_NO.match(evidence.question))),
        "asks": float(bool(_ASKS.search(evidence.question))),
        "follow_up": float(result.follow_up),
    }


def _best_sentence(stored: StoredPassage, query: Vector) -> float:
    rows = stored.vectors.sentences
    return float((rows @ query).max()) if len(rows) else float(stored.vectors.passage @ query)


def _highest(result: SearchResult, name: str) -> float:
    return max(hit.scores.get(name, 0.0) for hit in result.hits)


def _term_signals(evidence: Evidence) -> dict[str, float]:
    """Shares of the question's term weight: of all of it, and of what the last turn brought in."""
    own = _weights(evidence, content_terms(evidence.question))
    before = {term for turn in evidence.history for term in content_terms(turn.text)}
    new = _weights(evidence, [term for term in own if term not in before]) or own
    held = [passage.all for passage in list(evidence.passages)[:LOOKED_AT]]
    return {
        "terms_first": share(own, held[0]) if held else 0.0,
        "terms_joined": max((share(evidence.weights, terms) for terms in held), default=0.0),
        "terms_new": max((share(new, terms) for terms in held), default=0.0),
    }


def share(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """The share of the question's term weight that is found."""
    return sum(weight for term, weight in weights.items() if term in found)


def _weights(evidence: Evidence, terms: Sequence[str]) -> dict[str, float]:
    known = evidence.result.term_weights
    heaviest = max(known.values(), default=1.0)
    raw = {term: known.get(term, heaviest) for term in terms}
    total = sum(raw.values())
    return {term: weight / total for term, weight in raw.items()} if total > 0 else {}


def _names_missing(evidence: Evidence) -> float:
    """The share of names, numbers and identifiers in the question that the best five lack."""
    names = {
        match.group().strip("`").casefold()
        for match in _NAME.finditer(evidence.question[:LONGEST_QUESTION])
    }
    if not names:
        return 0.0
    text = "\n".join(
        "\n".join((p.title, *p.heading_path, p.text))
        for p in (seen.passage for seen in list(evidence.passages)[:5])
    ).casefold()
    return sum(name not in text for name in names) / len(names)


def stands_alone(found: Mapping[str, float]) -> bool:
    """Whether the signals are of a question that asks something and has no turns before it.

    A bare topic ("refund policy") asks nothing in particular: what is nearest is worth showing.
    """
    return found.get("follow_up") == 0.0 and bool(found.get("asks") or found.get("yes_or_no"))


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model: for each signal its mean, scale and weight; ``threshold`` on confidence.

    ``floors``: a signal below its floor means that nothing found is about the question at all,
    whatever the others say. ``alone``: judges the questions that stand alone, in its place.
    """

    intercept: float
    threshold: float
    signals: Mapping[str, tuple[float, float, float]]
    floors: Mapping[str, float] = field(default_factory=dict)
    alone: Model | None = None

    def confidence(self, found: Mapping[str, float]) -> float:
        """Probability that the documents hold the answer; a missing signal counts as its mean.

        Below a floor it is at most half the threshold.
        """
        if self.alone is not None and stands_alone(found):
            return self.alone.confidence(found)
        total = self.intercept
        for name, (mean, scale, weight) in self.signals.items():
            value = found.get(name, mean)
            total += weight * max(-3.0, min(3.0, (value - mean) / scale))
        likely = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
        if any(found.get(name, floor) < floor for name, floor in self.floors.items()):
            return min(likely, self.threshold / 2)
        return likely


@cache
def fitted() -> Model:
    """The model that ships."""
    data = json.loads(files("copilot.answering").joinpath("abstention.json").read_text("utf-8"))
    general, alone = (
        Model(
            intercept=float(part["intercept"]),
            threshold=float(data["threshold"]),
            signals={
                name: (float(row["mean"]), float(row["scale"]), float(row["weight"]))
                for name, row in part["signals"].items()
            },
            floors={name: float(floor) for name, floor in data["floors"].items()},
        )
        for part in (data, data["alone"])
    )
    return replace(general, alone=alone)


def judge(
    found: Mapping[str, float], *, abstain_below: float | None = None, model: Model | None = None
) -> Verdict:
    """Decide. ``abstain_below`` overrides the calibrated threshold."""
    chosen = model or fitted()
    confidence = chosen.confidence(found)
    threshold = chosen.threshold if abstain_below is None else abstain_below
    return Verdict(confidence, confidence < threshold)


def missing_terms(evidence: Evidence, *, most: int = 3) -> tuple[str, ...]:
    """Words of the question that stand in none of the passages looked at, heaviest first."""
    everything = frozenset[str]().union(*(passage.all for passage in evidence.passages))
    weights = _weights(evidence, content_terms(evidence.question))
    absent = sorted(
        (term for term in weights if term not in everything), key=lambda term: -weights[term]
    )
    words = re.findall(r"\w[\w'’.\-]*\w|\w", evidence.question)
    named: list[str] = []
    for term in absent:
        named += [word for word in words if term in content_terms(word) and word not in named][:1]
    return tuple(named[:most])
