"""Every ports.PassageIndex still searches an older version of itself as it was then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from copilot.errors import NotFoundError
from copilot.messages import Principal, SearchFilter
from copilot.ports import PassageIndex, SearchableIndex
from tests.index_documents import EMBEDDER, EVERYONE, document


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
