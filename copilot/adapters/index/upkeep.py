"""Keeps the tables quick to search: their indexes, compaction, and old versions.

Invariant: nothing here changes what a search finds, and a table that needs nothing is not
written to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

# Below this many passages, comparing with every vector is as quick and always exact.
VECTOR_INDEX_FROM = 50_000
_SMALL_FRAGMENTS = 8
# Long enough for any query that reads an old version to be done with it.
_KEEP_VERSIONS = timedelta(hours=1)


def ensure_indexes(passages: Any) -> None:
    """Create the indexes that the passages table lacks; quick on an empty table."""
    from lancedb.index import FTS, BTree, IvfSq, LabelList

    there = {column for index in passages.list_indices() for column in index.columns}
    if "search_text" not in there:
        # Stop words stay: "IT policy", "to be", "not" must be found, and BM25 discounts them.
        words = FTS(with_position=False, remove_stop_words=False, max_token_length=80)
        passages.create_index("search_text", config=words)
    if "access" not in there:
        passages.create_index("access", config=LabelList())
    if "path" not in there:
        passages.create_index("path", config=BTree())
    if "vector" not in there and passages.count_rows() >= VECTOR_INDEX_FROM:
        passages.create_index("vector", config=IvfSq(distance_type="cosine"))


def needs_upkeep(table: Any) -> bool:
    """Whether rows wait for an index, or the table lies in many small pieces."""
    if table.stats()["fragment_stats"]["num_small_fragments"] >= _SMALL_FRAGMENTS:
        return True
    for index in table.list_indices():
        stats = table.index_stats(index.name)
        if stats is not None and stats.num_unindexed_rows:
            return True
    return False


def compact(table: Any) -> None:
    table.optimize(cleanup_older_than=_KEEP_VERSIONS)
