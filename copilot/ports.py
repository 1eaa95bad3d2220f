"""What the rooms need from outside, as small Protocols named for the need.

Invariant: a real adapter and a shipped double pass the same contract suite in
``tests/contracts``. Blocking ports are synchronous; a use case calls them in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from copilot.events import Event, RunStopped, Warned
from copilot.figures import Freshness, ModelTime, RecordedFailure, Standing, StatsGroup, StatsRow
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
    Usage,
)
from copilot.records import Record
from copilot.runs import RunDetail, RunFilter, RunSummary

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


class Lock(Protocol):
    """Held by one process at a time; a process that dies lets go of it."""

    def acquire(self, timeout_s: float) -> bool:
        """Whether it is ours now. KnowledgeIndexError when it can't be taken at all."""
        ...

    def release(self) -> None: ...


class SearchableIndex(Protocol):
    """What a search needs of an index, as it is or as it was at an older version."""

    def identity(self) -> EmbedderIdentity | None:
        """The embedder that built it; None while there is no index."""
        ...

    def version(self) -> int:
        """Names the passages that a search sees: grows with every change; 0 before the first."""
        ...

    def count_passages(self) -> int: ...

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


class PassageIndex(SearchableIndex, Protocol):
    """Passages with their vectors, searchable, versioned. One writer at a time, many readers."""

    def at(self, version: int, *, seen_at: datetime) -> SearchableIndex:
        """What it was at the version that a search saw at that time, with the labels of then.

        NotFoundError when that version isn't kept any more.
        """
        ...

    def bind(self, identity: EmbedderIdentity) -> None:
        """Take this embedder on the first use; KnowledgeIndexError if another one built it."""
        ...

    def size_bytes(self) -> int:
        """What it takes on disk."""
        ...

    def documents(self) -> list[DocumentState]:
        """All documents, also the skipped and failed ones, by path."""
        ...

    def files(self) -> list[DocumentState]:
        """The documents that are files (``path == container``), without the records in them."""
        ...

    def records(self, container: str) -> list[DocumentState]:
        """The documents that are records of this file."""
        ...

    def unfinished(self) -> list[str]:
        """Paths whose passages and state don't agree: what a writer that died left behind."""
        ...

    def stored(self, paths: Sequence[str]) -> list[StoredPassage]:
        """All passages of these documents, whoever may see them: for indexing, never to show."""
        ...

    def sources(self) -> list[SourceConfig]: ...

    def save_source(self, source: SourceConfig) -> None: ...

    def remove_source(self, source_id: str) -> None:
        """Forget the source; its documents are removed by ``apply``."""
        ...

    def apply(
        self,
        upserts: Iterable[tuple[DocumentState, Iterable[tuple[Passage, PassageVectors]]]],
        removals: Sequence[str] = (),
    ) -> int:
        """Replace these documents' passages and drop the documents at ``removals`` (paths).

        All of it or nothing; both levels of ``upserts`` are read once, before anything is
        locked or written, so they may embed as they go. Returns the new version.
        KnowledgeIndexError when it can't be written (disk full, read-only, locked for too long).
        """
        ...

    def touch(self, states: Sequence[DocumentState]) -> None:
        """Remember these documents anew and leave their passages as they are."""
        ...

    def clear(self) -> None:
        """Forget documents, passages and the embedder; the sources stay. Mends a damaged index."""
        ...

    def optimize(self) -> None:
        """Compact and bring the search structures up to date, if there is need; safe any time."""
        ...

    def sync_lock(self) -> Lock:
        """Who holds it may bring the index up to date with its sources."""
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
        """Chunks; the last has ``usage`` and ``finish_reason``. Raises a ModelError.

        A first chunk, empty if need be, says that the provider took the request: from then on
        it is paid for.
        """
        ...

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        """What a request comes to by our own count, when the provider's never came.

        ``text`` is what was written by then.
        """
        ...

    def most(self, request: ModelRequest) -> Usage:
        """What it comes to at most: what is read, generously counted, and all that may be
        written. The price is None where nobody knows it. Blocks.
        """
        ...


class RunWriter(Protocol):
    """Appends what happened. A record outlives the process when the call returns.

    The event that ends a run is on the disk itself by then, and so is a record that
    ``records.FLUSHED`` names. StorageError when it can't be written; the writer stays usable.
    """

    def append(self, run_id: str, event: Event | RunStopped | Record) -> None:
        """``run_id`` is empty for a record that belongs to no run."""
        ...

    def close(self) -> None: ...


class RunGroup(RunWriter, Protocol):
    """Appends many runs; what ends one of them is on the disk when ``commit`` returns.

    Until then it outlives the process, but not the machine; ``close`` lets go of nothing.
    """

    def commit(self) -> None:
        """Raises StorageError; what comes next is another group."""
        ...


class RunReader(Protocol):
    """Tells what was recorded. Every call sees the runs that ended before it.

    StorageError when the ledger can't be read. What a reader had to say about the last call
    (records set aside, a database that another program holds) is in ``notices``.
    """

    def runs(
        self,
        where: RunFilter,
        *,
        limit: int,
        text: str = "",
        after: RunSummary | None = None,
    ) -> list[RunSummary]:
        """Newest first; the words of ``text`` stand in the question, or it begins the id.

        ``after`` is the last of the page before: only what comes after it.
        """
        ...

    def details(self, where: RunFilter, *, limit: int, rated: bool = False) -> list[RunDetail]:
        """Newest first, with all that explains them; ``rated``: only those with feedback."""
        ...

    def run(self, prefix: str) -> RunDetail:
        """The run whose id begins so. NotFoundError; UsageError when several do."""
        ...

    def stats(self, where: RunFilter, *, by: StatsGroup) -> list[StatsRow]:
        """One row for each group, in the group's order; exactly one when ``by`` is empty."""
        ...

    def failures(self, where: RunFilter) -> list[RecordedFailure]:
        """What failed in these runs, the same texts together, the most frequent first."""
        ...

    def freshness(self, where: RunFilter, *, within_s: float) -> Freshness:
        """How soon what the index runs of the period of ``where`` brought was answerable."""
        ...

    def standing(self) -> Standing:
        """Where budgets and the index stand now."""
        ...

    def model_times(self) -> Mapping[str, ModelTime]:
        """How long each model's latest chat request that went well took, by its litellm name."""
        ...

    def at_once(self) -> AbstractContextManager[RunReader]:
        """A reader of one moment, for several questions: what they ask of is opened once."""
        ...

    @property
    def notices(self) -> tuple[Warned, ...]: ...


class AuditTrail(Protocol):
    """Remembers what was done on purpose to keys, trust, the index and the records."""

    def append(
        self,
        action: str,
        subject: str,
        *,
        detail: Mapping[str, str | int | bool],
        principal: str,
    ) -> None:
        """Write one entry; it is on the disk when the call returns. Call it once it is done.

        ``action`` looks like ``index.remove``; ``subject`` names the thing in a word, ``detail``
        holds names, places, counts and digests, never a text that someone wrote. Of a person
        who is to be forgotten, give a digest. StorageError when it can't be written down.
        """
        ...

    @property
    def notices(self) -> tuple[Warned, ...]:
        """What it had to say about the last call: say, that the head couldn't be anchored."""
        ...


class AppendOnly(Protocol):
    """Lines that are only ever added to, by one process at a time."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    def read(self) -> bytes:
        """All of it; empty while there is nothing. StorageError when it can't be read."""
        ...

    def extend(self, make: Callable[[bytes, bytes], bytes]) -> None:
        """Add what ``make`` returns; all of it is on the disk when the call returns.

        ``make`` is given the last whole line, without its end, and what stands after it: the
        beginning of a line whose writer died. Nobody else adds anything in the meantime.
        StorageError when it can't be written; then nothing was added.
        """
        ...


class SecretStore(Protocol):
    """Keys by name, such as ``openai``."""

    name: str

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def remove(self, name: str) -> bool: ...

    def names(self) -> list[str]: ...
