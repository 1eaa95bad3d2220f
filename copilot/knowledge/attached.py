"""Searches what a person attached to a conversation, and the index behind it.

Invariant: all that is attached is a candidate, so ranking is exact; what is attached comes first,
and leaves room for the index among the passages that answers are made of.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from copilot.knowledge.rewriting import Rewrite
from copilot.knowledge.search import (
    Candidates,
    Searcher,
    SearchRequest,
    SearchResult,
    ranked,
    understood,
)
from copilot.knowledge.terms import content_words, terms
from copilot.knowledge.weighing import LazyWeights
from copilot.messages import Hit, StoredPassage

if TYPE_CHECKING:
    from copilot.messages import Matrix
    from copilot.ports import Embedder

_K1, _B = 1.2, 0.75
# Of the ten passages that an answer is made of, so many are of what is attached.
_ATTACHED_FIRST, _ANSWERED_FROM = 6, 10


@dataclass(frozen=True)
class AttachedPassages:
    """The passages of what is attached, with the words that they hold."""

    stored: tuple[StoredPassage, ...]

    @cached_property
    def bags(self) -> Sequence[Counter[str]]:
        return [_bag(one) for one in self.stored]

    def by_words(self, query: str) -> list[tuple[str, float]]:
        """(passage id, BM25) of those that hold a word of the query, best first."""
        wanted = set(terms(query))
        mean = sum(bag.total() for bag in self.bags) / max(1, len(self.bags)) or 1.0
        weights = {term: self._rarity(term) for term in wanted}
        scored = []
        for one, bag in zip(self.stored, self.bags, strict=True):
            norm = _K1 * (1 - _B + _B * bag.total() / mean)
            shared = wanted & bag.keys()
            if shared:
                score = sum(weights[t] * bag[t] * (_K1 + 1) / (bag[t] + norm) for t in shared)
                scored.append((one.passage.id, score))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _rarity(self, term: str) -> float:
        holding = sum(term in bag for bag in self.bags)
        return math.log(1 + (len(self.bags) - holding + 0.5) / (holding + 0.5))


class AttachedSearcher:
    """Searches for one turn. ``behind`` searches the index, if that holds anything."""

    def __init__(self, attached: AttachedPassages, behind: Searcher, embedder: Embedder) -> None:
        self._attached = attached
        self._behind = behind
        self._embedder = embedder

    def search(self, request: SearchRequest) -> SearchResult:
        """The best passages of both. Raises UsageError, KnowledgeIndexError."""
        started = time.monotonic()
        rewrite = understood(request)
        if not self._behind.holds_passages():
            texts = [query.text for query in rewrite.queries]
            found = self._first(rewrite, self._embedder.embed_queries(texts), request)
            return replace(found, first=found, latency_ms=_ms(started))
        behind = self._behind.search(request)
        first = self._first(rewrite, behind.query_vectors, request)
        hits = _merged(first.hits, behind.hits, request.limit)
        stored = {**behind.stored, **first.stored}
        return replace(
            behind,
            hits=hits,
            stored={hit.passage.id: stored[hit.passage.id] for hit in hits},
            latency_ms=_ms(started),
            first=replace(first, index_version=behind.index_version),
        )

    def _first(self, rewrite: Rewrite, vectors: Matrix, request: SearchRequest) -> SearchResult:
        stored = [*self._attached.stored]
        listed = [self._attached.by_words(content_words(q.text)) for q in rewrite.queries]
        hits, held = ranked(Candidates(stored, listed), rewrite, vectors, request)
        passages = {one.passage.id: one.passage for one in stored}
        return SearchResult(
            hits=hits,
            stored=held,
            queries=tuple(query.text for query in rewrite.queries),
            query_vectors=vectors,
            follow_up=rewrite.follow_up,
            index_version=0,
            latency_ms=0.0,
            term_weights=LazyWeights(rewrite.subject, listed[0], passages),
        )


def _merged(first: Sequence[Hit], behind: Sequence[Hit], limit: int) -> tuple[Hit, ...]:
    """Ranked anew; a score is never above the one before it."""
    ahead = first[:_ATTACHED_FIRST]
    beside = behind[: _ANSWERED_FROM - len(ahead)]
    rest = chain(first[len(ahead) :], behind[len(beside) :])
    return tuple(islice(_falling(chain(ahead, beside, rest)), limit))


def _falling(hits: Iterator[Hit]) -> Iterator[Hit]:
    score = math.inf
    for rank, hit in enumerate(hits, start=1):
        score = min(score, hit.score)
        yield replace(hit, rank=rank, score=score)


def _bag(stored: StoredPassage) -> Counter[str]:
    passage = stored.passage
    return Counter(terms(" ".join((passage.title, *passage.heading_path, passage.text))))


def _ms(started: float) -> float:
    return (time.monotonic() - started) * 1000
