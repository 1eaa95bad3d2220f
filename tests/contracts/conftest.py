"""The real index and its double, for each contract that both keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.adapters.index import build_index
from copilot.ports import PassageIndex
from copilot.testing.memory_index import MemoryIndex
from tests.index_documents import EMBEDDER


@pytest.fixture(params=["lance", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    yield build_index(tmp_path / "index") if request.param == "lance" else MemoryIndex()


@pytest.fixture
def bound(index: PassageIndex) -> PassageIndex:
    index.bind(EMBEDDER.identity)
    return index
