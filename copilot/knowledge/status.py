"""What the index holds, from where, and what could not be read.

Invariant: looking changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from copilot.messages import DocumentState, DocumentStatus, EmbedderIdentity, SourceConfig
from copilot.ports import PassageIndex

STATUSES: tuple[DocumentStatus, ...] = ("indexed", "skipped", "failed")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What came of one source. ``unreachable``: why nothing of it can be read now."""

    source: SourceConfig
    documents: int
    passages: int
    failed: int
    skipped: int
    unreachable: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """``documents`` without the files that hold records."""

    folder: str
    size_bytes: int
    version: int
    embedder: EmbedderIdentity | None
    passages: int
    documents: tuple[DocumentState, ...]
    sources: tuple[SourceConfig, ...]

    def of(self, status: DocumentStatus) -> list[DocumentState]:
        return [state for state in self.documents if state.status == status]

    def count(self, status: DocumentStatus) -> int:
        return sum(state.status == status for state in self.documents)

    @property
    def last_indexed_at(self) -> datetime | None:
        return max((state.indexed_at for state in self.documents), default=None)

    def by_source(self) -> list[SourceStatus]:
        counts = Counter((state.source, state.status) for state in self.documents)
        passages: Counter[str] = Counter()
        for state in self.documents:
            passages[state.source] += state.passages
        return [
            SourceStatus(
                source,
                documents=counts[source.id, "indexed"],
                passages=passages[source.id],
                failed=counts[source.id, "failed"],
                skipped=counts[source.id, "skipped"],
                unreachable=_unreachable(source.root),
            )
            for source in self.sources
        ]


def look(index: PassageIndex, folder: Path) -> IndexStatus:
    """Blocks. Raises KnowledgeIndexError."""
    return IndexStatus(
        folder=str(folder),
        size_bytes=index.size_bytes(),
        version=index.version(),
        embedder=index.identity(),
        passages=index.count_passages(),
        documents=tuple(s for s in index.documents() if s.status != "container"),
        sources=tuple(index.sources()),
    )


def _unreachable(root: str) -> str:
    try:
        Path(root).stat()
    except FileNotFoundError:
        return "it does not exist"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
