"""Searches one table of passages: the latest version, or one of before.

Invariant: the labels' filter is applied before anything is ranked, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from copilot.adapters.index import filters, rows
from copilot.adapters.index.failures import REBUILD, translated
from copilot.adapters.index.lexical import query_terms
from copilot.adapters.index.recent import Places, Recent
from copilot.errors import KnowledgeIndexError
from copilot.messages import EmbedderIdentity, SearchFilter, StoredPassage

if TYPE_CHECKING:
    from copilot.messages import Vector

# With a vector index: how many of its cells are read, and how many candidates a wanted hit
# gets before the exact vectors decide. Without one both have no effect. A cell holds some 8,000
# passages and all are to be read: at 40 % of them 4 of the 100 nearest are missed, and 22 by one
# who may see only every fiftieth passage.
_PROBES = 64
_REFINE = 2
# A row as a search found it: its cost, the less the better; its id; where it lies.
_Found = tuple[float, str, int]
# Among so many the equals of the last one within the limit are looked for: 2,000 cost 40 ms.
_EQUALS = 2000


class PassageSearch:
    """ports.SearchableIndex over the table that ``passages`` gives; safe between threads."""

    def __init__(self, folder: Path, passages: Callable[[], Any | None]) -> None:
        self._folder = folder
        self._passages = passages
        self._places = Places()
        self._recent = Recent()

    def identity(self) -> EmbedderIdentity | None:
        passages = self._passages()
        if passages is None:
            return None
        with translated("read", self._folder):
            return rows.identity_of(passages.schema)

    def version(self) -> int:
        passages = self._passages()
        if passages is None:
            return 0
        with translated("read", self._folder):
            return int(passages.version)

    def count_passages(self) -> int:
        passages = self._passages()
        if passages is None:
            return 0
        with translated("read", self._folder):
            return int(passages.count_rows())

    def search_dense(
        self, vector: Vector, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        passages = self._passages()
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
            query = query.select(["id", "_distance"])
            found = _best(query, limit, "_distance", best="low")
            return [(id_, 1.0 - distance) for distance, id_, _ in self._seen(found)]

    def search_lexical(
        self, query: str, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        terms = query_terms(query)
        passages = self._passages()
        if passages is None or not terms or limit < 1:
            return []
        from lancedb.query import MatchQuery

        with translated("searched", self._folder):
            if rows.identity_of(passages.schema) is None:
                return []
            words = MatchQuery(" ".join(terms), "search_text")
            search = passages.search(words, query_type="fts").where(filters.clause(where))
            search = search.with_row_id(True).select(["id", "_score"])
            found = _best(search, limit, "_score", best="high")
            return [(id_, -cost) for cost, id_, _ in self._seen(found)]

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        passages = self._passages()
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
                    table = all_rows(query.select(list(rows.STORED)), passages)
                    read.update((s.passage.id, s) for s in rows.stored_passages(table))
                self._recent.keep(version, read)
                found.update(read)
        may_read = filters.admission(where)
        return [found[id_] for id_ in passage_ids if id_ in found and may_read(found[id_].passage)]

    def _seen(self, found: list[_Found]) -> list[_Found]:
        """The search results; where they lie is remembered for ``fetch``."""
        self._places.note([id_ for _, id_, _ in found], [row for _, _, row in found])
        return found

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


def _best(query: Any, limit: int, score: str, *, best: Literal["low", "high"]) -> list[_Found]:
    """The best rows by the column ``score``; of equal ones those whose ids come first.

    LanceDB gives equals in any order, and at its limit any of them: a search that is made again
    must find the same.
    """
    sign = 1.0 if best == "low" else -1.0
    asked = limit + max(8, limit // 8)  # mostly there are few
    while True:
        table = query.limit(asked).to_arrow()
        costs = (sign * value for value in table[score].to_pylist())
        found = sorted(
            zip(costs, table["id"].to_pylist(), table["_rowid"].to_pylist(), strict=True)
        )
        cut_among_equals = len(found) == asked and found[limit - 1][0] == found[-1][0]
        if not cut_among_equals or asked >= _EQUALS:
            return found[:limit]
        asked = min(4 * asked, _EQUALS)


def all_rows(query: Any, table: Any) -> Any:
    """Every row of the query as an Arrow table."""
    return query.limit(max(1, table.count_rows())).to_arrow()
