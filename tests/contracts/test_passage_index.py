"""What every ports.PassageIndex promises, run over the real one and the double."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from copilot.adapters.index import build_index
from copilot.errors import InternalError, KnowledgeIndexError, NotFoundError
from copilot.messages import (
    BlockSpan,
    DocumentState,
    EmbedderIdentity,
    Locator,
    Passage,
    PassageVectors,
    Principal,
    SearchFilter,
    SourceConfig,
)
from copilot.ports import PassageIndex, SearchableIndex
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex

DIMENSION = 64
EMBEDDER = HashEmbedder(DIMENSION)
EVERYONE = SearchFilter()
NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)

Upsert = tuple[DocumentState, list[tuple[Passage, PassageVectors]]]


@pytest.fixture(params=["lance", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    yield build_index(tmp_path / "index") if request.param == "lance" else MemoryIndex()


@pytest.fixture
def bound(index: PassageIndex) -> PassageIndex:
    index.bind(EMBEDDER.identity)
    return index


def passage(path: str, ordinal: int, text: str, **changes: object) -> Passage:
    built = Passage(
        id=f"{path}-{ordinal}-{len(text)}",
        document_id=path,
        path=path,
        title="A title",
        ordinal=ordinal,
        text=text,
        heading_path=("Part", "Section"),
        locator=Locator("lines", 3, 9),
        spans=(
            BlockSpan("heading", 0, 4, Locator("lines", 3, 3), 2),
            BlockSpan("paragraph", 6, len(text), Locator("lines", 5, 9)),
        ),
        char_start=10,
        char_end=10 + len(text),
        content_hash=str(hash(text)),
        source="/docs",
        url="https://example.test/a",
        modified_at=NOW,
    )
    return replace(built, **changes)  # type: ignore[arg-type]


def vectors(text: str) -> PassageVectors:
    halves = [text[: len(text) // 2], text[len(text) // 2 :]]
    vector, sentences = next(EMBEDDER.embed_passages([text], [halves]))
    return PassageVectors(vector, sentences, ((0, len(text) // 2), (len(text) // 2, len(text))))


def document(path: str, *texts: str, **changes: object) -> Upsert:
    labels = changes.get("labels", ())
    passages = [passage(path, i, text, **changes) for i, text in enumerate(texts)]
    state = DocumentState(
        path=path,
        document_id=path,
        container=path,
        source="/docs",
        title="A title",
        status="indexed",
        content_hash="c0ffee",
        size=123,
        mtime_ns=1_700_000_000_123_456_789,
        passages=len(passages),
        indexed_at=NOW,
        labels=labels,  # type: ignore[arg-type]
    )
    return state, [(p, vectors(p.text)) for p in passages]


def dense(index: PassageIndex, text: str, where: SearchFilter = EVERYONE, limit: int = 10):
    return index.search_dense(EMBEDDER.embed_queries([text])[0], limit=limit, where=where)


def found(index: PassageIndex, query: str, where: SearchFilter = EVERYONE) -> set[str]:
    """Paths that a search shows; both kinds of search must agree with ``fetch``."""
    by_vector = {id_ for id_, _ in dense(index, query, where, limit=100)}
    by_words = {id_ for id_, _ in index.search_lexical(query, limit=100, where=where)}
    assert by_words <= by_vector
    return {s.passage.path for s in index.fetch(sorted(by_vector), where=where)}


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


# --- searching -------------------------------------------------------------------------


def test_dense_search_gives_cosines_best_first(bound: PassageIndex) -> None:
    texts = ["restore the backup", "restore a tenant from the backup", "holiday policy"]
    state, pairs = document("/docs/a", *texts)
    bound.apply([(state, pairs)])
    query = EMBEDDER.embed_queries(["restore backup"])[0]
    hits = bound.search_dense(query, limit=2, where=EVERYONE)
    exact = {p.id: float(v.passage @ query) for p, v in pairs}
    assert [id_ for id_, _ in hits] == sorted(exact, key=lambda id_: -exact[id_])[:2]
    for id_, cosine in hits:
        assert cosine == pytest.approx(exact[id_], abs=1e-4)


def test_lexical_search_ranks_by_rare_words_and_sees_titles_and_headings(
    bound: PassageIndex,
) -> None:
    bound.apply(
        [
            document("/docs/a", "the patronictl command switches the leader"),
            document("/docs/b", "the command for the backup of the database"),
            document("/docs/c", "nothing of this kind", title="Quarterly zebra report"),
            document("/docs/d", "nothing of that sort", heading_path=("On giraffes",)),
        ]
    )

    def best(query: str) -> str:
        hits = bound.search_lexical(query, limit=3, where=EVERYONE)
        return bound.fetch([hits[0][0]], where=EVERYONE)[0].passage.path

    assert best("command patronictl") == "/docs/a"
    assert best("zebras") == "/docs/c"
    assert best("giraffe") == "/docs/d"
    scores = [score for _, score in bound.search_lexical("the command", limit=3, where=EVERYONE)]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("max_retry_count", "set max_retry_count to 3"),
        ("retry", "set max_retry_count to 3"),
        ("error E1234", "it prints E1234 and stops"),
        ("http server", "class HTTPServer listens"),
        ("更新", "データを更新する"),
        ("CAFE", "the café downstairs"),
        ("it is not", "this is not it"),
        ("v1.2.3", "since v1.2.3 it works"),
    ],
)
def test_identifiers_scripts_and_small_words_are_found(
    bound: PassageIndex, query: str, text: str
) -> None:
    bound.apply([document("/docs/a", text), document("/docs/b", "something else entirely")])
    hits = bound.search_lexical(query, limit=5, where=EVERYONE)
    assert bound.fetch([hits[0][0]], where=EVERYONE)[0].passage.path == "/docs/a"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   \n\t",
        "?!…",
        "AND OR NOT (",
        'foo:bar "unbalanced',
        "a* ~0.8 ^4 [1 TO 5] {x}",
        "'; DROP TABLE passages; --",
        "\x00\x1b[31m\u202e\u200b",
        "\ud800",
        "😀" * 50,
        "word " * 20_000,
        " ".join(f"w{i}" for i in range(20_000)),
        "x" * 100_000,
        "更" * 5_000,
    ],
)
def test_any_text_is_a_valid_lexical_query(bound: PassageIndex, query: str) -> None:
    bound.apply([document("/docs/a", "word bar passages")])
    hits = bound.search_lexical(query, limit=5, where=EVERYONE)
    assert all(id_.startswith("/docs/a-0") for id_, _ in hits)
    if query.strip() and set(query.split()) == {"word"}:
        assert hits


def test_a_long_pasted_text_is_searched_by_its_end_too(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "ConnectionResetError means that the peer hung up")])
    log = " ".join(f"line{i}" for i in range(5000)) + " ConnectionResetError"
    assert bound.search_lexical(log, limit=5, where=EVERYONE)


# --- who may see what ------------------------------------------------------------------


def test_labels_decide_who_finds_a_passage(bound: PassageIndex) -> None:
    bound.apply(
        [
            document("/docs/open", "salary table"),
            document("/docs/hr", "salary table of hr", labels=("hr",)),
            document("/docs/both", "salary table of two", labels=("hr", "eng")),
            document("/docs/star", "salary table of star", labels=("*",)),
        ]
    )

    def seen_by(*groups: str) -> set[str]:
        return found(bound, "salary table", SearchFilter(Principal(groups=groups)))

    assert seen_by() == {"/docs/open"}
    assert seen_by("hr") == {"/docs/open", "/docs/hr", "/docs/both"}
    assert seen_by("eng") == {"/docs/open", "/docs/both"}
    assert seen_by("sales", "x') OR true --") == {"/docs/open"}
    assert seen_by("*") == {"/docs/open", "/docs/star"}
    assert seen_by("=hr") == {"/docs/open"}


def test_a_forbidden_passage_is_not_fetched_by_its_id(bound: PassageIndex) -> None:
    upsert = document("/docs/hr", "salary", labels=("hr",))
    bound.apply([upsert])
    id_ = upsert[1][0][0].id
    allowed = SearchFilter(Principal(groups=("hr",)))
    assert dense(bound, "salary", allowed)
    assert bound.fetch([id_], where=EVERYONE) == []
    assert len(bound.fetch([id_], where=allowed)) == 1


def test_filters_come_before_the_limit(bound: PassageIndex) -> None:
    secret = [document(f"/docs/hr{i}", f"salary table {i}", labels=("hr",)) for i in range(30)]
    bound.apply([*secret, document("/docs/open", "a salary, mentioned far below in other words")])
    assert len(dense(bound, "salary table", limit=1)) == 1
    assert len(bound.search_lexical("salary table", limit=1, where=EVERYONE)) == 1


def test_searches_narrow_by_path_document_source_and_date(bound: PassageIndex) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    bound.apply(
        [
            document("/docs/a%_/x.md", "shared words"),
            document("/docs/ab/x.md", "shared words again", source="/other"),
            document("/docs/old.md", "shared words before", modified_at=old),
            document("/docs/undated.md", "shared words ever", modified_at=None),
            document("/docs/t.jsonl#7", "shared words there", document_id="7"),
        ]
    )

    def narrowed(**filters: object) -> set[str]:
        return found(bound, "shared words", SearchFilter(**filters))  # type: ignore[arg-type]

    assert narrowed(path_prefix="/docs/a%_/") == {"/docs/a%_/x.md"}
    assert narrowed(path_prefix="/nowhere' OR true --") == set()
    assert narrowed(document_id="7") == {"/docs/t.jsonl#7"}
    assert narrowed(source="/other") == {"/docs/ab/x.md"}
    recent = {"/docs/a%_/x.md", "/docs/ab/x.md", "/docs/t.jsonl#7"}
    assert narrowed(modified_after=NOW) == recent
    assert narrowed(modified_after=old) == {*recent, "/docs/old.md"}


# --- several at once -------------------------------------------------------------------


def test_rows_written_after_optimize_are_found(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "first words")])
    bound.optimize()
    bound.apply([document("/docs/b", "second words")])
    assert found(bound, "words") == {"/docs/a", "/docs/b"}
    version = bound.version()
    bound.optimize()
    bound.optimize()
    assert bound.version() - version <= 4
    assert found(bound, "words") == {"/docs/a", "/docs/b"}


def test_fetch_follows_a_passage_that_was_moved_or_removed(bound: PassageIndex) -> None:
    bound.apply([document("/docs/a", "first words"), document("/docs/b", "second words")])
    ids = [id_ for id_, _ in dense(bound, "words")]
    bound.apply([document("/docs/c", "third words")], removals=["/docs/a"])
    bound.optimize()
    assert {s.passage.path for s in bound.fetch(ids, where=EVERYONE)} == {"/docs/b"}


def test_the_sync_lock_is_held_by_one(index: PassageIndex) -> None:
    lock = index.sync_lock()
    assert lock.acquire(1.0)
    lock.release()
    assert lock.acquire(0.0)
    lock.release()


@pytest.mark.parametrize(
    ("groups", "seen"), [((), False), (("hr",), False), (("eng",), False), (("hr", "eng"), True)]
)
def test_a_label_for_both_is_seen_by_those_in_both(
    bound: PassageIndex, groups: tuple[str, ...], seen: bool
) -> None:
    bound.apply([document("/docs/a", "salary bands", labels=("eng & hr",))])
    where = SearchFilter(principal=Principal("ann", groups))
    assert found(bound, "salary", where) == ({"/docs/a"} if seen else set())
    assert bool(bound.search_lexical("salary", limit=5, where=where)) is seen


def test_equals_come_in_the_order_of_their_ids_also_at_the_limit(bound: PassageIndex) -> None:
    paths = [f"/{number:02}" for number in range(40)]
    for begin in (20, 0, 30, 10):
        bound.apply([document(path, "a pelican") for path in paths[begin : begin + 10]])
        if begin:
            bound.optimize()
    [vector] = EMBEDDER.embed_queries(["a pelican"])
    ids = [f"{path}-0-9" for path in paths]
    for limit in (1, 3, 25, 40, 99):
        for found in (
            bound.search_lexical("pelican", limit=limit, where=EVERYONE),
            bound.search_dense(vector, limit=limit, where=EVERYONE),
        ):
            assert len({score for _, score in found}) == 1
            assert [id_ for id_, _ in found] == ids[:limit]


# --- older versions --------------------------------------------------------------------


def looked_up(index: SearchableIndex, where: SearchFilter = EVERYONE) -> list[object]:
    """All that a search can see: both rankings, and the passages themselves."""
    [vector] = EMBEDDER.embed_queries(["pelican"])
    dense = index.search_dense(vector, limit=10, where=where)
    lexical = index.search_lexical("pelican heron", limit=10, where=where)
    ids = sorted({id_ for id_, _ in (*dense, *lexical)})
    passages = [one.passage for one in index.fetch(ids, where=where)]
    return [index.identity(), index.version(), index.count_passages(), dense, lexical, passages]


def test_an_older_version_is_searched_as_it_was_whatever_came_after(bound: PassageIndex) -> None:
    bound.apply([document("/a", "a pelican", "a heron"), document("/b", "two pelicans")])
    bound.optimize()
    then, seen_at = looked_up(bound), datetime.now(UTC)
    version = bound.version()
    bound.apply([document("/a", "a pelican and a heron, anew"), document("/c", "heron")], ["/b"])
    bound.optimize()
    assert looked_up(bound) != then
    assert looked_up(bound.at(version, seen_at=seen_at)) == then
    bound.clear()
    bound.bind(EMBEDDER.identity)
    bound.apply([document("/d", "another pelican")])
    bound.optimize()
    assert looked_up(bound.at(version, seen_at=seen_at)) == then
    assert looked_up(bound)[2] == 1


def test_an_older_version_shows_a_labelled_passage_to_its_groups_only(bound: PassageIndex) -> None:
    bound.apply([document("/a", "a pelican", labels=("hr",)), document("/b", "a heron")])
    version, seen_at = bound.version(), datetime.now(UTC)
    bound.apply([document("/a", "a pelican")])
    old = bound.at(version, seen_at=seen_at)
    assert {p.path for p in looked_up(old)[5]} == {"/b"}
    hr = SearchFilter(Principal(groups=("hr",)))
    assert {p.path for p in looked_up(old, hr)[5]} == {"/a", "/b"}


def test_the_version_of_now_can_be_asked_for_by_its_number(bound: PassageIndex) -> None:
    bound.apply([document("/a", "a pelican")])
    now = bound.at(bound.version(), seen_at=datetime.now(UTC))
    assert looked_up(now) == looked_up(bound)


@pytest.mark.parametrize("version", [0, 99])
def test_a_version_that_there_is_not_is_not_found(bound: PassageIndex, version: int) -> None:
    with pytest.raises(NotFoundError, match=str(version)):
        bound.at(version, seen_at=datetime.now(UTC))


def test_a_version_made_after_it_is_said_to_have_been_seen_is_another_one(
    bound: PassageIndex,
) -> None:
    bound.apply([document("/a", "a pelican")])
    with pytest.raises(NotFoundError, match=str(bound.version())):
        bound.at(bound.version(), seen_at=datetime.now(UTC) - timedelta(minutes=1))


def test_an_index_that_was_never_made_has_no_older_version(index: PassageIndex) -> None:
    with pytest.raises(NotFoundError):
        index.at(1, seen_at=datetime.now(UTC))
