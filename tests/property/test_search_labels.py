"""Whatever is asked and whoever asks, a hit is a passage that its reader may see."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.adapters.index import build_index
from copilot.errors import KnowledgeIndexError, UsageError
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.messages import (
    DocumentState,
    EmbedderIdentity,
    Locator,
    Passage,
    PassageVectors,
    Principal,
    SearchFilter,
    Turn,
    both_labels,
)
from copilot.ports import PassageIndex
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex

EMBEDDER = HashEmbedder(32)
GROUPS = ("hr", "sre", "sales")
WORDS = ("salary", "key", "server", "backup", "holiday", "band", "the", "更新")
PAIRS = [both_labels(a, b) for a, b in combinations(GROUPS, 2)]
LABEL_SETS = st.lists(st.sampled_from((*GROUPS, *PAIRS)), unique=True, max_size=3).map(tuple)
GROUP_SETS = st.lists(st.sampled_from(GROUPS), unique=True, max_size=3).map(tuple)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
DOCUMENTS = st.lists(st.tuples(TEXTS, LABEL_SETS), min_size=1, max_size=12)
QUESTIONS = {"groups": GROUP_SETS, "query": TEXTS, "before": st.none() | TEXTS}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


Documents = list[tuple[str, tuple[str, ...]]]


def index_of(documents: Documents) -> MemoryIndex:
    index = MemoryIndex()
    fill(index, documents)
    return index


def fill(index: PassageIndex, documents: Documents) -> None:
    index.bind(EMBEDDER.identity)
    upserts = []
    for number, (text, labels) in enumerate(documents):
        path = f"/docs/{number}.md"
        passage = Passage(
            id=f"p{number}",
            document_id=path,
            path=path,
            title=f"Page {number}",
            ordinal=0,
            text=text,
            heading_path=(),
            locator=Locator("lines", 1, 1),
            spans=(),
            char_start=0,
            char_end=len(text),
            content_hash=text,
            labels=labels,
        )
        state = DocumentState(
            path=path,
            document_id=path,
            container=path,
            source="/docs",
            title=passage.title,
            status="indexed",
            content_hash=text,
            size=1,
            mtime_ns=1,
            passages=1,
            indexed_at=NOW,
            labels=labels,
        )
        vector, rows = next(EMBEDDER.embed_passages([text], [[text]]))
        upserts.append((state, [(passage, PassageVectors(vector, rows, ((0, len(text)),)))]))
    index.apply(upserts)


def may_see(groups: tuple[str, ...], labels: tuple[str, ...]) -> bool:
    """One label is enough, and a pair asks for both of its groups."""
    return not labels or any({*label.split(" & ")} <= {*groups} for label in labels)


@settings(max_examples=60, deadline=None)
@given(documents=DOCUMENTS, **QUESTIONS)
def test_no_hit_is_forbidden_and_nothing_that_may_be_seen_is_missing(
    documents: Documents, groups: tuple[str, ...], query: str, before: str | None
) -> None:
    check(index_of(documents), documents, groups, query, before)


@settings(max_examples=12, deadline=None)
@given(documents=DOCUMENTS, **QUESTIONS)
def test_the_index_on_disk_keeps_the_same_promise(
    documents: Documents, groups: tuple[str, ...], query: str, before: str | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(Path(folder) / "index")
        fill(index, documents)
        check(index, documents, groups, query, before)


def check(
    index: PassageIndex,
    documents: Documents,
    groups: tuple[str, ...],
    query: str,
    before: str | None,
) -> None:
    where = SearchFilter(principal=Principal("p", groups))
    history = (Turn("user", before),) if before else ()
    request = SearchRequest(query, history=history, where=where, limit=30)
    result = Searcher(index, EMBEDDER).search(request)
    visible = {i for i, (_, labels) in enumerate(documents) if may_see(groups, labels)}
    shown = [int(hit.passage.id[1:]) for hit in result.hits]
    assert set(shown) <= visible
    assert {int(id_[1:]) for id_ in result.stored} <= visible
    # Every text that may be seen is there: fewer than the limit, and each text once.
    assert {documents[i][0] for i in shown} == {documents[i][0] for i in visible}


@settings(max_examples=150, deadline=None)
@given(query=st.text(max_size=300))
def test_any_text_is_searched_or_refused_as_empty(query: str) -> None:
    index = index_of([("the backup of the server", ()), ("holiday", ())])
    try:
        result = Searcher(index, EMBEDDER).search(SearchRequest(query))
    except UsageError:
        assert not query.strip()
    else:
        assert len(result.hits) == 2
        assert all(weight >= 0 for weight in result.term_weights.values())


def test_ranks_scores_and_stored_passages_belong_together() -> None:
    index = index_of([("backup server", ()), ("holiday", ()), ("server key", ())])
    result = Searcher(index, EMBEDDER).search(SearchRequest("server backup"))
    assert [hit.rank for hit in result.hits] == [1, 2, 3]
    assert result.hits[0].passage.id == "p0"
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert result.stored.keys() == {hit.passage.id for hit in result.hits}
    assert {"dense", "sentence", "lexical", "fused"} <= result.hits[0].scores.keys()
    assert result.query_vectors.shape == (1, 32)


def test_a_follow_up_keeps_the_scores_of_both_readings() -> None:
    index = index_of([("backup server", ()), ("holiday", ())])
    history = (Turn("user", "where is the server backup?"), Turn("assistant", "Here."))
    result = Searcher(index, EMBEDDER).search(SearchRequest("and when?", history=history))
    assert result.follow_up
    assert result.query_vectors.shape == (2, 32)
    assert result.queries[-1] == "and when?"
    assert result.hits[0].passage.id == "p0"
    assert {"dense", "dense_own", "lexical_own"} <= result.hits[0].scores.keys()


def test_an_index_without_documents_says_how_to_add_some() -> None:
    with pytest.raises(KnowledgeIndexError) as caught:
        Searcher(MemoryIndex(), EMBEDDER).search(SearchRequest("anything"))
    assert caught.value.hint == "copilot index add PATH"


def test_an_index_of_another_embedder_is_refused_by_both_names() -> None:
    index = index_of([("backup", ())])
    with pytest.raises(KnowledgeIndexError) as caught:
        Searcher(index, HashEmbedder(32, name="other")).search(SearchRequest("backup"))
    assert "built with hash (32 components" in caught.value.message
    assert "configured embedder is other (32 components" in caught.value.message
    assert "copilot index rebuild" in caught.value.hint


class ReadOnlyIndex(MemoryIndex):
    """An index that somebody else writes."""

    def bind(self, identity: EmbedderIdentity) -> None:
        if self.count_passages():
            raise AssertionError("a search binds nothing")
        super().bind(identity)


def test_a_search_only_reads_the_index() -> None:
    index = ReadOnlyIndex()
    fill(index, [("backup", ())])
    assert Searcher(index, EMBEDDER).search(SearchRequest("backup")).hits
