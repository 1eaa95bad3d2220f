"""Documents are found by what is typed of their names, by who may see them."""

from __future__ import annotations

import pytest

from copilot.knowledge.picking import Picking
from copilot.messages import Principal, SearchFilter
from copilot.testing.memory_index import MemoryIndex
from tests.index_documents import EMBEDDER, EVERYONE, document

PATHS = (
    "/docs/ops/restart.md",
    "/docs/ops/after-restart.md",
    "/docs/restart/readme.md",
    "/docs/Résumé.md",
    "/docs/tickets.jsonl#T-77",
)


def paths(picking: Picking, typed: str, where: SearchFilter = EVERYONE) -> list[str]:
    return [one.path for one in picking.find(typed, where, limit=9).found]


@pytest.fixture
def index() -> MemoryIndex:
    made = MemoryIndex()
    made.bind(EMBEDDER.identity)
    made.apply([document(path, "some words") for path in PATHS])
    return made


def test_a_name_that_begins_so_comes_first_then_one_that_holds_it_then_a_folder(
    index: MemoryIndex,
) -> None:
    assert paths(Picking(index), "Restart") == list(PATHS[:3])


@pytest.mark.parametrize(
    ("typed", "first"),
    [("resume", PATHS[3]), ("t77", PATHS[4]), ("rstrt.md", PATHS[0]), ("opsafter", PATHS[1])],
)
def test_letters_in_their_order_are_enough(index: MemoryIndex, typed: str, first: str) -> None:
    assert paths(Picking(index), typed)[0] == first


def test_before_anything_is_typed_all_fit_and_some_are_told(index: MemoryIndex) -> None:
    picked = Picking(index).find("", EVERYONE, limit=2)
    assert (len(picked.found), picked.total) == (2, len(PATHS))


@pytest.mark.parametrize("typed", ["nothing like it", "(", "[a-z]*", "\\", "x" * 10_000])
def test_what_no_name_holds_finds_nothing(index: MemoryIndex, typed: str) -> None:
    assert Picking(index).find(typed, EVERYONE, limit=9).total == 0


def test_what_one_may_not_see_is_neither_found_nor_counted(index: MemoryIndex) -> None:
    index.apply([document("/docs/restart-salaries.md", "some words", labels=("hr",))])
    picking = Picking(index)
    assert picking.find("restart", EVERYONE, limit=9).total == 3
    allowed = SearchFilter(Principal(groups=("hr",)))
    assert "/docs/restart-salaries.md" in paths(picking, "restart", allowed)


def test_a_document_that_comes_or_goes_is_known_at_once(index: MemoryIndex) -> None:
    picking = Picking(index)
    assert paths(picking, "brand-new") == []
    index.apply([document("/docs/brand-new.md", "some words")], [PATHS[0]])
    assert paths(picking, "brand-new") == ["/docs/brand-new.md"]
    assert PATHS[0] not in paths(picking, "restart")
