"""How many tokens of evidence a model is given, and what of the answer is in them.

    python -m tests.bench.packing [--home FOLDER] [--tokens 1000 1400 2000]

Beside the packing that ships, in the same run: the best ten passages whole, up to 14,000
characters, which it took the place of, and as many of the best passages whole as fit into the
same budget. Golden questions over the sample handbook and PagerDuty's count the facts that are in
what is packed; answerable questions of mtrag_un dev count the passages that people marked, and
the content words of their answers. Differences are paired, with a 95 % interval by bootstrap over
the questions: what lies within it is noise. Tokens are counted by litellm's tokenizer of gpt-4o;
how far our own count is from that is printed at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.adapters.models.loading import load_litellm
from copilot.answering.writing.counting import tokens
from copilot.answering.writing.packing import Packed, fenced, pack
from copilot.bootstrap import Copilot
from copilot.config.schema import AnswerSettings
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.knowledge.terms import content_terms
from tests.bench.abstention import mtrag_index
from tests.bench.facts import covered, load, turns
from tests.bench.indexed import indexed
from tests.corpora import REPOSITORY, data_root

HITS = 30
Pack = Callable[[SearchResult], Packed]


@dataclass(frozen=True)
class Case:
    """A question's result, and how much of what its answer needs a packing holds, 0 to 1."""

    result: SearchResult
    holds: Callable[[Packed], float]


def whole(result: SearchResult, passages: int = 10, characters: int = 14_000) -> Packed:
    """Baseline: the best passages, whole."""
    chosen, shown, room = [], [], characters
    for hit in result.hits[:passages]:
        text = fenced(len(chosen) + 1, hit.passage)
        if chosen and len(text) > room:
            continue
        chosen.append(hit.passage)
        shown.append(text)
        room -= len(text)
    return Packed(tuple(chosen), "\n\n".join(shown))


def whole_within(result: SearchResult, budget: int) -> Packed:
    """Baseline: as many of the best passages, whole, as the budget has room for."""
    packed = whole(result, 1)
    for count in range(2, len(result.hits) + 1):
        more = whole(result, count, 10**9)
        if tokens(more.text) > budget:
            break
        packed = more
    return packed


def golden(name: str, copilot: Copilot) -> list[Case]:
    """The facts of golden questions."""
    cases = []
    for one in load(REPOSITORY / "data" / "golden" / f"{name}_questions.jsonl"):
        if not one.answerable or not one.facts:
            continue
        result = copilot.searcher.search(SearchRequest(one.question, one.history, limit=HITS))
        facts = one.facts
        cases.append(Case(result, lambda p, facts=facts: covered(facts, p.text) / len(facts)))  # type: ignore[misc]
    return cases


def marked(root: Path, copilot: Copilot) -> tuple[list[Case], list[Case]]:
    """mtrag_un: whether marked passages are among those packed; content words of the answers."""
    folder = root / "sets" / "mtrag_un"
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, passage, _ = line.split("\t")
        gold.setdefault(question, set()).add(passage)
    passages, words = [], []
    for row in map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines()):
        if row["answerability"] != "ANSWERABLE":
            continue
        request = SearchRequest(row["text"], turns(row["history"]), limit=HITS)
        result = copilot.searcher.search(request)
        if wanted := gold.get(row["id"]):
            passages.append(Case(result, lambda p, wanted=wanted: _among(p, wanted)))  # type: ignore[misc]
        if row["answers"] and (terms := set(content_terms(row["answers"][0]))):
            words.append(Case(result, lambda p, terms=terms: _said(p, terms)))  # type: ignore[misc]
    return passages, words


def _among(packed: Packed, wanted: set[str]) -> float:
    return len(wanted & {one.path.rpartition("#")[2] for one in packed.passages}) / len(wanted)


def _said(packed: Packed, terms: set[str]) -> float:
    return len(terms & set(content_terms(packed.text))) / len(terms)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """95 % of the means of samples drawn with replacement."""
    chance = random.Random(7)
    size = len(differences)
    means = sorted(sum(chance.choices(differences, k=size)) / size for _ in range(1000))
    return means[25], means[974]


def report(name: str, cases: Sequence[Case], budgets: Sequence[int]) -> None:
    count = load_litellm().token_counter
    before = [whole(case.result) for case in cases]
    base = [case.holds(packed) for case, packed in zip(cases, before, strict=True)]
    size = statistics.mean(count("openai/gpt-4o", text=packed.text) for packed in before)
    print(f"\n{name}: {len(cases)} questions")
    print(f"{'':26}{'tokens':>8}{'fewer':>8}{'passages':>10}{'held':>8}{'difference':>28}")
    told = f"{statistics.mean(len(p.passages) for p in before):10.1f}{statistics.mean(base):8.1%}"
    print(f"{'best ten, whole':26}{size:8.0f}{'':8}{told}")
    ways: list[tuple[str, Pack]] = []
    for budget in budgets:
        ways.append((f"packed into {budget}", lambda r, b=budget: pack(r, b)))  # type: ignore[misc]
        ways.append((f"whole within {budget}", lambda r, b=budget: whole_within(r, b)))  # type: ignore[misc]
    for label, way in ways:
        packed = [way(case.result) for case in cases]
        held = [case.holds(one) for case, one in zip(cases, packed, strict=True)]
        mean = statistics.mean(count("openai/gpt-4o", text=one.text) for one in packed)
        apart = [now - then for now, then in zip(held, base, strict=True)]
        low, high = interval(apart)
        change = f"{statistics.mean(apart):+.1%} ({low:+.1%} to {high:+.1%})"
        wide = statistics.mean(len(one.passages) for one in packed)
        fewer = 1 - mean / size
        print(
            f"{label:26}{mean:8.0f}{fewer:8.0%}{wide:10.1f}{statistics.mean(held):8.1%}{change:>28}"
        )


def counted(cases: Sequence[Case]) -> None:
    """How far our count is from a tokenizer's, by passage and by prompt."""
    count = load_litellm().token_counter
    texts = {hit.passage.id: hit.passage.text for case in cases for hit in case.result.hits[:6]}
    budget = AnswerSettings().evidence_tokens
    prompts = [pack(case.result, budget).text for case in cases]
    for name, found in (("passage", list(texts.values())), ("prompt's evidence", prompts)):
        ratios = sorted(tokens(one) / count("openai/gpt-4o", text=one) for one in found)
        print(
            f"our count of a {name}, as a share of gpt-4o's: mean {statistics.mean(ratios):.2f}, "
            f"from {ratios[0]:.2f} to {ratios[-1]:.2f} ({len(ratios)})"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path)
    parser.add_argument("--tokens", type=int, nargs="+", default=[AnswerSettings().evidence_tokens])
    asked = parser.parse_args()
    root = data_root()
    if root is None:
        sys.exit("the data is absent; set COPILOT_TEST_DATA to its folder")
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.home or Path(scratch)
        inputs = {
            "handbook": REPOSITORY / "data" / "handbook",
            "pagerduty": root / "corpora" / "pagerduty_incident_response",
        }
        for name, folder in inputs.items():
            cases = golden(name, indexed(home / name, [folder]))
            report(f"{name}, facts of the answers", cases, asked.tokens)
        passages, words = marked(root, mtrag_index(home, root))
        report("mtrag_un, passages that people marked", passages, asked.tokens)
        report("mtrag_un, content words of the answers", words, asked.tokens)
        print()
        counted(passages)


if __name__ == "__main__":
    main()
