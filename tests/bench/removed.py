"""Questions that nothing near them answers, made by taking away the documents that do.

Invariant: whole documents are taken away, before ranking; the questions are development
questions, never golden ones. What is left may still answer now and then, so that the share
caught is a lower bound.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.answering.quoting import QuotingAnswerer
from copilot.bootstrap import Copilot
from copilot.config.schema import AnswerSettings
from copilot.knowledge.search import Candidates, Listed, Searcher, SearchRequest, SearchResult
from copilot.messages import Passage, SearchFilter
from tests.bench.abstention import HITS, Row, mtrag, mtrag_index
from tests.bench.fit_abstention import Sample
from tests.bench.indexed import indexed

if TYPE_CHECKING:
    from copilot.messages import Matrix

DEV = Path(__file__).parent / "quoting_dev.jsonl"
# Labels beside those of mtrag_un.
REMOVED, ELSEWHERE = "REMOVED", "ELSEWHERE"

Gone = Callable[[Passage], bool]


class SearcherWithout(Searcher):
    """A searcher to which the passages that are ``gone`` are not there."""

    def __init__(self, copilot: Copilot) -> None:
        super().__init__(copilot.index, copilot.embedder)
        self.gone: Gone = lambda passage: False

    def _candidates(
        self, lexical: Sequence[Future[Listed]], vectors: Matrix, where: SearchFilter
    ) -> Candidates:
        found = super()._candidates(lexical, vectors, where)
        return replace(found, stored=[s for s in found.stored if not self.gone(s.passage)])


@dataclass(frozen=True)
class Asker:
    """Asks one corpus, with and without a question's documents."""

    corpus: str
    searcher: SearcherWithout

    def asked(self, row: Row, conversation: str, label: str) -> Iterator[Sample]:
        """The question's signals, if anything was found."""
        yield from self._judged(row, self._found(row), conversation, label)

    def both(self, row: Row, conversation: str, gone: Gone) -> Iterator[Sample]:
        """With its documents, and without where they are among what is found."""
        result = self._found(row)
        yield from self._judged(row, result, conversation, row.label)
        if any(gone(hit.passage) for hit in result.hits):
            self.searcher.gone = gone
            yield from self.asked(row, conversation, REMOVED)
            self.searcher.gone = lambda passage: False

    def _found(self, row: Row) -> SearchResult:
        return self.searcher.search(SearchRequest(row.question, row.history, limit=HITS))

    def _judged(
        self, row: Row, result: SearchResult, conversation: str, label: str
    ) -> Iterator[Sample]:
        if result.hits:
            answer = QuotingAnswerer(AnswerSettings()).answer(row.question, row.history, result)
            yield Sample(conversation, label, dict(answer.signals), self.corpus)


def _line(passage: Passage) -> str:
    """The id of the JSON line that a passage is from."""
    return passage.path.rpartition("#")[2]


def _relevant(root: Path, name: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    with (root / "sets" / name / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for question, document, *_ in csv.reader(file, delimiter="\t"):
            found.setdefault(question, set()).add(document)
    return {question: frozenset(ids) for question, ids in found.items()}


def _document(line: str) -> str:
    """The document that a line of mtrag_un is a piece of: its id without the piece's span."""
    if line.startswith("ibmcld"):
        return line.split("-", maxsplit=1)[0]
    return line.split("_", maxsplit=1)[0] if "_" in line else line.rsplit("-", 2)[0]


def mtrag_alone(copilot: Copilot, root: Path) -> Iterator[Sample]:
    """The first questions of mtrag_un dev, with and without their documents."""
    asker = Asker("mtrag_un", SearcherWithout(copilot))
    relevant = _relevant(root, "mtrag_un")
    for row in mtrag(root):
        conversation = row.id.split("<::>")[0]
        if row.history or row.label not in ("ANSWERABLE", "UNANSWERABLE"):
            continue
        documents = {_document(line) for line in relevant.get(row.id, ())}
        yield from asker.both(row, conversation, lambda p, d=documents: _document(_line(p)) in d)  # type: ignore[misc]


def development(home: Path, corpora: Path) -> Iterator[Sample]:
    """Our own development questions, the same without their documents and over other corpora."""
    folders = {
        "pagerduty": corpora / "pagerduty_incident_response",
        "llm_docs": corpora / "llm_docs",
        "sqlite_utils": corpora / "sqlite_utils" / "docs",
    }
    askers = {
        name: Asker(name, SearcherWithout(indexed(home / name, [folder])))
        for name, folder in folders.items()
    }
    for line in map(json.loads, DEV.read_text("utf-8").splitlines()):
        row = Row(line["id"], line["question"], (), "ANSWERABLE")
        first = line["documents"][0]
        own = next(name for name in folders if first.startswith(name))
        paths = tuple(document.partition("/")[2] for document in line["documents"])
        yield from askers[own].both(row, first, lambda p, d=paths: _is_one(p, d))  # type: ignore[misc]
        for name, asker in askers.items():
            # llm and sqlite-utils are one author's and answer some of each other's questions.
            if name != own and "pagerduty" in (name, own):
                yield from asker.asked(row, first, ELSEWHERE)


def _is_one(passage: Passage, paths: tuple[str, ...]) -> bool:
    return any(passage.path.endswith(path) or path.endswith(passage.path) for path in paths)


def stand_alone(home: Path, root: Path) -> list[Sample]:
    """What the model for questions that stand alone is fitted on."""
    found = list(mtrag_alone(mtrag_index(home, root), root))
    return found + list(development(home, root / "corpora"))


def labelled(home: Path, root: Path, name: str) -> list[Sample]:
    """The questions of a labelled set that no model was fitted on, with and without documents."""
    lines = (root / "sets" / name / "queries.jsonl").read_text("utf-8").splitlines()
    copilot = indexed(home / name, [root / "sets" / name / "corpus.jsonl"])
    asker, relevant = Asker(name, SearcherWithout(copilot)), _relevant(root, name)
    found: list[Sample] = []
    for line in map(json.loads, lines):
        row = Row(line["id"], line["text"], (), "ANSWERABLE")
        ids = relevant.get(row.id, frozenset[str]())
        found += asker.both(row, min(ids, default=""), lambda p, d=ids: _line(p) in d)  # type: ignore[misc]
    return found
