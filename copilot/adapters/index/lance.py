"""ports.PassageIndex over LanceDB: what is read, and the order in which things are written.

Invariant: passages of a batch are committed before the documents that speak of them, each in
one commit; so a process that dies leaves whole documents, and what is missing is found again
by ``unfinished``. Searches apply the labels' filter before they rank.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from copilot.adapters.index import filters, rows, upkeep, writes
from copilot.adapters.index.failures import REBUILD, ConflictError, translated
from copilot.adapters.index.lexical import query_terms
from copilot.adapters.index.lock import FileLock
from copilot.adapters.index.recent import Places, Recent
from copilot.adapters.index.tables import Name, Tables
from copilot.errors import KnowledgeIndexError
from copilot.messages import (
    DocumentState,
    EmbedderIdentity,
    Passage,
    PassageVectors,
    SearchFilter,
    SourceConfig,
    StoredPassage,
)

if TYPE_CHECKING:
    from copilot.messages import Vector
    from copilot.ports import Lock

# With a vector index: how many of its cells are read, and how many candidates a wanted hit
# gets before the exact vectors decide. Without one both have no effect. A cell holds some 8,000
# passages and all are to be read: at 40 % of them 4 of the 100 nearest are missed, and 22 by one
# who may see only every fiftieth passage.
_PROBES = 64
_REFINE = 2


class LanceIndex:
    """The index in ``folder``; several threads may use one object."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables = Tables(folder)
        self._places = Places()
        self._recent = Recent()

    # --- what it is --------------------------------------------------------------------

    def identity(self) -> EmbedderIdentity | None:
        passages = self._tables.find("passages")
        if passages is None:
            return None
        with translated("read", self._folder):
            return rows.identity_of(passages.schema)

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

    def version(self) -> int:
        passages = self._tables.find("passages")
        if passages is None:
            return 0
        with translated("read", self._folder):
            return int(passages.version)

    def count_passages(self) -> int:
        passages = self._tables.find("passages")
        if passages is None:
            return 0
        with translated("read", self._folder):
            return int(passages.count_rows())

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
            return rows.stored_passages(_all(query.select(list(rows.STORED)), passages))

    def _documents(self, condition: str | None) -> list[DocumentState]:
        table = self._tables.find("documents")
        if table is None:
            return []
        with translated("read", self._folder):
            query = table.search()
            if condition is not None:
                query = query.where(condition)
            return rows.document_states(_all(query, table))

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
                table = self._tables.find(name)
                if table is not None and upkeep.needs_upkeep(table, self._folder / f"{name}.lance"):
                    try:
                        with translated("compacted", self._folder):
                            upkeep.compact(table)
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

    # --- searching ---------------------------------------------------------------------

    def search_dense(
        self, vector: Vector, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        passages = self._tables.find("passages")
        if passages is None or limit < 1:
            return []
        with translated("searched", self._folder):
            identity = rows.identity_of(passages.schema)
        if identity is None:
            return []
        if vector.shape != (identity.dimension,):
            raise KnowledgeIndexError(
                f"The index in {self._folder} holds vectors of {identity.dimension} components, "
                f"the question's has {vector.shape[-1]}.",
                hint=f"Build the index anew with the configured embedder: {REBUILD}",
            )
        with translated("searched", self._folder):
            query = passages.search(vector).distance_type("cosine").where(filters.clause(where))
            query = query.nprobes(_PROBES).refine_factor(_REFINE).with_row_id(True)
            found = query.select(["id", "_distance"]).limit(limit).to_arrow()
            ids = self._seen(found)
            return [
                (id_, 1.0 - d) for id_, d in zip(ids, found["_distance"].to_pylist(), strict=True)
            ]

    def search_lexical(
        self, query: str, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        terms = query_terms(query)
        passages = self._tables.find("passages")
        if passages is None or not terms or limit < 1:
            return []
        from lancedb.query import MatchQuery

        with translated("searched", self._folder):
            if rows.identity_of(passages.schema) is None:
                return []
            words = MatchQuery(" ".join(terms), "search_text")
            search = passages.search(words, query_type="fts").where(filters.clause(where))
            search = search.with_row_id(True).select(["id", "_score"]).limit(limit)
            found = search.to_arrow()
            return list(zip(self._seen(found), found["_score"].to_pylist(), strict=True))

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        passages = self._tables.find("passages")
        if passages is None or not passage_ids:
            return []
        with translated("read", self._folder):
            # Asked for once, before reading: rows of this version must never be kept for a later
            # one, which may have given them labels.
            version = int(passages.version)
            found = self._recent.of(version, passage_ids)
            wanted = [id_ for id_ in dict.fromkeys(passage_ids) if id_ not in found]
            if wanted:
                read = self._by_row(passages, wanted)
                missing = [id_ for id_ in wanted if id_ not in read]
                if missing:
                    query = passages.search().where(filters.one_of("id", missing))
                    table = _all(query.select(list(rows.STORED)), passages)
                    read.update((s.passage.id, s) for s in rows.stored_passages(table))
                self._recent.keep(version, read)
                found.update(read)
        may_read = filters.admission(where)
        return [found[id_] for id_ in passage_ids if id_ in found and may_read(found[id_].passage)]

    def _seen(self, found: Any) -> list[str]:
        """The ids of search results; where they lie is remembered for ``fetch``."""
        ids: list[str] = found["id"].to_pylist()
        self._places.note(ids, found["_rowid"].to_pylist())
        return ids

    def _by_row(self, passages: Any, wanted: Sequence[str]) -> dict[str, StoredPassage]:
        """Passages at the rows where a search saw them: a tenth of the time of a look-up.

        A write may have moved them since: a row with another id is not taken.
        """
        known = self._places.of(wanted)
        if not known:
            return {}
        query = passages.take_row_ids(list(known.values())).select(list(rows.STORED))
        return {
            stored.passage.id: stored
            for stored in rows.stored_passages(query.to_arrow())
            if stored.passage.id in known
        }


def _all(query: Any, table: Any) -> Any:
    """Every row of the query as an Arrow table."""
    return query.limit(max(1, table.count_rows())).to_arrow()
