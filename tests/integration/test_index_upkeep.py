"""What keeps the real index quick and small changes nothing of what it finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from copilot.adapters.index import build_index, upkeep
from copilot.adapters.index.lance import LanceIndex
from copilot.errors import NotFoundError
from copilot.messages import (
    BlockSpan,
    DocumentState,
    EmbedderIdentity,
    Locator,
    Passage,
    PassageVectors,
    Principal,
    SearchFilter,
)

DIMENSION = 48
NOW = datetime(2026, 5, 1, tzinfo=UTC)
Upsert = tuple[DocumentState, list[tuple[Passage, PassageVectors]]]


def documents(count: int, *, seed: int = 0) -> list[Upsert]:
    """``count`` documents of four passages; every fifth is for ``hr``."""
    rng = np.random.default_rng(seed)
    made: list[Upsert] = []
    for number in range(count):
        rows = rng.standard_normal((4, DIMENSION)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        path, labels = f"/docs/{number}.md", ("hr",) if number % 5 == 0 else ()
        pairs = []
        for ordinal, row in enumerate(rows):
            text = f"words of passage {ordinal} in document{number} seed{seed}"
            passage = Passage(
                id=f"{number}-{ordinal}-{seed}",
                document_id=path,
                path=path,
                title=f"Document {number}",
                ordinal=ordinal,
                text=text,
                heading_path=(),
                locator=Locator("lines", 1, 1),
                spans=(BlockSpan("paragraph", 0, len(text), Locator("lines", 1, 1)),),
                char_start=0,
                char_end=len(text),
                content_hash=text,
                labels=labels,
                source="/docs",
                modified_at=NOW + timedelta(days=number),
            )
            pairs.append((passage, PassageVectors(row, row[None, :], ((0, len(text)),))))
        state = DocumentState(
            path=path,
            document_id=path,
            container=path,
            source="/docs",
            title=f"Document {number}",
            status="indexed",
            content_hash="hash",
            size=1,
            mtime_ns=1,
            passages=4,
            indexed_at=NOW,
            labels=labels,
        )
        made.append((state, pairs))
    return made


@pytest.fixture
def index(tmp_path: Path) -> LanceIndex:
    built = build_index(tmp_path / "index")
    assert isinstance(built, LanceIndex)
    built.bind(EmbedderIdentity("random", "none", DIMENSION, 256))
    return built


def found(index: LanceIndex, row: np.ndarray, where: SearchFilter) -> list[tuple[str, float]]:
    return [
        (id_, round(cosine, 3)) for id_, cosine in index.search_dense(row, limit=10, where=where)
    ]


def test_a_vector_index_finds_what_comparing_with_every_vector_finds(
    index: LanceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = documents(250)
    index.apply(corpus)
    index.optimize()
    filters = [
        SearchFilter(),
        SearchFilter(Principal(groups=("hr",))),
        SearchFilter(path_prefix="/docs/1"),
        SearchFilter(modified_after=NOW + timedelta(days=200)),
    ]
    questions = [pairs[0][1].passage for _, pairs in corpus[::25]]
    before = [found(index, row, where) for row in questions for where in filters]
    assert all(before)
    monkeypatch.setattr(upkeep, "VECTOR_INDEX_FROM", 500)
    index.optimize()
    table = index._tables.find("passages")
    assert table is not None
    assert "vector" in {column for each in table.list_indices() for column in each.columns}
    after = [found(index, row, where) for row in questions for where in filters]
    shared = sum(
        len({i for i, _ in a} & {i for i, _ in b}) for a, b in zip(before, after, strict=True)
    )
    assert shared >= 0.95 * sum(map(len, before))
    for row, hits in zip(questions, after[:: len(filters)], strict=True):
        for id_, cosine in hits:
            number, ordinal, _ = id_.split("-")
            exact = float(corpus[int(number)][1][int(ordinal)][1].passage @ row)
            assert cosine == pytest.approx(exact, abs=0.01)
    # Rows that come later are found before and after they are taken into the index.
    late = documents(260, seed=1)[250:]
    index.apply(late)
    for _ in range(2):
        row = late[3][1][2][1].passage
        assert index.search_dense(row, limit=1, where=SearchFilter())[0][0] == "253-2-1"
        index.optimize()


def test_many_small_batches_are_compacted_and_still_found(index: LanceIndex) -> None:
    corpus = documents(24)
    for document in corpus:
        index.apply([document])
    table = index._tables.find("passages")
    assert table is not None
    assert table.stats()["fragment_stats"]["num_fragments"] == 24
    index.optimize()
    assert table.stats()["fragment_stats"]["num_fragments"] == 1
    assert table.index_stats("search_text_idx").num_unindexed_rows == 0
    everyone = SearchFilter(Principal(groups=("hr",)))
    for number in (0, 7, 23):
        hits = index.search_lexical(f"document{number}", limit=4, where=everyone)
        assert {id_.partition("-")[0] for id_, _ in hits} == {str(number)}


def test_a_vector_index_does_not_fall_to_pieces_over_many_small_writes(
    index: LanceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "VECTOR_INDEX_FROM", 500)
    monkeypatch.setattr(upkeep, "_VECTOR_PIECES", 3)
    index.apply(documents(150))
    index.optimize()
    late = documents(172, seed=1)[150:]
    for document in late:
        index.apply([document])
        index.optimize()
    table = index._tables.find("passages")
    assert table is not None
    (vector,) = (each for each in table.list_indices() if "vector" in each.columns)
    assert vector.num_segments <= 4
    assert table.stats()["fragment_stats"]["num_fragments"] < 12
    for number, (_, pairs) in enumerate(late, start=150):
        row = pairs[2][1].passage
        everyone = SearchFilter(Principal(groups=("hr",)))
        assert index.search_dense(row, limit=1, where=everyone)[0][0] == f"{number}-2-1"


def test_an_index_in_order_is_not_written_to(index: LanceIndex) -> None:
    index.apply(documents(20))
    index.optimize()
    version = index.version()
    index.optimize()
    assert index.version() == version


def test_old_versions_are_cleaned_up_once_nobody_can_be_reading_them(
    index: LanceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(12):
        index.apply(documents(60, seed=seed))
    index.optimize()
    before = index.size_bytes()
    index.optimize()
    assert index.size_bytes() == before
    monkeypatch.setattr(upkeep, "_READ_FOR", timedelta(milliseconds=1))
    monkeypatch.setattr(upkeep, "_GARBAGE_BYTES", 0)
    index.optimize()
    assert index.size_bytes() < before / 2
    assert index.count_passages() == 240
    assert index.stored(["/docs/3.md"])[0].passage.id.endswith("-11")


def test_what_was_removed_is_gone_from_the_disk_however_little_it_is(
    index: LanceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply(documents(20))
    version, seen_at = index.version(), datetime.now(UTC)
    index.apply([], ["/docs/3.md"])
    index.optimize()
    assert index.at(version, seen_at=seen_at).count_passages() == 80
    monkeypatch.setattr(upkeep, "_READ_FOR", timedelta(milliseconds=1))
    index.optimize()
    assert index.at(version, seen_at=seen_at).count_passages() == 80
    monkeypatch.setattr(upkeep, "_NEEDLESS_FOR", timedelta(0))
    index.optimize()
    with pytest.raises(NotFoundError, match="isn't kept any more"):
        index.at(version, seen_at=seen_at)
    assert index.count_passages() == 76
    # Once is enough: an index in order is not written to.
    version, size = index.version(), index.size_bytes()
    index.optimize()
    assert (index.version(), index.size_bytes()) == (version, size)


def test_an_index_that_never_got_a_passage_has_nothing_to_clean_up(
    index: LanceIndex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(upkeep, "_READ_FOR", timedelta(milliseconds=1))
    assert not (tmp_path / "index" / "passages.lance" / "data").exists()
    index.optimize()
    index.apply(documents(2))
    assert index.count_passages() == 8


def test_a_passage_whose_labels_another_process_changes_is_not_given_from_memory(
    index: LanceIndex, tmp_path: Path
) -> None:
    (state, pairs) = documents(2)[1]
    index.apply([(state, pairs)])
    id_ = pairs[0][0].id
    assert index.fetch([id_], where=SearchFilter())
    assert index.fetch([id_], where=SearchFilter())  # from memory
    closed = [(replace(passage, labels=("hr",)), vectors) for passage, vectors in pairs]
    # Another object with tables of its own: it tells this one nothing.
    build_index(tmp_path / "index").apply([(replace(state, labels=("hr",)), closed)])
    assert index.fetch([id_], where=SearchFilter()) == []
    assert index.fetch([id_], where=SearchFilter(Principal(groups=("hr",))))
    # Read by one who may, it is still not shown to one who may not.
    assert index.fetch([id_], where=SearchFilter()) == []


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LanceIndex:
    """An index that keeps what it held, whose old versions nobody reads for longer than 1 ms."""
    monkeypatch.setattr(upkeep, "_READ_FOR", timedelta(milliseconds=1))
    monkeypatch.setattr(upkeep, "_GARBAGE_BYTES", 0)
    monkeypatch.setattr(upkeep, "_GARBAGE_SHARE", 0.0)
    built = build_index(tmp_path / "index", keep=timedelta(days=1))
    assert isinstance(built, LanceIndex)
    built.bind(EmbedderIdentity("random", "none", DIMENSION, 256))
    return built


def test_what_the_index_held_is_kept_for_as_long_as_it_is_asked_to(
    keeping: LanceIndex, tmp_path: Path
) -> None:
    keeping.apply(documents(60))
    version, seen_at = keeping.version(), datetime.now(UTC)
    for seed in range(1, 12):
        keeping.apply(documents(60, seed=seed))
        keeping.optimize()
    everyone = SearchFilter(Principal(groups=("hr",)))
    old = keeping.at(version, seen_at=seen_at)
    hits = old.search_lexical("seed0", limit=300, where=everyone)
    assert len(hits) == old.count_passages() == 240
    assert len(old.fetch([id_ for id_, _ in hits], where=everyone)) == 240
    # A setting that is lowered later frees the room.
    before = keeping.size_bytes()
    build_index(tmp_path / "index").optimize()
    assert keeping.size_bytes() < before / 2
    with pytest.raises(NotFoundError, match="isn't kept any more"):
        keeping.at(version, seen_at=seen_at)
    assert keeping.count_passages() == 240


def test_a_version_that_is_younger_than_who_saw_it_is_another_one(keeping: LanceIndex) -> None:
    keeping.apply(documents(2))
    with pytest.raises(NotFoundError, match="isn't kept any more") as caught:
        keeping.at(keeping.version(), seen_at=datetime.now(UTC) - timedelta(hours=1))
    assert "clock set back" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        keeping.at(99, seen_at=datetime.now(UTC))
    assert "index.keep_days" in caught.value.hint


def test_old_versions_never_take_more_room_than_the_index(
    keeping: LanceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_KEPT_BYTES", 200_000)
    sizes = []
    for seed in range(30):
        keeping.apply(documents(60, seed=seed))
        keeping.optimize()
        sizes.append(keeping.size_bytes())
    assert max(sizes[10:]) < 4 * sizes[1]
    version = keeping.version()
    keeping.apply(documents(3, seed=31))
    assert keeping.at(version, seen_at=datetime.now(UTC)).count_passages() == 240
