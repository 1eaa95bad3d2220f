"""Embeds and commits what was read, many documents at a time.

Invariant: a document is announced when it is committed, never before; a passage whose words
have not changed keeps its vectors; memory holds one batch, whatever the size of a file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from copilot.events import Arrival
from copilot.knowledge.sentences import plain, sentence_spans
from copilot.knowledge.splitting import embedding_text
from copilot.messages import BlockKind, DocumentState, Passage, PassageVectors
from copilot.ports import Embedder, PassageIndex

COMMIT_PASSAGES = 512
_COMMIT_DOCUMENTS = 512
_EMBED_AT_ONCE = 256
_COMMITS_BETWEEN_UPKEEP = 64

Change = Literal["added", "updated", "removed"]
Key = tuple[str, str, tuple[str, ...], tuple[tuple[BlockKind, int, int], ...]]


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Raised inside the work when it is to end; nothing of the open batch is written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way into the index. ``change`` None: nothing to announce.

    ``source`` and ``changed_at`` are those of its ``Arrival``.
    """

    state: DocumentState
    passages: tuple[Passage, ...] = ()
    change: Change | None = None
    replaces: bool = False  # the index may hold passages of it whose vectors can stay
    source: str = ""
    changed_at: datetime | None = None  # of new content; None for what was there before


@dataclass
class Batches:
    """Collects entries and commits them when there are enough."""

    index: PassageIndex
    embedder: Callable[[], Embedder]
    changed: Callable[[str, int, Change, Arrival | None], None]  # path, passages, how
    at_work: Callable[[Literal["embedding", "writing"]], None]
    stop: threading.Event
    now: Callable[[], datetime]
    written: set[str] = field(default_factory=set)  # paths, since the sync began
    _entries: list[Entry] = field(default_factory=list)
    _removals: dict[str, DocumentState | None] = field(default_factory=dict)
    _passages: int = 0
    _commits: int = 0
    _bound: Embedder | None = None

    def add(self, entry: Entry) -> None:
        """Take a document; commits when the batch is full. Raises what ``commit`` raises."""
        self._entries.append(entry)
        self._passages += len(entry.passages)
        if self._passages >= COMMIT_PASSAGES or len(self._entries) >= _COMMIT_DOCUMENTS:
            self.commit()

    def remove(self, documents: Iterable[DocumentState]) -> None:
        """Drop documents with the next commit, unless it writes them anew."""
        self._removals.update((document.path, document) for document in documents)
        if len(self._removals) >= _COMMIT_DOCUMENTS:
            self.commit()

    def forget(self, paths: Iterable[str]) -> None:
        """Drop what is left of documents that there are not, with the next commit."""
        self._removals.update(dict.fromkeys(paths))

    def commit(self) -> None:
        """Write what was collected. Raises KnowledgeIndexError, ModelError or Stopped."""
        if not self._entries and not self._removals:
            return
        entries, self._entries = self._entries, []
        removals, self._removals = self._removals, {}
        self._passages = 0
        kept = self._kept(entries)
        new = [p for entry in entries for p in entry.passages if _key(p) not in kept]
        if any(entry.passages for entry in entries):
            self._bind()
        made = self._embedded(new)
        upserts = ((entry.state, self._pairs(entry, kept, made)) for entry in entries)
        written = {entry.state.path for entry in entries}
        gone = {path: state for path, state in removals.items() if path not in written}
        self._check()
        self.index.apply(upserts, list(gone))
        answerable_at = self.now()
        self.written |= written
        for path, state in gone.items():
            if state is not None and state.status == "indexed":
                self.changed(path, state.passages, "removed", None)
        for entry in entries:
            if entry.change is not None:
                arrival = _arrival(entry, answerable_at)
                self.changed(entry.state.path, len(entry.passages), entry.change, arrival)
        self._commits += 1
        if self._commits % _COMMITS_BETWEEN_UPKEEP == 0:
            self.index.optimize()

    def _bind(self) -> Embedder:
        if self._bound is None:
            embedder = self.embedder()
            self.index.bind(embedder.identity)
            self._bound = embedder
        return self._bound

    def _kept(self, entries: Sequence[Entry]) -> dict[Key, PassageVectors]:
        """Vectors that the index holds for passages of these documents."""
        paths = [entry.state.path for entry in entries if entry.replaces and entry.passages]
        if not paths:
            return {}
        return {_key(stored.passage): stored.vectors for stored in self.index.stored(paths)}

    def _pairs(
        self, entry: Entry, kept: dict[Key, PassageVectors], made: Iterator[PassageVectors]
    ) -> Iterator[tuple[Passage, PassageVectors]]:
        for passage in entry.passages:
            found = kept.get(_key(passage))
            yield passage, found if found is not None else next(made)

    def _embedded(self, passages: Sequence[Passage]) -> Iterator[PassageVectors]:
        """The vectors of ``passages`` in order, made as they are taken."""
        for begin in range(0, len(passages), _EMBED_AT_ONCE):
            self._check()
            self.at_work("embedding")
            for vectors in embedded(passages[begin : begin + _EMBED_AT_ONCE], self._bind()):
                self._check()
                yield vectors
        self._check()
        self.at_work("writing")

    def _check(self) -> None:
        if self.stop.is_set():
            raise Stopped


def embedded(passages: Sequence[Passage], embedder: Embedder) -> Iterator[PassageVectors]:
    """The vectors of each passage, in order; as many at once as there are."""
    spans = [sentence_spans(p.text, p.spans) for p in passages]
    sentences = [
        [plain(p.text[start:end]) or p.text[start:end] for start, end in own]
        for p, own in zip(passages, spans, strict=True)
    ]
    texts = [embedding_text(p) for p in passages]
    vectors = embedder.embed_passages(texts, sentences)
    for own, (vector, rows) in zip(spans, vectors, strict=True):
        yield PassageVectors(vector, rows, own)


def _arrival(entry: Entry, answerable_at: datetime) -> Arrival | None:
    if entry.changed_at is None:
        return None
    return Arrival(entry.source, entry.changed_at, answerable_at)


def _key(passage: Passage) -> Key:
    """What a passage's vectors depend on; its blocks decide where its sentences end."""
    blocks = tuple((span.kind, span.start, span.end) for span in passage.spans)
    return passage.content_hash, passage.title, passage.heading_path, blocks
