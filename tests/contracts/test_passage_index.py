"""What every ports.PassageIndex keeps: documents, sources and its embedder, as they were given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from copilot.errors import InternalError, KnowledgeIndexError
from copilot.messages import EmbedderIdentity, PassageVectors, Principal, SearchFilter, SourceConfig
from copilot.ports import PassageIndex
from copilot.testing.hash_embedder import HashEmbedder
from tests.index_documents import (
    DIMENSION,
    EMBEDDER,
    EVERYONE,
    NOW,
    dense,
    document,
    found,
    passage,
)

# --- empty -----------------------------------------------------------------------------


def test_an_index_that_was_never_written_is_empty(index: PassageIndex) -> None:
    assert index.identity() is None
    assert index.version() == 0
    assert index.count_passages() == 0
    assert (index.documents(), index.files(), index.sources()) == ([], [], [])
    assert (index.unfinished(), index.stored(["/docs/a"])) == ([], [])
    assert dense(index, "anything") == []
    assert index.search_lexical("anything", limit=5, where=EVERYONE) == []
    assert index.fetch(["no-such-id"], where=EVERYONE) == []


def test_a_bound_index_without_passages_finds_nothing(bound: PassageIndex) -> None:
    assert bound.identity() == EMBEDDER.identity
    assert bound.version() > 0
    assert dense(bound, "anything") == []
    assert bound.search_lexical("anything", limit=5, where=EVERYONE) == []


# --- what is written is what is read ---------------------------------------------------


def test_passages_come_back_as_they_were_written(bound: PassageIndex) -> None:
    state, pairs = document("/docs/a.md", "Head\n\nPostgres fails over with patronictl.")
    bound.apply([(state, pairs)])
    (stored,) = bound.fetch([pairs[0][0].id], where=EVERYONE)
    assert stored.passage == pairs[0][0]
    np.testing.assert_allclose(stored.vectors.passage, pairs[0][1].passage, atol=1e-6)
    cosines = np.einsum("ij,ij->i", stored.vectors.sentences, pairs[0][1].sentences)
    assert cosines.min() > 0.999
    assert stored.vectors.sentence_spans == pairs[0][1].sentence_spans
    assert bound.documents() == [state]


def test_a_passage_without_sentences_or_date_comes_back(bound: PassageIndex) -> None:
    bare = passage("/docs/a", 0, "text", spans=(), heading_path=(), modified_at=None, url="")
    none = PassageVectors(
        EMBEDDER.embed_queries(["text"])[0], np.zeros((0, DIMENSION), np.float32), ()
    )
    bound.apply([(document("/docs/a")[0], [(bare, none)])])
    (stored,) = bound.fetch([bare.id], where=EVERYONE)
    assert stored.passage == bare
    assert stored.vectors.sentences.shape == (0, DIMENSION)
    assert stored.vectors.sentence_spans == ()


def test_odd_characters_survive(bound: PassageIndex) -> None:
    path = "/docs/it's \\ odd\n\x00 \u202e 更新.md"
    text = "'; DROP TABLE passages; -- \x1b[31m \u200b ünï"
    upsert = document(path, text, labels=("o'brien", 'a"b', "*"))
    bound.apply([upsert])
    where = SearchFilter(Principal(groups=("o'brien",)), path_prefix=path, document_id=path)
    (stored,) = bound.fetch([upsert[1][0][0].id], where=where)
    assert stored.passage.text == text
    assert found(bound, "DROP TABLE", where) == {path}
    assert bound.documents()[0].path == path
    bound.apply([], removals=[path])
    assert bound.count_passages() == 0


def test_half_a_character_does_not_stop_a_batch(index: PassageIndex) -> None:
    index.bind(EMBEDDER.identity)
    index.apply([document("/docs/a", "half \ud800 a character")])
    assert index.count_passages() == 1


def test_fetch_keeps_the_order_asked_and_leaves_out_what_is_missing(bound: PassageIndex) -> None:
    state, pairs = document("/docs/a", "one", "second", "third one")
    bound.apply([(state, pairs)])
    ids = [p.id for p, _ in pairs]
    asked = [ids[2], "missing", ids[0], ids[1]]
    got = [s.passage.id for s in bound.fetch(asked, where=EVERYONE)]
    assert got == [ids[2], ids[0], ids[1]]
    dense(bound, "one")  # a search before it must not change what fetch gives
    assert [s.passage.id for s in bound.fetch(asked, where=EVERYONE)] == got


# --- replacing and removing ------------------------------------------------------------


def test_a_document_is_replaced_whole(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "old one", "old two", "kept"), document("/docs/b", "other")])
    bound.apply([document("/docs/a", "new one")])
    assert {s.passage.text for s in bound.stored(["/docs/a"])} == {"new one"}
    assert {s.passage.text for s in bound.stored(["/docs/b"])} == {"other"}
    assert bound.count_passages() == 2
    assert [d.passages for d in bound.documents()] == [1, 1]


def test_the_same_batch_twice_leaves_no_duplicates(bound: PassageIndex) -> None:
    batch = [document("/docs/a", "one", "two"), document("/docs/b", "three")]
    bound.apply(batch)
    bound.apply(batch)
    assert bound.count_passages() == 3
    assert len(bound.documents()) == 2


def test_removal_takes_passages_and_document(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "one"), document("/docs/b", "two")])
    bound.apply([document("/docs/c", "three")], removals=["/docs/a", "/docs/never-there"])
    assert [d.path for d in bound.documents()] == ["/docs/b", "/docs/c"]
    assert found(bound, "one two three") == {"/docs/b", "/docs/c"}


def test_a_document_that_fails_now_loses_its_passages(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "readable")])
    state = replace(document("/docs/a")[0], status="failed", reason="password-protected")
    bound.apply([(state, [])])
    assert bound.count_passages() == 0
    assert [(d.status, d.reason) for d in bound.documents()] == [("failed", "password-protected")]


def test_touch_changes_the_document_and_not_its_passages(bound: PassageIndex) -> None:
    state, pairs = document("/docs/a", "one")
    bound.apply([(state, pairs)])
    version = bound.version()
    bound.touch([replace(state, mtime_ns=5)])
    assert [d.mtime_ns for d in bound.documents()] == [5]
    assert bound.count_passages() == 1
    assert bound.version() == version
    assert bound.unfinished() == []


def test_version_grows_with_each_change_of_passages(bound: PassageIndex) -> None:
    seen = [bound.version()]
    seen.append(bound.apply([document("/docs/a", "one")]))
    seen.append(bound.apply([document("/docs/a", "two")]))
    seen.append(bound.apply([], removals=["/docs/a"]))
    bound.clear()
    seen.append(bound.version())
    assert seen == sorted(set(seen))


def test_nothing_is_written_when_a_batch_breaks_off(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "one")])
    version = bound.version()

    def breaking():
        yield document("/docs/b", "two")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bound.apply(breaking(), removals=["/docs/a"])
    assert bound.version() == version
    assert [d.path for d in bound.documents()] == ["/docs/a"]


def test_a_batch_with_one_document_twice_is_a_bug(bound: PassageIndex) -> None:
    with pytest.raises(InternalError):
        bound.apply([document("/docs/a", "one"), document("/docs/a", "two")])


def test_passages_need_an_embedder_first(index: PassageIndex) -> None:
    with pytest.raises(InternalError):
        index.apply([document("/docs/a", "one")])


def test_a_failed_document_needs_no_embedder(index: PassageIndex) -> None:
    state = replace(document("/docs/a")[0], status="failed", reason="empty")
    index.apply([(state, [])])
    assert index.documents() == [state]
    assert index.unfinished() == []


def test_passages_without_their_document_are_unfinished(bound: PassageIndex) -> None:
    state, pairs = document("/docs/a", "one", "two")
    bound.apply([(state, pairs), document("/docs/b", "three")])
    assert bound.unfinished() == []
    bound.touch([replace(state, passages=3)])
    assert bound.unfinished() == ["/docs/a"]


def test_records_are_told_apart_from_files(bound: PassageIndex) -> None:
    container = replace(document("/docs/t.jsonl")[0], status="container", records=2)
    first, second = document("/docs/t.jsonl#1", "one"), document("/docs/t.jsonl#2", "two")
    records = [(replace(s, container="/docs/t.jsonl"), pairs) for s, pairs in (first, second)]
    bound.apply([*records, (container, []), document("/docs/a", "three")])
    assert [d.path for d in bound.files()] == ["/docs/a", "/docs/t.jsonl"]
    assert [d.path for d in bound.records("/docs/t.jsonl")] == [
        "/docs/t.jsonl#1",
        "/docs/t.jsonl#2",
    ]
    assert len(bound.documents()) == 4
    assert bound.unfinished() == []


def test_the_sync_lock_is_held_by_one(index: PassageIndex) -> None:
    lock = index.sync_lock()
    assert lock.acquire(1.0)
    lock.release()
    assert lock.acquire(0.0)
    lock.release()


# --- sources ---------------------------------------------------------------------------


def test_sources_are_remembered_by_id(index: PassageIndex) -> None:
    one = SourceConfig("/docs", "/docs", ("eng", "o'brien"), ("*.md",), ("/tmp",), NOW, 42)
    two = SourceConfig("/it's", "/it's")
    index.save_source(one)
    index.save_source(two)
    index.save_source(replace(one, labels=("ops",)))
    assert index.sources() == [replace(one, labels=("ops",)), two]
    index.remove_source("/it's")
    index.remove_source("/never")
    assert [s.id for s in index.sources()] == ["/docs"]


# --- the embedder ----------------------------------------------------------------------


def test_another_embedder_is_refused_with_the_command_that_rebuilds(bound: PassageIndex) -> None:
    bound.bind(EMBEDDER.identity)
    bound.apply([document("/docs/a", "one")])
    for other in (
        HashEmbedder(DIMENSION, name="other").identity,
        HashEmbedder(32).identity,
        EmbedderIdentity("hash", "other weights", DIMENSION, 256),
    ):
        with pytest.raises(KnowledgeIndexError) as caught:
            bound.bind(other)
        assert "copilot index rebuild" in caught.value.hint
    assert bound.identity() == EMBEDDER.identity


def test_an_empty_index_takes_another_embedder(bound: PassageIndex) -> None:
    other = HashEmbedder(32, name="other")
    bound.bind(other.identity)
    assert bound.identity() == other.identity


def test_a_vector_of_another_length_is_refused(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "one")])
    with pytest.raises(KnowledgeIndexError, match="components"):
        bound.search_dense(np.ones(7, np.float32), limit=3, where=EVERYONE)


def test_clear_forgets_all_but_the_sources(bound: PassageIndex) -> None:
    bound.save_source(SourceConfig("/docs", "/docs"))
    bound.apply([document("/docs/a", "one")])
    bound.clear()
    assert bound.identity() is None
    assert (bound.documents(), bound.count_passages()) == ([], 0)
    assert [s.id for s in bound.sources()] == ["/docs"]
    assert dense(bound, "one") == []
    assert bound.search_lexical("one", limit=3, where=EVERYONE) == []
    bound.bind(HashEmbedder(32).identity)
    assert bound.identity() == HashEmbedder(32).identity
