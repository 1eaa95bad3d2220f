"""Sources that are looked at again and again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from copilot.adapters.sources.folder import FolderSource
from copilot.config.schema import IndexSettings
from copilot.knowledge.watching import changed
from copilot.messages import SourceConfig, SourceFile
from tests.sync_world import LaterClock


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("alpha")
    return folder


def watched(*folders: Path) -> AsyncGenerator[tuple[SourceConfig, ...]]:
    sources = [SourceConfig(str(one), str(one)) for one in folders]
    source = FolderSource(IndexSettings())
    return changed(lambda: sources, source, LaterClock(), every_s=0.01, rest_s=0.02)


async def test_at_first_all_have_changed_and_then_those_whose_files_did(
    docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    told = watched(docs, other)
    assert [one.root for one in await anext(told)] == [str(docs), str(other)]
    (other / "new.txt").write_text("new")
    assert [one.root for one in await anext(told)] == [str(other)]
    (docs / "a.txt").unlink()
    assert [one.root for one in await anext(told)] == [str(docs)]
    await told.aclose()


class Growing:
    """A source whose one file grows each time that it is looked at, up to a size."""

    def __init__(self) -> None:
        self.size = 0
        self.whole = 1

    def scan(self, source: SourceConfig) -> Iterator[SourceFile | tuple[str, str]]:
        self.size = min(self.size + 1, self.whole)
        yield SourceFile(f"{source.root}/log.txt", self.size, self.size)


async def test_nothing_is_told_while_somebody_writes() -> None:
    growing = Growing()
    sources = [SourceConfig("/srv", "/srv")]
    told = changed(lambda: sources, growing, LaterClock(), every_s=0.0, rest_s=0.0)
    await anext(told)
    growing.whole = 20
    await anext(told)
    assert growing.size == growing.whole
    await told.aclose()
