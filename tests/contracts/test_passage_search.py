"""What every ports.PassageIndex finds, by vector and by words, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.messages import Principal, SearchFilter
from copilot.ports import PassageIndex
from tests.index_documents import EMBEDDER, EVERYONE, NOW, dense, document, found

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


def test_equals_come_in_the_order_of_their_ids_also_at_the_limit(bound: PassageIndex) -> None:
    paths = [f"/{number:02}" for number in range(40)]
    for begin in (20, 0, 30, 10):
        bound.apply([document(path, "a pelican") for path in paths[begin : begin + 10]])
        if begin:
            bound.optimize()
    [vector] = EMBEDDER.embed_queries(["a pelican"])
    ids = [f"{path}-0-9" for path in paths]
    for limit in (1, 3, 25, 40, 99):
        for hits in (
            bound.search_lexical("pelican", limit=limit, where=EVERYONE),
            bound.search_dense(vector, limit=limit, where=EVERYONE),
        ):
            assert len({score for _, score in hits}) == 1
            assert [id_ for id_, _ in hits] == ids[:limit]


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


def test_searches_are_confined_to_the_documents_that_are_named(bound: PassageIndex) -> None:
    bound.apply(
        [
            document("/docs/o'brien (1).md", "shared words"),
            document("/docs/o'brien (1).md.bak", "shared words again"),
            document("/docs/t.jsonl#7", "shared words there", document_id="7"),
            document("/docs/t.jsonl#77", "shared words here", document_id="77"),
            document("/docs/sub/x.md", "shared words below"),
            document("/docs/hr.md", "shared words of hr", labels=("hr",)),
        ]
    )

    def seen(*paths: str, groups: tuple[str, ...] = (), prefix: str = "") -> set[str]:
        where = SearchFilter(Principal(groups=groups), paths=paths, path_prefix=prefix)
        listed = [id_ for id_, _ in dense(bound, "shared words", where, limit=99)]
        held = bound.fetch(listed, where=SearchFilter(where.principal))
        paths_seen = {one.passage.path for one in held}
        assert paths_seen == found(bound, "shared words", where)
        return paths_seen

    assert seen("/docs/o'brien (1).md") == {"/docs/o'brien (1).md"}
    assert seen("/docs/t.jsonl#7") == {"/docs/t.jsonl#7"}
    assert seen("/docs/t.jsonl") == {"/docs/t.jsonl#7", "/docs/t.jsonl#77"}
    assert seen("/docs/sub", "/docs/t.jsonl#77") == {"/docs/sub/x.md", "/docs/t.jsonl#77"}
    assert seen("/docs/sub", prefix="/docs/t") == set()
    assert seen("/docs/none.md") == seen("' OR true --") == set()
    assert seen("/docs/hr.md") == set()
    assert seen("/docs/hr.md", groups=("hr",)) == {"/docs/hr.md"}


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


# --- after more was written ------------------------------------------------------------


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
