"""How many of the needed facts the quoting answerer says, in how many words, beside baselines.

    python -m tests.bench.quoting [--home FOLDER]

Golden questions over the sample handbook and over PagerDuty's, each on its own index and on one
that holds both and other documentation. Coverage is counted on what would be said even where
the answerer abstains; false abstentions are counted beside it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.config.schema import AnswerSettings
from copilot.knowledge.search import Searcher, SearchRequest, SearchResult
from copilot.knowledge.terms import content_terms
from tests.bench.facts import Golden, covered, load
from tests.bench.indexed import indexed
from tests.corpora import REPOSITORY, data_root

HITS = 30


@dataclass(frozen=True)
class Asked:
    """A golden question with what the search found for it."""

    golden: Golden
    result: SearchResult


def found(questions: Sequence[Golden], searcher: Searcher) -> list[Asked]:
    """Search for each question as a turn does."""
    return [
        Asked(q, searcher.search(SearchRequest(q.question, q.history, limit=HITS)))
        for q in questions
    ]


def best_passages(asked: Asked, count: int) -> str:
    """Baseline: the best passages as they are."""
    return "\n\n".join(hit.passage.text for hit in asked.result.hits[:count])


def best_sentences(asked: Asked, count: int) -> str:
    """Baseline: the best sentences of the best ten passages by cosine and term overlap."""
    query = asked.result.query_vectors[0]
    weights = asked.result.term_weights
    total = sum(weights.values()) or 1.0
    scored: list[tuple[float, str]] = []
    for hit in asked.result.hits[:10]:
        stored = asked.result.stored[hit.passage.id]
        for (start, end), row in zip(
            stored.vectors.sentence_spans, stored.vectors.sentences, strict=True
        ):
            text = stored.passage.text[start:end]
            shared = sum(weights.get(term, 0.0) for term in set(content_terms(text)))
            scored.append((float(row @ query) + shared / total, text))
    scored.sort(key=lambda pair: -pair[0])
    return "\n".join(text for _, text in scored[:count])


def line(name: str, asked: Sequence[Asked], say: Callable[[Asked], str]) -> None:
    """One row of the table: facts covered, questions covered whole, words."""
    texts = [say(one) for one in asked]
    held = [covered(a.golden.facts, text) for a, text in zip(asked, texts, strict=True)]
    needed = sum(len(a.golden.facts) for a in asked)
    whole = sum(n == len(a.golden.facts) for n, a in zip(held, asked, strict=True))
    words = [len(text.split()) for text in texts]
    print(
        f"  {name:34s} facts {sum(held) / needed:5.1%} of {needed}"
        f"   whole {whole / len(asked):5.1%}"
        f"   words mean {statistics.mean(words):5.1f} max {max(words)}"
    )


def report(name: str, questions: Sequence[Golden], searcher: Searcher) -> None:
    """The table of one index."""
    asked = found([q for q in questions if q.facts], searcher)
    print(f"{name}: {len(asked)} questions with facts")
    line("three best sentences", asked, lambda a: best_sentences(a, 3))
    line("best three passages", asked, lambda a: best_passages(a, 3))
    line("best eight passages", asked, lambda a: best_passages(a, 8))
    for words in (120, 200, 300):
        answers = [_answered(a, words) for a in asked]
        said = {id(a): answer for a, answer in zip(asked, answers, strict=True)}
        line(f"quoted, {words} words", asked, lambda a, said=said: _text(said[id(a)]))  # type: ignore[misc]
        steps = [a for a in asked if said[id(a)].procedure]
        short = [a for a in asked if not said[id(a)].procedure]
        if steps:
            line("  of these, procedures", steps, lambda a, said=said: _text(said[id(a)]))  # type: ignore[misc]
            line("  of these, the others", short, lambda a, said=said: _text(said[id(a)]))  # type: ignore[misc]
        if words == 120:
            wrong = [a.golden.id for a in asked if said[id(a)].abstain]
            print(f"  false abstentions {len(wrong)}/{len(asked)} {' '.join(wrong)}")
    unheld = found([q for q in questions if not q.answerable], searcher)
    if unheld:
        right = sum(_answered(a, 120).abstain for a in unheld)
        print(f"  abstained where nothing answers: {right}/{len(unheld)}")
    times = sorted(_timed(a) for a in asked)
    print(
        f"  time to choose: median {statistics.median(times):.1f} ms, "
        f"p95 {times[int(0.95 * (len(times) - 1))]:.1f} ms"
    )


def _answered(asked: Asked, words: int) -> QuotedAnswer:
    answerer = QuotingAnswerer(AnswerSettings(max_words=words))
    return answerer.answer(asked.golden.question, asked.golden.history, asked.result)


def _text(answer: QuotedAnswer) -> str:
    return "\n\n".join(quote.text for quote in answer.quotes)


def _timed(asked: Asked) -> float:
    started = time.perf_counter()
    _answered(asked, 120)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, help="keep the indexes here")
    home = parser.parse_args().home or Path(tempfile.mkdtemp(prefix="copilot-bench-"))
    root = data_root()
    golden = REPOSITORY / "data" / "golden"
    handbook = REPOSITORY / "data" / "handbook"
    folders = {"handbook": handbook}
    others: list[Path] = []
    if root is not None:
        folders["pagerduty"] = root / "corpora" / "pagerduty_incident_response"
        others = [root / "corpora" / name for name in ("llm_docs", "httpx", "starlette")]
    for name, folder in folders.items():
        copilot = indexed(home / name, [folder])
        report(f"{name}, its own index", load(golden / f"{name}_questions.jsonl"), copilot.searcher)
    copilot = indexed(home / "together", [*folders.values(), *others])
    for name in folders:
        report(f"{name}, all together", load(golden / f"{name}_questions.jsonl"), copilot.searcher)


if __name__ == "__main__":
    main()
