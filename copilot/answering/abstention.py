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
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from copilot.knowledge.terms import content_terms

if TYPE_CHECKING:
    from copilot.knowledge.search import SearchResult
    from copilot.messages import Passage, Turn, Vector

# Passages that the signals look at: shares of terms, names and cosines.
LOOKED_AT = 10
_NAME = re.compile(
    r"(?<=[\w,;:] )[A-Z][\w'’-]*[a-z]\w*|\b[A-Z]{2,}\w*\b|\b\w*\d[\w.]*\b|`[^`]+`|\b\w+_\w+\b"
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
    included. ``unit_scores`` fall; ``said`` is the text that would be quoted; ``kinds`` how many
    kinds of answer the question asks for, ``fits`` the share of them that ``said`` holds.
    """

    question: str
    history: Sequence[Turn]
    result: SearchResult
    weights: Mapping[str, float]
    passages: Sequence[PassageTerms]
    unit_scores: Sequence[float]
    said: str
    kinds: int
    fits: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``confidence``: probability that the documents hold the answer."""

    confidence: float
    abstain: bool


def signals(evidence: Evidence) -> dict[str, float]:
    """The signals by name; cosines in [-1, 1], shares in [0, 1], the others as named."""
    import numpy as np

    result = evidence.result
    stored = [
        result.stored[hit.passage.id] for hit in result.hits if hit.passage.id in result.stored
    ]
    vectors = np.asarray(result.query_vectors, dtype=np.float32)
    joined, own = vectors[0], vectors[-1]
    passages = np.stack([item.vectors.passage for item in stored])
    best_sentences = [
        item.vectors.sentences if len(item.vectors.sentences) else item.vectors.passage[None, :]
        for item in stored
    ]
    found: dict[str, float] = {}
    for name, query in (("joined", joined), ("own", own)):
        dense = passages @ query
        sentence = np.array([float((rows @ query).max()) for rows in best_sentences])
        found |= _cosine_signals(name, dense, sentence)
    found |= _term_signals(evidence)
    found |= _score_signals(evidence)
    return found


def _cosine_signals(name: str, dense: Vector, sentence: Vector) -> dict[str, float]:
    import numpy as np

    found: dict[str, float] = {}
    for kind, values in (("dense", dense), ("sentence", sentence)):
        falling = np.sort(values)[::-1]
        tenth = falling[min(LOOKED_AT, len(falling)) - 1]
        found[f"{kind}_{name}"] = float(falling[0])
        found[f"{kind}_{name}_lead"] = float(falling[0] - tenth)
        found[f"{kind}_{name}_three"] = float(falling[:3].mean())
    agree = set(np.argsort(-dense)[:5].tolist()) & set(np.argsort(-sentence)[:5].tolist())
    found[f"agreement_{name}"] = len(agree) / max(1, min(5, len(dense)))
    return found


def _term_signals(evidence: Evidence) -> dict[str, float]:
    """Shares of the question's term weight: of all of it, and of what the last turn brought in."""
    own = _weights(evidence, content_terms(evidence.question))
    before = {term for turn in evidence.history for term in content_terms(turn.text)}
    new = _weights(evidence, [term for term in own if term not in before]) or own
    seen = list(evidence.passages)[:LOOKED_AT]
    per_passage = [passage.all for passage in seen]
    pieces = [piece | passage.headings for passage in seen for piece in passage.pieces]
    bare = [piece for passage in seen for piece in passage.pieces]
    top = frozenset[str]().union(*per_passage[:3])
    everything = frozenset[str]().union(*per_passage)
    missing = [weight for term, weight in own.items() if term not in everything]
    said = frozenset(content_terms(evidence.said))
    return {
        "terms_passage": max((share(own, p) for p in per_passage), default=0.0),
        "terms_first": share(own, per_passage[0]) if per_passage else 0.0,
        "terms_three": share(own, top),
        "terms_ten": share(own, everything),
        "terms_piece": max((share(own, p) for p in bare), default=0.0),
        "terms_piece_headed": max((share(own, p) for p in pieces), default=0.0),
        "terms_said": share(own, said),
        "terms_joined": max((share(evidence.weights, p) for p in per_passage), default=0.0),
        "new_passage": max((share(new, p) for p in per_passage), default=0.0),
        "new_piece": max((share(new, p) for p in bare), default=0.0),
        "new_said": share(new, said),
        "rarest_missing": max(missing, default=0.0),
        "names_missing": _names_missing(evidence),
        "content_words": math.log1p(len(own)),
        "new_words": math.log1p(len(new)) if new is not own else 0.0,
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
    names = {match.group().strip("`").casefold() for match in _NAME.finditer(evidence.question)}
    if not names:
        return 0.0
    text = "\n".join(
        "\n".join((p.title, *p.heading_path, p.text))
        for p in (seen.passage for seen in list(evidence.passages)[:5])
    ).casefold()
    return sum(name not in text for name in names) / len(names)


def _score_signals(evidence: Evidence) -> dict[str, float]:
    scores = list(evidence.unit_scores) or [0.0]
    fused = [hit.score for hit in evidence.result.hits]
    return {
        "unit_best": scores[0],
        "unit_five": sum(scores[:5]) / len(scores[:5]),
        "unit_lead": scores[0] - scores[min(19, len(scores) - 1)],
        "fused_lead": fused[0] - fused[min(LOOKED_AT, len(fused)) - 1],
        "fits": evidence.fits,
        "kinds": float(evidence.kinds),
        "follow_up": float(evidence.result.follow_up),
        "turns": math.log1p(sum(turn.role == "user" for turn in evidence.history)),
    }


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model: for each signal its mean, scale and weight; ``threshold`` on confidence."""

    intercept: float
    threshold: float
    signals: Mapping[str, tuple[float, float, float]]

    def confidence(self, found: Mapping[str, float]) -> float:
        """Probability that the documents hold the answer; a missing signal counts as its mean."""
        total = self.intercept
        for name, (mean, scale, weight) in self.signals.items():
            value = found.get(name, mean)
            total += weight * max(-3.0, min(3.0, (value - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def fitted() -> Model:
    """The model that ships."""
    data = json.loads(files("copilot.answering").joinpath("abstention.json").read_text("utf-8"))
    return Model(
        intercept=float(data["intercept"]),
        threshold=float(data["threshold"]),
        signals={
            name: (float(row["mean"]), float(row["scale"]), float(row["weight"]))
            for name, row in data["signals"].items()
        },
    )


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
