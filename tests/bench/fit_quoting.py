"""Fits the weights by which units are scored: coordinate ascent on what an answer holds.

    python -m tests.bench.fit_quoting [--home FOLDER] [--write]

The aim is the share of needed facts said over our own development questions
(quoting_dev.jsonl: PagerDuty's handbook, llm's and sqlite-utils' documentation) and the share
of the reference answers' terms said over answerable questions of mtrag_un dev, within 80 and
120 words, less a little for each weight. Three climbs, each with another order of steps and
another half of mtrag_un, are averaged. The golden questions take no part.
``--write`` replaces ``copilot/answering/quoting/weights.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.answering.quoting import scoring, selection
from copilot.answering.quoting.answerer import unit_features, views_of
from copilot.answering.quoting.question import analyse
from copilot.answering.quoting.values import Unit
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.knowledge.terms import content_terms
from copilot.messages import Turn
from tests.bench.abstention import mtrag_index
from tests.bench.facts import covered, load, turns
from tests.bench.indexed import indexed
from tests.corpora import REPOSITORY, data_root

DEV = Path(__file__).parent / "quoting_dev.jsonl"
WRITTEN = REPOSITORY / "copilot" / "answering" / "quoting" / "weights.json"
START = {"unit_cosine": 1.0, "best_cosine": 1.0, "terms_with_headings": 1.0, "passage_lead": 0.5}
SHRINK = 0.004
LEAST_GAIN = 0.0015
WORDS = (80, 120)
SEEDS = (1, 2, 3)

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Prepared:
    """A question whose units and features are known. ``gained``: share of its aim in a text."""

    views: Sequence[scoring.PassageView]
    units: Sequence[tuple[Unit, scoring.PassageView]]
    features: Sequence[Mapping[str, float]]
    asked: scoring.Asked
    gained: Callable[[str], float]
    weight: float


def prepare(
    question: str,
    history: tuple[Turn, ...],
    searcher: Searcher,
    gained: Callable[[str], float],
    weight: float = 1.0,
) -> Prepared:
    """Search, take the passages apart, compute every unit's features."""
    result = searcher.search(SearchRequest(question, history, limit=30))
    asked = scoring.ask(question, analyse(question), result)
    views = views_of(asked, result)
    pairs, features = unit_features(views, asked)
    return Prepared(views, pairs, features, asked, gained, weight)


def said(one: Prepared, weights: Weights, words: int) -> str:
    """What the answerer would say with these weights."""
    candidates = [
        selection.candidate(unit, seen, scoring.score(values, weights), one.asked.weights)
        for (unit, seen), values in zip(one.units, one.features, strict=True)
    ]
    picked = selection.select(candidates, one.views, max_words=words)
    return "\n\n".join(quote.text for quote in selection.quotes(picked.chosen, one.views))


def mean_gain(questions: Sequence[Prepared], weights: Weights, words: Sequence[int]) -> float:
    """The weighted mean of what is gained, over questions and word limits."""
    total = sum(one.weight for one in questions) * len(words)
    gain = sum(
        one.weight * one.gained(said(one, weights, limit)) for one in questions for limit in words
    )
    return gain / total


def climb(dev: Sequence[Prepared], wide: Sequence[Prepared], seed: int) -> dict[str, float]:
    """Two rounds of steps along each weight, in an order of their own."""

    def aim(weights: Weights) -> float:
        size = SHRINK * sum(abs(value) for value in weights.values())
        return 1.5 * mean_gain(wide, weights, WORDS[1:]) + mean_gain(dev, weights, WORDS) - size

    rng = random.Random(seed)
    weights = {name: START.get(name, 0.0) for name in scoring.FEATURES}
    best = aim(weights)
    for _ in range(2):
        names = list(weights)
        rng.shuffle(names)
        for name in names:
            step = 0.25 if name in START or name.startswith(("terms", "passage")) else 0.08
            for change in (step, -step, 2.5 * step, -2.5 * step):
                tried = weights | {name: weights[name] + change}
                reached = aim(tried)
                if reached > best + LEAST_GAIN:
                    weights, best = tried, reached
                    break
        print(f"climb {seed}: {best:.4f}", flush=True)
    return weights


def _development(home: Path, corpora: Path) -> list[Prepared]:
    folders = {
        "pagerduty": corpora / "pagerduty_incident_response",
        "llm_docs": corpora / "llm_docs",
        "sqlite_utils": corpora / "sqlite_utils" / "docs",
    }
    searchers = {name: indexed(home / name, [path]).searcher for name, path in folders.items()}
    where = {
        row["id"]: next(name for name in folders if row["documents"][0].startswith(name))
        for row in map(json.loads, DEV.read_text("utf-8").splitlines())
    }
    return [
        prepare(
            q.question,
            q.history,
            searchers[where[q.id]],
            lambda text, facts=q.facts: covered(facts, text) / len(facts),  # type: ignore[misc]
            weight=len(q.facts),
        )
        for q in load(DEV)
    ]


def _reference(question: str, answer: str) -> Callable[[str], float]:
    wanted = set(content_terms(answer)) - set(content_terms(question))
    return lambda text: len(wanted & set(content_terms(text))) / max(1, len(wanted))


def _wide(home: Path, root: Path) -> list[Prepared]:
    searcher = mtrag_index(home, root).searcher
    lines = (root / "sets" / "mtrag_un" / "queries.jsonl").read_text("utf-8").splitlines()
    return [
        prepare(r["text"], turns(r["history"]), searcher, _reference(r["text"], r["answers"][0]))
        for r in map(json.loads, lines)
        if r["answerability"] in ("ANSWERABLE", "PARTIAL") and r["answers"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, help="keep the indexes here")
    parser.add_argument("--write", action="store_true", help="replace the file that ships")
    chosen = parser.parse_args()
    home = chosen.home or Path(tempfile.mkdtemp(prefix="copilot-bench-"))
    root = data_root()
    if root is None:
        raise SystemExit("the real corpora are absent; set COPILOT_TEST_DATA to their folder")
    dev, wide = _development(home, root / "corpora"), _wide(home, root)
    climbs = [climb(dev, wide[seed % 2 :: 2], seed) for seed in SEEDS]
    mean = {name: sum(c[name] for c in climbs) / len(climbs) for name in climbs[0]}
    for name, weights in (("start", START), ("fitted", mean)):
        gains = [f"{limit}: {mean_gain(dev, weights, [limit]):.3f}" for limit in (80, 120, 200)]
        print(f"{name:8s} facts of the development questions {gains}")
    data = {
        "fitted": "python -m tests.bench.fit_quoting --write",
        "weights": {name: round(value, 3) for name, value in mean.items() if round(value, 3)},
    }
    text = json.dumps(data, indent=2) + "\n"
    if chosen.write:
        WRITTEN.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
