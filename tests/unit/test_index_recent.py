"""What searches saw lately is remembered within bounds, the newest longest."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.adapters.index import build_index, recent
from copilot.adapters.index.recent import Places
from copilot.messages import SearchFilter
from tests.index_documents import EMBEDDER, document


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(recent, "_PLACES", 4)
    return Places()


def test_the_places_seen_longest_ago_make_room(places: Places) -> None:
    places.note(["a", "b", "c", "d"], [1, 2, 3, 4])
    places.note(["a", "e"], [1, 5])
    assert places.of("abcdef") == {"a": 1, "c": 3, "d": 4, "e": 5}


def test_a_passage_that_moved_is_known_by_its_new_place(places: Places) -> None:
    places.note(["a", "b"], [1, 2])
    places.note(["a"], [9])
    assert places.of("ab") == {"a": 9, "b": 2}


def test_a_search_larger_than_the_memory_is_remembered_whole(places: Places) -> None:
    places.note(["x"], [0])
    places.note(["a", "b", "c", "d", "e"], [1, 2, 3, 4, 5])
    assert places.of("xabcde") == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


def test_more_passages_than_are_remembered_are_found_and_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "_PLACES", 10)
    monkeypatch.setattr(recent, "_LIMIT", 10)
    index = build_index(tmp_path / "index")
    index.bind(EMBEDDER.identity)
    index.apply([document("/docs/a", *(f"words number {'x' * n}" for n in range(40)))])
    row = EMBEDDER.embed_queries(["words"])[0]
    for limit in (40, 5, 40):
        seen = [id_ for id_, _ in index.search_dense(row, limit=limit, where=SearchFilter())]
        assert len(seen) == limit
        fetched = index.fetch(seen, where=SearchFilter())
        assert [one.passage.id for one in fetched] == seen
