"""How likely a unit is to answer: features of meaning, terms, form and place, and their weights.

Invariant: a feature is comparable over corpora (cosines, shares, differences to the best hit);
the weights are data (``weights.json``), and say how they were fitted.
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

from copilot.answering.abstention import share
from copilot.answering.quoting.question import AnswerKind, QuestionForm, holds
from copilot.answering.quoting.units import Segmented
from copilot.answering.quoting.values import Unit
from copilot.knowledge.terms import content_terms

if TYPE_CHECKING:
    from copilot.knowledge.search import SearchResult
    from copilot.messages import Vector

FEATURES = (
    "unit_cosine",
    "best_cosine",
    "passage_cosine",
    "passage_lead",
    "rank",
    "terms",
    "terms_with_lead",
    "terms_with_headings",
    "passage_terms",
    "new_words",
    "length",
    "first_block",
    "asks_itself",
    "fits_number",
    "fits_time",
    "fits_person",
    "fits_how_to",
    "fits_definition",
    "fits_reason",
    "fits_place",
    "fits_enumeration",
    "code_for_how_to",
    "list_for_list",
    "is_code",
    "is_item",
    "is_list",
    "is_rows",
)
_ASKS_ITSELF = re.compile(r"\?[\s*_\"')]*\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as scoring needs it.

    ``weights``: term -> share of the question's whole weight (they sum to 1, or it is empty).
    ``vector``: (dim,) the queries' vectors together; ``part_vectors``: one row for each part.
    """

    form: QuestionForm
    weights: Mapping[str, float]
    vector: Vector


def ask(question: str, form: QuestionForm, result: SearchResult) -> Asked:
    """Weigh the question's own terms fully, those of the turn before by a third."""
    import numpy as np

    own = set(content_terms(question))
    raw = {
        term: max(weight, 0.0) * (1.0 if term in own else 0.35)
        for term, weight in result.term_weights.items()
    }
    for term in own - raw.keys():
        raw[term] = max(raw.values(), default=1.0)
    total = sum(raw.values())
    weights = {term: weight / total for term, weight in raw.items()} if total > 0 else {}
    vector = np.asarray(result.query_vectors, dtype=np.float32).mean(axis=0)
    norm = float(np.linalg.norm(vector))
    return Asked(form, weights, vector / norm if norm > 0 else vector)


@dataclass(frozen=True, slots=True)
class PassageView:
    """What scoring knows of one passage before it looks at its units."""

    segmented: Segmented
    rank: int
    lead: float
    cosine: float
    heading_terms: frozenset[str]
    piece_terms: tuple[frozenset[str], ...]
    row_cosines: Vector


def view(segmented: Segmented, asked: Asked, *, rank: int, lead: float) -> PassageView:
    """``lead``: from 0 for the best hit down to -1 for the last one that is looked at."""
    passage = segmented.stored.passage
    vectors = segmented.stored.vectors
    return PassageView(
        segmented=segmented,
        rank=rank,
        lead=lead,
        cosine=float(vectors.passage @ asked.vector),
        heading_terms=frozenset(content_terms(" ".join((passage.title, *passage.heading_path)))),
        piece_terms=tuple(
            frozenset(content_terms(segmented.text(i))) for i in range(len(segmented.pieces))
        ),
        row_cosines=vectors.sentences @ asked.vector,
    )


def features(unit: Unit, seen: PassageView, asked: Asked) -> dict[str, float]:
    """The value of each of ``FEATURES``; most lie in [-1, 1]."""
    seg = seen.segmented
    core_terms = frozenset[str]().union(*(seen.piece_terms[i] for i in unit.core))
    lead_terms = core_terms.union(*(seen.piece_terms[i] for i in unit.lead))
    text = "\n".join(seg.text(i) for i in unit.core)
    words = sum(seg.pieces[i].words for i in unit.pieces)
    unit_cosine, best = _cosines(unit, seen, asked)
    kinds = asked.form.kinds
    wants_list = bool(kinds & {AnswerKind.HOW_TO, AnswerKind.ENUMERATION})
    values = {
        "unit_cosine": unit_cosine,
        "best_cosine": best,
        "passage_cosine": seen.cosine,
        "passage_lead": seen.lead,
        "rank": 1.0 / (1 + seen.rank),
        "terms": share(asked.weights, core_terms),
        "terms_with_lead": share(asked.weights, lead_terms),
        "terms_with_headings": share(asked.weights, lead_terms | seen.heading_terms),
        "passage_terms": share(asked.weights, seen.heading_terms.union(*seen.piece_terms)),
        "new_words": min(len(core_terms - asked.weights.keys()), 30) / 30,
        "length": math.log2(1 + words) / 7,
        "first_block": float(all(p.kind == "heading" for p in seg.pieces[: unit.core[0]])),
        "asks_itself": 1.0 if _ASKS_ITSELF.search(text) else 0.0,
        "code_for_how_to": float(unit.kind == "code" and AnswerKind.HOW_TO in kinds),
        "list_for_list": float(unit.kind in ("list", "procedure") and wants_list),
        "is_code": float(unit.kind == "code"),
        "is_item": float(unit.kind == "item"),
        "is_list": float(unit.kind in ("list", "procedure")),
        "is_rows": float(unit.kind == "rows"),
    }
    for kind in AnswerKind:
        values[f"fits_{kind}"] = float(kind in kinds and holds(kind, text))
    return values


def _cosines(unit: Unit, seen: PassageView, asked: Asked) -> tuple[float, float]:
    """Cosines of the unit as a whole (its sentences' mean, with its lead) and of its best part."""
    import numpy as np

    seg = seen.segmented
    core_rows = [r for i in unit.core for r in range(*seg.pieces[i].rows)]
    if not core_rows:
        return seen.cosine, seen.cosine
    rows = [r for i in unit.lead for r in range(*seg.pieces[i].rows)] + core_rows
    mean = seg.stored.vectors.sentences[sorted(set(rows))].mean(axis=0)
    norm = float(np.linalg.norm(mean))
    whole = float(mean @ asked.vector) / norm if norm > 0 else 0.0
    return whole, float(seen.row_cosines[core_rows].max())


@cache
def weights() -> dict[str, float]:
    """The fitted weights by feature; a feature that isn't named weighs nothing."""
    text = files("copilot.answering.quoting").joinpath("weights.json").read_text("utf-8")
    return {name: float(value) for name, value in json.loads(text)["weights"].items()}


def score(values: Mapping[str, float], weighted: Mapping[str, float]) -> float:
    """The weighted sum of a unit's features; higher answers better, the scale is arbitrary."""
    return sum(weighted.get(name, 0.0) * value for name, value in values.items())


def scores(found: Sequence[Mapping[str, float]]) -> list[float]:
    """The score of each of many units."""
    weighted = weights()
    return [score(values, weighted) for values in found]
