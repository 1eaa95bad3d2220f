"""ports.PassageIndex in memory, exact and small: for tests that need an index but no disk.

Invariant: passes the same contract suite as the real one (tests/contracts).
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from copilot.errors import InternalError, KnowledgeIndexError, NotFoundError
from copilot.knowledge.terms import terms
from copilot.messages import (
    DocumentState,
    EmbedderIdentity,
    Passage,
    PassageVectors,
    SearchFilter,
    SourceConfig,
    StoredPassage,
)
from copilot.places import is_within

if TYPE_CHECKING:
    from copilot.messages import Vector

_K1, _B = 1.2, 0.75


class MemoryLock:
    """ports.Lock between the threads of one process."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def acquire(self, timeout_s: float) -> bool:
        return self._lock.acquire(timeout=timeout_s)

    def release(self) -> None:
        self._lock.release()


class MemorySearch:
    """ports.SearchableIndex: passages in a dict; every search looks at all of them."""

    def __init__(self) -> None:
        self._identity: EmbedderIdentity | None = None
        self._version = 0
        self._passages: dict[str, list[StoredPassage]] = {}

    def identity(self) -> EmbedderIdentity | None:
        return self._identity

    def version(self) -> int:
        return self._version

    def count_passages(self) -> int:
        return sum(len(stored) for stored in self._passages.values())

    def search_dense(
        self, vector: Vector, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        if self._identity is None:
            return []
        if vector.shape != (self._identity.dimension,):
            raise KnowledgeIndexError(
                f"The index holds vectors of {self._identity.dimension} components.",
                hint="Build it anew: copilot index rebuild",
            )
        scored = [(s.passage.id, float(s.vectors.passage @ vector)) for s in self._visible(where)]
        return _best(scored, limit)

    def search_lexical(
        self, query: str, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        wanted = set(terms(query))
        bags = {s.passage.id: _bag(s.passage) for s in self._all()}
        if not wanted or not bags:
            return []
        mean = sum(bag.total() for bag in bags.values()) / len(bags)
        weights = {}
        for term in wanted:
            holding = sum(term in bag for bag in bags.values())
            weights[term] = math.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
        scored = []
        for stored in self._visible(where):
            bag = bags[stored.passage.id]
            norm = _K1 * (1 - _B + _B * bag.total() / mean)
            score = sum(
                weights[term] * bag[term] * (_K1 + 1) / (bag[term] + norm)
                for term in wanted & bag.keys()
            )
            if score > 0:
                scored.append((stored.passage.id, score))
        return _best(scored, limit)

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        visible = {stored.passage.id: stored for stored in self._visible(where)}
        return [visible[id_] for id_ in passage_ids if id_ in visible]

    def _all(self) -> Iterable[StoredPassage]:
        return (stored for group in self._passages.values() for stored in group)

    def _visible(self, where: SearchFilter) -> Iterable[StoredPassage]:
        return (stored for stored in self._all() if _allows(where, stored.passage))


class MemoryIndex(MemorySearch):
    """The index of now; every version that it ever had is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._documents: dict[str, DocumentState] = {}
        self._sources: dict[str, SourceConfig] = {}
        self._versions: dict[int, tuple[datetime, MemorySearch]] = {}
        self._lock = threading.Lock()

    def at(self, version: int, *, seen_at: datetime) -> MemorySearch:
        made_at, found = self._versions.get(version, (None, self))
        if made_at is None or made_at > seen_at:
            raise NotFoundError(f"Version {version} of the index isn't kept any more.")
        return found

    def bind(self, identity: EmbedderIdentity) -> None:
        if identity.matches(self._identity):
            return
        if self._identity is not None and self.count_passages():
            raise KnowledgeIndexError(
                f"The index was built with {self._identity.name}, not {identity.name}.",
                hint="Build it anew: copilot index rebuild",
            )
        self._identity = identity
        self._changed()

    def size_bytes(self) -> int:
        return 0

    def documents(self) -> list[DocumentState]:
        return [self._documents[path] for path in sorted(self._documents)]

    def files(self) -> list[DocumentState]:
        return [state for state in self.documents() if state.path == state.container]

    def records(self, container: str) -> list[DocumentState]:
        return [s for s in self.documents() if s.container == container != s.path]

    def unfinished(self) -> list[str]:
        paths = self._passages.keys() | self._documents.keys()
        return sorted(path for path in paths if self._held(path) != self._said(path))

    def stored(self, paths: Sequence[str]) -> list[StoredPassage]:
        return [stored for path in paths for stored in self._passages.get(path, [])]

    def sources(self) -> list[SourceConfig]:
        return [self._sources[source_id] for source_id in sorted(self._sources)]

    def save_source(self, source: SourceConfig) -> None:
        self._sources[source.id] = source

    def remove_source(self, source_id: str) -> None:
        self._sources.pop(source_id, None)

    def apply(
        self,
        upserts: Iterable[tuple[DocumentState, Iterable[tuple[Passage, PassageVectors]]]],
        removals: Sequence[str] = (),
    ) -> int:
        read = [(state, [StoredPassage(*pair) for pair in pairs]) for state, pairs in upserts]
        if self._identity is None and any(stored for _, stored in read):
            raise InternalError("the index has no embedder yet: bind() comes before apply()")
        if len({state.path for state, _ in read}) != len(read):
            raise InternalError("one batch holds the same document twice")
        changed = any(self._passages.get(path) for path in removals)
        for path in removals:
            self._documents.pop(path, None)
            self._passages.pop(path, None)
        for state, stored in read:
            changed = changed or bool(stored) or bool(self._passages.get(state.path))
            self._documents[state.path] = state
            self._passages[state.path] = stored
        if changed:
            self._changed()
        return self._version

    def touch(self, states: Sequence[DocumentState]) -> None:
        self._documents.update((state.path, state) for state in states)

    def clear(self) -> None:
        self._documents.clear()
        self._passages.clear()
        self._identity = None
        self._changed()

    def optimize(self) -> None:
        """Nothing to do."""

    def sync_lock(self) -> MemoryLock:
        return MemoryLock(self._lock)

    def _changed(self) -> None:
        """A new version; what it holds is remembered under its number."""
        self._version += 1
        kept = MemorySearch()
        kept._identity, kept._version = self._identity, self._version
        kept._passages = dict(self._passages)
        self._versions[self._version] = (datetime.now(UTC), kept)

    def _held(self, path: str) -> int:
        return len(self._passages.get(path, []))

    def _said(self, path: str) -> int:
        state = self._documents.get(path)
        return state.passages if state is not None else 0


def _allows(where: SearchFilter, passage: Passage) -> bool:
    if passage.labels and not set(passage.labels) & set(where.principal.labels):
        return False
    if where.modified_after is not None and (
        passage.modified_at is None or passage.modified_at < where.modified_after
    ):
        return False
    return (
        passage.path.startswith(where.path_prefix)
        and is_within(passage.path, where.paths)
        and where.document_id in ("", passage.document_id)
        and where.source in ("", passage.source)
    )


def _bag(passage: Passage) -> Counter[str]:
    return Counter(terms(" ".join((passage.title, *passage.heading_path, passage.text))))


def _best(scored: list[tuple[str, float]], limit: int) -> list[tuple[str, float]]:
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:limit]
