"""ports.PassageIndex over LanceDB: what is read, and the order in which things are written.

Invariant: passages of a batch are committed before the documents that speak of them, each in
one commit; so a process that dies leaves whole documents, and what is missing is found again
by ``unfinished``. Searches apply the labels' filter before they rank.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from copilot.adapters.index import filters, rows, upkeep, writes
from copilot.adapters.index.failures import REBUILD, ConflictError, translated
from copilot.adapters.index.lock import FileLock
from copilot.adapters.index.searching import PassageSearch, all_rows
from copilot.adapters.index.tables import Name, Tables
from copilot.errors import KnowledgeIndexError, NotFoundError
from copilot.messages import (
    DocumentState,
    EmbedderIdentity,
    Passage,
    PassageVectors,
    SourceConfig,
    StoredPassage,
)

if TYPE_CHECKING:
    from copilot.ports import Lock

_HOW_LONG = "index.keep_days says for how long old versions are"
_YOUNGER = (
    "the version of that number is younger: the index was made anew since, or the clock set back"
)


class LanceIndex(PassageSearch):
    """The index in ``folder``; several threads may use one object."""

    def __init__(self, folder: Path, *, keep: timedelta = timedelta(0)) -> None:
        self._folder = folder
        self._tables = Tables(folder)
        self._keep = keep
        super().__init__(folder, lambda: self._tables.find("passages"))

    # --- what it is --------------------------------------------------------------------

    def bind(self, identity: EmbedderIdentity) -> None:
        if identity.matches(self.identity()):
            return
        with self._tables.writing():
            found = self.identity()
            if identity.matches(found):
                return
            passages = self._tables.find("passages")
            with translated("created", self._folder):
                if found is None or passages is None or not passages.count_rows():
                    passages = self._tables.create("passages", rows.passages_schema(identity))
                    upkeep.ensure_indexes(passages)
                    return
        raise KnowledgeIndexError(
            f"The index in {self._folder} was built with {found}; "
            f"the configured embedder is {identity}.",
            hint=f"Go back to that embedder, or build the index anew: {REBUILD}",
        )

    def at(self, version: int, *, seen_at: datetime) -> PassageSearch:
        passages, hint = self._tables.opened("passages"), _HOW_LONG
        if passages is not None:
            with translated("read", self._folder):
                made = {each["version"]: each["timestamp"] for each in passages.list_versions()}
                # LanceDB gives local times without a zone. What was put together again from
                # nothing counts its versions anew: a later one of that number is another one.
                if version in made and made[version].astimezone(UTC) <= seen_at:
                    passages.checkout(version)
                    return PassageSearch(self._folder, lambda: passages)
                if version in made:
                    hint = _YOUNGER
        raise NotFoundError(
            f"Version {version} of the index in {self._folder} isn't kept any more.", hint=hint
        )

    def size_bytes(self) -> int:
        total = 0
        for parent, _, names in os.walk(self._folder):
            for name in names:
                try:
                    total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
                except OSError:
                    continue  # a writer has just replaced it
        return total

    # --- what it holds -----------------------------------------------------------------

    def documents(self) -> list[DocumentState]:
        return self._documents(None)

    def files(self) -> list[DocumentState]:
        return self._documents("path = container")

    def records(self, container: str) -> list[DocumentState]:
        return self._documents(f"container = {filters.quoted(container)} AND path != container")

    def sources(self) -> list[SourceConfig]:
        table = self._tables.find("sources")
        if table is None:
            return []
        with translated("read", self._folder):
            return rows.source_configs(table.to_arrow())

    def unfinished(self) -> list[str]:
        passages, documents = self._tables.find("passages"), self._tables.find("documents")
        if passages is None:
            return []
        with translated("read", self._folder):
            return writes.disagreeing(passages, documents)

    def stored(self, paths: Sequence[str]) -> list[StoredPassage]:
        passages = self._tables.find("passages")
        if passages is None or not paths:
            return []
        with translated("read", self._folder):
            query = passages.search().where(filters.one_of("path", paths))
            return rows.stored_passages(all_rows(query.select(list(rows.STORED)), passages))

    def _documents(self, condition: str | None) -> list[DocumentState]:
        table = self._tables.find("documents")
        if table is None:
            return []
        with translated("read", self._folder):
            query = table.search()
            if condition is not None:
                query = query.where(condition)
            return rows.document_states(all_rows(query, table))

    # --- writing -----------------------------------------------------------------------

    def save_source(self, source: SourceConfig) -> None:
        with self._tables.writing():
            table = self._existing("sources")
            with translated("written", self._folder):
                writes.put(table, rows.value_rows([source], table.schema), "id", [source.id])

    def remove_source(self, source_id: str) -> None:
        with self._tables.writing():
            table = self._tables.find("sources")
            if table is not None:
                with translated("written", self._folder):
                    writes.put(table, None, "id", [source_id])

    def apply(
        self,
        upserts: Iterable[tuple[DocumentState, Iterable[tuple[Passage, PassageVectors]]]],
        removals: Sequence[str] = (),
    ) -> int:
        identity = self.identity()
        with translated("written", self._folder):
            packed = writes.pack(upserts, dimension=identity.dimension if identity else 0)
        paths = [*(state.path for state in packed.states), *removals]
        with self._tables.writing():
            if identity != self.identity():
                raise KnowledgeIndexError(
                    f"The index in {self._folder} was rebuilt with another embedder meanwhile.",
                    hint="Run the command again.",
                )
            with translated("written", self._folder):
                passages = self._tables.find("passages")
                if passages is not None:
                    writes.put(passages, packed.passages, "path", paths, key="id")
                documents = self._existing("documents")
                states = rows.value_rows(packed.states, documents.schema)
                writes.put(documents, states, "path", paths)
        return self.version()

    def touch(self, states: Sequence[DocumentState]) -> None:
        if not states:
            return
        with self._tables.writing():
            table = self._existing("documents")
            with translated("written", self._folder):
                paths = [state.path for state in states]
                writes.put(table, rows.value_rows(states, table.schema), "path", paths)

    def clear(self) -> None:
        with self._tables.writing():
            self._cleared("passages", rows.passages_schema(None))
            self._cleared("documents", rows.documents_schema())
            try:
                self.sources()
            except KnowledgeIndexError:
                self._tables.drop("sources")

    def optimize(self) -> None:
        with self._tables.writing(), translated("compacted", self._folder):
            passages = self._tables.find("passages")
            if passages is not None and rows.identity_of(passages.schema) is not None:
                upkeep.ensure_indexes(passages)
            for name in get_args(Name):
                table, files = self._tables.find(name), self._folder / f"{name}.lance"
                keep = self._keep if name == "passages" else timedelta(0)
                if table is not None and upkeep.needs_upkeep(table, files, keep):
                    try:
                        with translated("compacted", self._folder):
                            upkeep.compact(table, files, keep)
                    except ConflictError:
                        continue  # a writer that doesn't share our lock; the next sync does it

    def sync_lock(self) -> Lock:
        self._tables.prepare()
        return FileLock(self._folder / "sync.lock")

    def _existing(self, name: Name) -> Any:
        """The table, created if it is missing; within ``writing`` only."""
        table = self._tables.find(name)
        if table is None:
            schema = rows.documents_schema() if name == "documents" else rows.sources_schema()
            table = self._tables.create(name, schema)
        return table

    def _cleared(self, name: Name, schema: Any) -> None:
        try:
            if self._tables.find(name) is not None:
                self._tables.create(name, schema)  # its version goes on counting
        except KnowledgeIndexError:
            self._tables.drop(name)
