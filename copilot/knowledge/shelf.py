"""The documents of the index as people know them: by source and folder, and by name.

Invariant: what is told is what the index remembers, also of what it couldn't read; passages are
told only to a principal that may see them.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

from copilot.calls.knowledge import Entry, FolderListed
from copilot.errors import NotFoundError
from copilot.knowledge.changes import holds
from copilot.messages import DocumentState, Passage, SearchFilter
from copilot.ports import PassageIndex


class Shelf:
    """Reads the index when first asked, and again after ``forget``. Safe between threads."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self._lock = Lock()
        self._states: Sequence[DocumentState] | None = None
        self._paths: Sequence[str] = ()
        self._listed: dict[tuple[str, bool], tuple[Entry, ...]] = {}

    def forget(self) -> None:
        """The index may have changed."""
        with self._lock:
            self._states = None

    def folder(self, path: str, *, unread: bool, start: int, limit: int) -> FolderListed:
        """What lies in a folder: folders first, by name. ``unread``: only what wasn't read."""
        with self._lock:
            self._read()
            key = (path, unread)
            if key not in self._listed:
                self._listed[key] = tuple(_entries(path, self._below(path), unread=unread))
            found = self._listed[key]
        return FolderListed(found[start : start + limit], len(found))

    def named(self, typed: str, *, unread: bool, start: int, limit: int) -> FolderListed:
        """Documents whose path or title holds every word that was typed."""
        words = typed.casefold().split()
        with self._lock:
            states = self._read()
        found = [
            state
            for state in states
            if not (unread and state.status == "indexed")
            and all(word in f"{state.path}\0{state.title}".casefold() for word in words)
        ]
        part = found[start : start + limit]
        return FolderListed(tuple(_document(one, _name(one)) for one in part), len(found))

    def document(self, path: str) -> DocumentState:
        """Raises NotFoundError."""
        with self._lock:
            states = self._read()
            at = bisect_left(self._paths, path)
        if at == len(self._paths) or self._paths[at] != path:
            raise NotFoundError(f"The index has no document {path}.", hint="Sync its source.")
        return states[at]

    def passages(self, path: str, where: SearchFilter, *, start: int, limit: int) -> list[Passage]:
        """Those of a document that ``where`` may see, in their order."""
        ids = [
            stored.passage.id
            for stored in sorted(
                self._index.stored([path]), key=lambda stored: stored.passage.ordinal
            )
        ]
        seen = self._index.fetch(ids[start : start + limit], where=where)
        return [stored.passage for stored in seen]

    def _read(self) -> Sequence[DocumentState]:
        if self._states is None:
            found = [one for one in self._index.documents() if one.status != "container"]
            self._states = sorted(found, key=lambda state: state.path)
            self._paths = [state.path for state in self._states]
            self._listed = {}
        return self._states

    def _below(self, path: str) -> Iterator[DocumentState]:
        """What lies in a folder or a file of records, or is a source by itself; what is of a source
        inside it stands there alone.
        """
        assert self._states is not None
        first = bisect_left(self._paths, path)
        for state in self._states[first:]:
            if not state.path.startswith(path.rstrip(os.sep)):
                return
            if holds(path, state.container) and holds(state.source, path):
                yield state


def _entries(path: str, states: Iterable[DocumentState], *, unread: bool) -> Iterator[Entry]:
    """Folders with the sums of what is below them, then documents."""
    inside: dict[str, list[DocumentState]] = {}
    documents = []
    for state in states:
        if unread and state.status == "indexed":
            continue
        if state.container == path:
            record = state.path[len(path) + 1 :]
            documents.append(_document(state, record or _name(state)))
            continue
        name, below, _ = state.container[len(path) :].lstrip(os.sep).partition(os.sep)
        if below or state.path != state.container:
            inside.setdefault(name, []).append(state)
        else:
            documents.append(_document(state, name))
    for name in sorted(inside, key=str.casefold):
        yield _folder(os.path.join(path, name), name, inside[name])  # noqa: PTH118
    yield from sorted(documents, key=lambda entry: entry.name.casefold())


def _folder(path: str, name: str, states: Sequence[DocumentState]) -> Entry:
    return Entry(
        path,
        name,
        "folder",
        documents=sum(state.status == "indexed" for state in states),
        passages=sum(state.passages for state in states),
        failed=sum(state.status == "failed" for state in states),
        skipped=sum(state.status == "skipped" for state in states),
    )


def _document(state: DocumentState, name: str) -> Entry:
    return Entry(
        state.path,
        name,
        "document",
        passages=state.passages,
        status=state.status,
        title=state.title,
    )


def _name(state: DocumentState) -> str:
    return os.path.basename(state.container) + state.path[len(state.container) :]  # noqa: PTH119
