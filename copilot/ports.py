"""What the rooms need from outside, as small Protocols named for the need.

Invariant: a real adapter and a shipped double pass the same contract suite in
``tests/contracts``. Blocking ports are synchronous; a use case calls them in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from copilot.events import Event, RunStopped, Warned
from copilot.messages import (
    DocumentState,
    EmbedderIdentity,
    ModelChunk,
    ModelRequest,
    ParsedDocument,
    Passage,
    PassageVectors,
    SearchFilter,
    SourceConfig,
    SourceFile,
    StoredPassage,
    Turn,
)
from copilot.runs import RunDetail, RunFilter, RunSummary, StatsGroup, StatsRow

if TYPE_CHECKING:
    from copilot.messages import Matrix, Vector


class Clock(Protocol):
    def now(self) -> datetime:
        """The time now, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward, for durations."""
        ...


class NewId(Protocol):
    def __call__(self) -> str:
        """A new id that sorts by time and is unique over processes."""
        ...


class Embedder(Protocol):
    """Text to unit-length vectors. All rows of one embedder are comparable by dot product."""

    @property
    def identity(self) -> EmbedderIdentity: ...

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimension), float32, unit length; quick for a few short texts."""
        ...

    def embed_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[str]]
    ) -> Iterator[tuple[Vector, Matrix]]:
        """For each text its own vector and one row for each of its sentences, in input order."""
        ...


class PassageIndex(Protocol):
    """Passages with their vectors, searchable, versioned. One writer at a time, many readers."""

    def identity(self) -> EmbedderIdentity | None:
        """The embedder that built it; None while it is empty."""
        ...

    def bind(self, identity: EmbedderIdentity) -> None:
        """Take this embedder on the first use; KnowledgeIndexError if another one built it."""
        ...

    def version(self) -> int:
        """Grows with every write that changed something; 0 before the first."""
        ...

    def count_passages(self) -> int: ...

    def documents(self) -> list[DocumentState]:
        """All documents, also the skipped and failed ones, by path."""
        ...

    def sources(self) -> list[SourceConfig]: ...

    def save_source(self, source: SourceConfig) -> None: ...

    def remove_source(self, source_id: str) -> None:
        """Forget the source; its documents are removed by ``apply``."""
        ...

    def apply(
        self,
        upserts: Sequence[tuple[DocumentState, Sequence[tuple[Passage, PassageVectors]]]],
        removals: Sequence[str] = (),
    ) -> int:
        """Replace these documents' passages and drop the documents at ``removals`` (paths).

        All or nothing for each document; returns the new version. KnowledgeIndexError when it
        can't be written (disk full, read-only, locked for too long).
        """
        ...

    def optimize(self) -> None:
        """Compact and bring the search structures up to date; safe at any time."""
        ...

    def search_dense(
        self, vector: Vector, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        """(passage id, cosine) best first."""
        ...

    def search_lexical(
        self, query: str, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        """(passage id, BM25) best first; any text is a valid query."""
        ...

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        """The passages that exist and that ``where`` may see, in the order asked."""
        ...


class Reader(Protocol):
    """One family of formats."""

    name: str

    def accepts(self, path: Path, head: bytes) -> bool:
        """Whether this reader takes the file, by its content first and its name second."""
        ...

    def read(self, path: Path) -> Iterable[ParsedDocument]:
        """One document, or many for a file of records. ReadError names why it can't."""
        ...


class Source(Protocol):
    """Where documents come from."""

    def scan(self, source: SourceConfig) -> Iterator[SourceFile | tuple[str, str]]:
        """Every file, or (path, reason) for one that is passed over."""
        ...


class ChatModel(Protocol):
    """A chat model behind a provider."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        """Chunks; the last has ``usage`` and ``finish_reason``. Raises a ModelError."""
        ...


class RunWriter(Protocol):
    """Appends what happened. A record outlives the process when the call returns.

    The event that ends a run is on the disk itself by then. StorageError when it can't be
    written; the writer stays usable.
    """

    def append(self, run_id: str, event: Event | RunStopped) -> None: ...

    def close(self) -> None: ...


class RunReader(Protocol):
    """Tells what was recorded. Every call sees the runs that ended before it.

    StorageError when the ledger can't be read. What a reader had to say about the last call
    (records set aside, a database that another program holds) is in ``notices``.
    """

    def runs(self, where: RunFilter, *, limit: int) -> list[RunSummary]:
        """Newest first."""
        ...

    def run(self, prefix: str) -> RunDetail:
        """The run whose id begins so. NotFoundError; UsageError when several do."""
        ...

    def stats(self, where: RunFilter, *, by: StatsGroup) -> list[StatsRow]:
        """One row for each group, in the group's order; exactly one when ``by`` is empty."""
        ...

    @property
    def notices(self) -> tuple[Warned, ...]: ...


class ConversationStore(Protocol):
    """Conversations that are continued by name, over processes."""

    def load(self, name: str) -> list[Turn]:
        """The turns, oldest first; empty when there is no such conversation."""
        ...

    def append(self, name: str, turns: Sequence[Turn]) -> None: ...

    def last(self) -> str | None:
        """The name of the conversation that was touched last."""
        ...

    def names(self) -> list[str]: ...


class SecretStore(Protocol):
    """Keys by name, such as ``openai``."""

    name: str

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def remove(self, name: str) -> bool: ...

    def names(self) -> list[str]: ...
