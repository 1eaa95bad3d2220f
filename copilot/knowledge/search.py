"""Hybrid search: from a question in its conversation to ranked passages.

Invariant: every look into the index carries the caller's filter, so a passage that the
principal may not see is never a candidate; ranking is exact over the candidates.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from copilot.errors import KnowledgeIndexError, UsageError
from copilot.inputs import MEASURED, Retrieval
from copilot.knowledge.ranking import (
    Signals,
    Spread,
    demoted,
    feedback,
    fused,
    lexical_scores,
    near_sentences,
    spread_out,
    standardised,
    title_shares,
)
from copilot.knowledge.rewriting import Rewrite, understand
from copilot.knowledge.terms import content_words
from copilot.knowledge.weighing import LazyWeights
from copilot.messages import Hit, SearchFilter, StoredPassage, Turn

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector
    from copilot.ports import Embedder, SearchableIndex

# BM25 is listed deeper than it is fetched: its scores cost nothing, a passage's vectors do.
_LEXICAL_LISTED = 200

Listed = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is looked for. ``history``: oldest turn first, without the question itself.

    ``standalone``: a follow-up as it would be asked without them, where that is known.
    """

    query: str
    history: Sequence[Turn] = ()
    where: SearchFilter = field(default_factory=SearchFilter)
    limit: int = 10
    spread: Spread = field(default_factory=Spread)
    standalone: str = ""
    retrieval: Retrieval = MEASURED


@dataclass(frozen=True)
class SearchResult:
    """Hits with everything that an answer needs of them.

    ``stored``: the hits' passages with vectors, by passage id. ``queries``: the texts searched
    for, widest first, the heart of the question last; ``query_vectors``: (n, dim), a row for each.
    ``term_weights``: stemmed question term -> about its inverse document frequency. ``first``:
    what was found in what the person attached, which is to be quoted if it holds the answer.
    """

    hits: tuple[Hit, ...]
    stored: Mapping[str, StoredPassage]
    queries: tuple[str, ...]
    query_vectors: Matrix
    follow_up: bool
    index_version: int
    latency_ms: float
    term_weights: Mapping[str, float]
    first: SearchResult | None = None


class Searches(Protocol):
    """What looks for passages."""

    def search(self, request: SearchRequest) -> SearchResult: ...


class Searcher:
    """Searches one index with the embedder that built it. Blocking; safe between threads."""

    def __init__(self, index: SearchableIndex, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="search")

    def search(self, request: SearchRequest) -> SearchResult:
        """The best passages for a question.

        Raises UsageError for an empty question, KnowledgeIndexError for an index that can't be
        searched, holds nothing or was built with another embedder.
        """
        started = time.monotonic()
        rewrite = understood(request)
        # Beside the embedding, which BM25 doesn't need; on a cold start both import for half a
        # second.
        # In our context: the embedder may have to ask a provider for its dimension.
        opened = self._pool.submit(copy_context().run, self._opened)
        lexical = self._lexical(rewrite, request.where)
        vectors = self._embedder.embed_queries([query.text for query in rewrite.queries])
        version = opened.result()
        found = self._candidates(lexical, vectors, request)
        hits, stored = ranked(found, rewrite, vectors, request)
        return SearchResult(
            hits=hits,
            stored=stored,
            queries=tuple(query.text for query in rewrite.queries),
            query_vectors=vectors,
            follow_up=rewrite.follow_up,
            index_version=version,
            latency_ms=(time.monotonic() - started) * 1000,
            term_weights=LazyWeights(
                rewrite.subject,
                found.lexical[0],
                {one.passage.id: one.passage for one in found.stored},
            ),
        )

    def holds_passages(self) -> bool:
        """Whether there is anything to search. Raises KnowledgeIndexError."""
        return self._index.identity() is not None and self._index.count_passages() > 0

    def _opened(self) -> int:
        """The index's version, once it is known to hold passages of this embedder."""
        built_with, mine = self._index.identity(), self._embedder.identity
        if built_with is None or not self.holds_passages():
            raise KnowledgeIndexError("the index holds no documents", hint="copilot index add PATH")
        if not mine.matches(built_with):
            raise KnowledgeIndexError(
                f"The index was built with {built_with}; the configured embedder is {mine}.",
                hint="Go back to that embedder, or build the index anew: copilot index rebuild",
            )
        return self._index.version()

    def _lexical(self, rewrite: Rewrite, where: SearchFilter) -> list[Future[Listed]]:
        return [
            self._pool.submit(
                self._index.search_lexical,
                content_words(query.text),
                limit=_LEXICAL_LISTED,
                where=where,
            )
            for query in rewrite.queries
        ]

    def _candidates(
        self, lexical: Sequence[Future[Listed]], vectors: Matrix, request: SearchRequest
    ) -> Candidates:
        where, depth = request.where, request.retrieval.candidates
        dense = [
            self._pool.submit(self._index.search_dense, vector, limit=depth, where=where)
            for vector in vectors
        ]
        listed = [future.result() for future in lexical]
        near = [future.result() for future in dense]
        ids = dict.fromkeys(id_ for one in near for id_, _ in one)
        ids.update(dict.fromkeys(id_ for one in listed for id_, _ in one[:depth]))
        return Candidates(self._index.fetch(list(ids), where=where), listed)


def understood(request: SearchRequest) -> Rewrite:
    """What is to be looked for. Raises UsageError for an empty question."""
    if not request.query.strip():
        raise UsageError("the question is empty", hint='copilot search "words to look for"')
    return understand(request.query, request.history, standalone=request.standalone)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may be hits, and each query's BM25 list."""

    stored: list[StoredPassage]
    lexical: list[Listed]


def ranked(
    found: Candidates, rewrite: Rewrite, vectors: Matrix, request: SearchRequest
) -> tuple[tuple[Hit, ...], dict[str, StoredPassage]]:
    """The best of the candidates, and their passages by id; ``vectors`` are the queries'."""
    import numpy as np

    stored = found.stored
    if not stored:
        return (), {}
    passages = [one.passage for one in stored]
    ids = [passage.id for passage in passages]
    own: Matrix = np.stack([one.vectors.passage for one in stored])
    signals = [
        Signals(
            own @ vector,
            *near_sentences(stored, vector),
            lexical=lexical_scores(ids, listed, limit=_LEXICAL_LISTED),
            title=title_shares(passages, query.text),
        )
        for query, vector, listed in zip(rewrite.queries, vectors, found.lexical, strict=True)
    ]
    score = fused(signals, [query.weight for query in rewrite.queries], request.retrieval)
    learnt = feedback(score, own) if request.retrieval.feedback else None
    if learnt is not None:
        score = score + learnt.correction
    score = demoted(score, passages)
    # Equal scores fall back on the id, so that the order never depends on the index's.
    order = sorted(range(len(ids)), key=lambda i: (-float(score[i]), ids[i]))
    taken = spread_out(order, passages, limit=request.limit, spread=request.spread)
    names = _scores(signals, score)
    if learnt is not None:
        names |= {"best": learnt.best, "common": learnt.common}
    hits = tuple(
        Hit(
            rank=rank,
            score=round(float(score[i]), 6),
            scores={name: round(float(values[i]), 6) for name, values in names.items()},
            passage=passages[i],
        )
        for rank, i in enumerate(taken, start=1)
    )
    return hits, {ids[i]: stored[i] for i in taken}


def _scores(signals: Sequence[Signals], score: Vector) -> dict[str, Vector]:
    """Every score by name: of the widest query, and with ``_own`` of the question alone."""
    names: dict[str, Vector] = {"fused": score}
    for one, suffix in zip((signals[0], signals[-1]), ("", "_own"), strict=True):
        for name, values in one.named().items():
            names[f"{name}{suffix}"] = values
            names[f"{name}{suffix}_standard"] = standardised(values)
        if len(signals) == 1:
            break
    return names
