"""Retrieval quality through the real path: read, split, embed, index, search; beside baselines.

    python -m tests.bench.retrieval [--home FOLDER] [--set NAME …]

Each set's passages are indexed as one JSON Lines file (mtrag_un with Markdown and RST files of
the corpora as distractors, about 4,000 passages) and asked as `copilot search` asks. Baselines
in the same run, over the same index: BM25 alone, dense alone, reciprocal rank fusion (k = 60),
for follow-ups both with the last turn and with the person's previous turn put before it; a
passage's document counts once, at its best passage, and BM25 alone is asked the question as it
stands. All four sets had a say in the weights, so none of these figures is held out. ``--home``
keeps the indexes for the next run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.bootstrap import Copilot
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.knowledge.ranking import Spread
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.messages import SearchFilter, Turn
from tests.corpora import data_root

PAGE = Spread(per_record=1, per_file=3, same_text=2)
EVERYTHING = SearchFilter()
DEPTH = 100
DISTRACTOR_BYTES = 3_200_000  # about 4,000 passages


@dataclass(frozen=True)
class Query:
    id: str
    text: str
    history: tuple[Turn, ...]
    relevant: dict[str, int]
    exclude: frozenset[str]


def load_queries(folder: Path) -> list[Query]:
    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, score = line.split("\t")
        relevant[query][document] = int(score)
    found = []
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        history = tuple(
            Turn("user" if turn["role"] == "user" else "assistant", turn["text"])
            for turn in row.get("history") or ()
        )
        if row["id"] in relevant:
            exclude = frozenset(row.get("exclude") or ())
            found.append(Query(row["id"], row["text"], history, relevant[row["id"]], exclude))
    return found


def build(name: str, root: Path, home: Path) -> Copilot:
    """A Copilot whose index holds the set; built unless ``home`` already has it."""
    place = home / name
    copilot = Copilot(
        settings=Settings(), paths=Paths.from_environment({"COPILOT_HOME": str(place)})
    )
    if (place / "ready").exists():
        return copilot
    shutil.rmtree(place, ignore_errors=True)
    files = place / "files"
    files.mkdir(parents=True)
    shutil.copy(root / "sets" / name / "corpus.jsonl", files / f"{name}.jsonl")
    if name == "mtrag_un":
        _distractors(root / "corpora", files)
    from copilot.messages import SourceConfig

    async def add() -> None:
        copilot.index.save_source(SourceConfig(id=str(files), root=str(files)))
        async for event in copilot.ingest.sync():
            if type(event).__name__ in ("SyncFinished", "DocumentFailed"):
                print(f"  {event}", file=sys.stderr)

    asyncio.run(add())
    (place / "ready").touch()
    return copilot


def _distractors(corpora: Path, into: Path) -> None:
    paths = sorted(p for p in corpora.rglob("*") if p.suffix in (".md", ".rst") and p.is_file())
    random.Random(7).shuffle(paths)
    size = 0
    for path in paths:
        if size > DISTRACTOR_BYTES:
            break
        target = into / path.relative_to(corpora)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
        size += path.stat().st_size


def ndcg(ranked: Sequence[str], relevant: dict[str, int]) -> float:
    gains = [(2 ** relevant.get(d, 0) - 1) / math.log2(i + 2) for i, d in enumerate(ranked[:10])]
    ideal = sorted(relevant.values(), reverse=True)[:10]
    best = sum((2**r - 1) / math.log2(i + 2) for i, r in enumerate(ideal))
    return float(sum(gains) / best)


class Baselines:
    """BM25, dense and their plain fusion over the same index, best passage per document."""

    def __init__(self, copilot: Copilot) -> None:
        self._index, self._embedder = copilot.index, copilot.embedder
        self._documents: dict[str, str] = {}

    def rankings(self, text: str) -> dict[str, list[str]]:
        vector = self._embedder.embed_queries([text])[0]
        dense = self._index.search_dense(vector, limit=DEPTH, where=EVERYTHING)
        lexical = self._index.search_lexical(text, limit=DEPTH, where=EVERYTHING)
        fused: dict[str, float] = defaultdict(float)
        for listed in (dense, lexical):
            for rank, (passage, _) in enumerate(listed, start=1):
                fused[passage] += 1 / (60 + rank)
        lists = {
            "BM25": [passage for passage, _ in lexical],
            "dense": [passage for passage, _ in dense],
            "RRF": sorted(fused, key=lambda passage: -fused[passage]),
        }
        return {name: self._by_document(ids) for name, ids in lists.items()}

    def _by_document(self, ids: Sequence[str]) -> list[str]:
        unknown = [id_ for id_ in ids if id_ not in self._documents]
        for stored in self._index.fetch(unknown, where=EVERYTHING):
            self._documents[stored.passage.id] = stored.passage.document_id
        return list(dict.fromkeys(self._documents[id_] for id_ in ids if id_ in self._documents))


def measure(copilot: Copilot, queries: Sequence[Query]) -> dict[str, list[list[str]]]:
    """Method -> the ranked documents of each query."""
    searcher: Searcher = copilot.searcher
    baselines = Baselines(copilot)
    ranked: dict[str, list[list[str]]] = defaultdict(list)
    for query in queries:
        before = [turn.text for turn in query.history if turn.role == "user"]
        readings = {"last turn": query.text} if before else {"": query.text}
        if before:
            readings["previous + last"] = f"{before[-1]}\n{query.text}"
        for reading, text in readings.items():
            for name, found in baselines.rankings(text).items():
                ranked[f"{name} {reading}".strip()].append(_allowed(found, query))
        request = SearchRequest(query.text, history=query.history, limit=30, spread=PAGE)
        hits = searcher.search(request).hits
        documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))
        ranked["copilot search"].append(_allowed(documents, query))
    return ranked


def _allowed(documents: Sequence[str], query: Query) -> list[str]:
    return [document for document in documents if document not in query.exclude][:10]


def report(title: str, queries: Sequence[Query], ranked: dict[str, list[list[str]]]) -> None:
    def over(score: Callable[[list[str], dict[str, int]], float], rows: list[list[str]]) -> float:
        return sum(score(r, q.relevant) for r, q in zip(rows, queries, strict=True)) / len(queries)

    def hit(k: int) -> Callable[[list[str], dict[str, int]], float]:
        return lambda found, relevant: float(any(relevant.get(d, 0) > 0 for d in found[:k]))

    print(f"\n{title}, {len(queries)} questions\n{'':26}nDCG@10   hit@1   hit@5  hit@10")
    best = 0.0
    for name, rows in ranked.items():
        score = over(ndcg, rows)
        cells = " ".join(f"{over(hit(k), rows):7.3f}" for k in (1, 5, 10))
        lead = f"   {score - best:+.3f} over the best baseline" if name == "copilot search" else ""
        best = best if name == "copilot search" else max(best, score)
        print(f"{name:26}{score:7.3f} {cells}{lead}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--home", type=Path)
    sets = ["mtrag_un", "stack_errors", "textual_faq"]
    parser.add_argument("--set", action="append", choices=[*sets, "doc_anchors"])
    arguments = parser.parse_args()
    root = data_root()
    if root is None:
        sys.exit("the shared corpora are not here: set COPILOT_TEST_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        home = arguments.home or Path(temporary)
        for name in arguments.set or sets:
            queries = load_queries(root / "sets" / name)
            copilot = build(name, root, home)
            print(f"\n== {name}: {copilot.index.count_passages()} passages")
            groups: dict[str, list[Query]] = {
                "stand-alone": [query for query in queries if not query.history],
                "follow-ups": [query for query in queries if query.history],
            }
            for title, group in groups.items():
                if group:
                    report(title, group, measure(copilot, group))


if __name__ == "__main__":
    main()
