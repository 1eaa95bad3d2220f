"""What is attached is searched first, and the index behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.answering.writing.packing import pack
from copilot.errors import KnowledgeIndexError, UsageError
from copilot.knowledge.attached import AttachedPassages, AttachedSearcher
from copilot.knowledge.search import Searcher, SearchRequest, SearchResult
from copilot.messages import Principal, SearchFilter, StoredPassage
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex
from tests.index_documents import DIMENSION, EMBEDDER, document, passage, vectors


def attached(*texts: str) -> AttachedPassages:
    made = [passage("/home/ana/app.log", number, text) for number, text in enumerate(texts)]
    return AttachedPassages(tuple(StoredPassage(one, vectors(one.text)) for one in made))


def indexed(*texts: str, labels: tuple[str, ...] = ()) -> MemoryIndex:
    index = MemoryIndex()
    index.bind(EMBEDDER.identity)
    index.apply([document(f"/docs/{n}.md", text, labels=labels) for n, text in enumerate(texts)])
    return index


def search(found: AttachedPassages, index: MemoryIndex, **asked: object) -> SearchResult:
    request = replace(SearchRequest("disk full on db-3", limit=30), **asked)  # type: ignore[arg-type]
    return AttachedSearcher(found, Searcher(index, EMBEDDER), EMBEDDER).search(request)


def paths(result: SearchResult) -> list[str]:
    return [hit.passage.path.rpartition("/")[2] for hit in result.hits]


def test_what_is_attached_comes_first_and_leaves_room_for_the_index() -> None:
    lines = [f"disk full on db-{n}" for n in range(8)]
    result = search(attached(*lines), indexed(*(f"disk full, part {n}" for n in range(9))))
    names = paths(result)
    assert names[:6] == ["app.log"] * 6
    assert all(name.endswith(".md") for name in names[6:10])
    assert names[10:12] == ["app.log"] * 2
    assert len(names) == len({hit.passage.id for hit in result.hits}) == 17


def test_ranks_count_on_and_no_score_is_above_the_one_before() -> None:
    result = search(attached("nothing like it", "disk full on db-3"), indexed("disk full on db-3!"))
    assert [hit.rank for hit in result.hits] == [1, 2, 3]
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert set(result.stored) == {hit.passage.id for hit in result.hits}


def test_the_best_of_what_is_attached_is_its_first() -> None:
    found = attached("all is well", "disk full on db-3", "disk is full elsewhere")
    first = search(found, indexed("words")).first
    assert first is not None
    assert first.hits[0].passage.text == "disk full on db-3"
    assert {hit.passage.path for hit in first.hits} == {"/home/ana/app.log"}


def test_an_index_that_holds_nothing_is_no_obstacle() -> None:
    result = search(attached("disk full on db-3"), MemoryIndex())
    assert (paths(result), result.index_version) == (["app.log"], 0)
    assert result.first is not None
    assert result.first.hits == result.hits


def test_an_index_of_another_embedder_is_told() -> None:
    index, other = indexed("words"), HashEmbedder(DIMENSION * 2)
    searcher = AttachedSearcher(attached("disk full"), Searcher(index, other), other)
    with pytest.raises(KnowledgeIndexError, match="was built with"):
        searcher.search(SearchRequest("disk full"))


def test_an_empty_question_is_refused() -> None:
    with pytest.raises(UsageError):
        search(attached("words"), MemoryIndex(), query=" ")


def test_labels_and_the_documents_that_were_picked_confine_the_index_and_not_what_is_attached() -> (
    None
):
    found, index = attached("disk full"), indexed("disk full", "disk full too", labels=("ops",))
    assert paths(search(found, index)) == ["app.log"]
    who = Principal(groups=("ops",))
    assert len(paths(search(found, index, where=SearchFilter(who)))) == 3
    one = SearchFilter(who, paths=("/docs/1.md",))
    assert paths(search(found, index, where=one)) == ["app.log", "1.md"]


@pytest.mark.parametrize("query", ["?!", "zzz", "\x00", "更新", "x" * 50_000])
def test_any_question_can_be_searched(query: str) -> None:
    assert search(attached("disk full"), MemoryIndex(), query=query).hits


def test_a_rare_word_finds_its_line_among_many() -> None:
    lines = [f"request {n} took 12 ms" for n in range(200)]
    lines[77] = "request 77 failed: certificate expired"
    listed = attached(*lines).by_words("why was the certificate refused for a request?")
    assert len(listed) == 200
    assert listed[0][0].startswith("/home/ana/app.log-77-")


def test_a_model_reads_what_is_attached_and_then_the_index() -> None:
    lines = [f"disk full on db-{n}" for n in range(8)]
    result = search(attached(*lines), indexed(*(f"disk full, part {n}" for n in range(9))))
    read = [passage.path.rpartition("/")[2] for passage in pack(result, 10_000).passages]
    assert read[:6] == ["app.log"] * 6
    assert [name.endswith(".md") for name in read[6:10]] == [True] * 4
