"""Keeps the tables quick to search: their indexes, compaction, and old versions.

Invariant: nothing here changes what a search finds, and a table that needs nothing is not
written to.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

# Below this many passages, comparing with every vector is as quick. Above it, eight bits a
# component are compared and the exact vectors decide: 2.5 times as quick at 10,000 passages and
# 5 at 50,000; on 73,000 vectors of real text the 100 nearest were found to the last one.
VECTOR_INDEX_FROM = 5_000
# Each compaction after a write adds a piece to the vector index, which nothing merges: each is a
# search of its own, and keeps its rows in a file of their own.
_VECTOR_PIECES = 16
_SMALL_FRAGMENTS = 8
# Long enough for any query that reads an old version to be done with it.
_KEEP_VERSIONS = timedelta(minutes=10)
# Old versions are cleaned up when they take half as much again as what is in use, and this.
_GARBAGE_SHARE, _GARBAGE_BYTES = 0.5, 10_000_000


def ensure_indexes(passages: Any) -> None:
    """Create the indexes that the passages table lacks, and the vectors' anew when it is in
    many pieces; quick on an empty table."""
    from lancedb.index import FTS, BTree, IvfSq, LabelList

    there = {column: index for index in passages.list_indices() for column in index.columns}
    if "search_text" not in there:
        # Stop words stay: "IT policy", "to be", "not" must be found, and BM25 discounts them.
        words = FTS(with_position=False, remove_stop_words=False, max_token_length=80)
        passages.create_index("search_text", config=words)
    if "access" not in there:
        passages.create_index("access", config=LabelList())
    if "path" not in there:
        passages.create_index("path", config=BTree())
    vector = there.get("vector")
    if (vector is None and passages.count_rows() >= VECTOR_INDEX_FROM) or (
        vector is not None and vector.num_segments > _VECTOR_PIECES
    ):
        passages.create_index("vector", config=IvfSq(distance_type="cosine"), replace=True)


def needs_upkeep(table: Any, folder: Path) -> bool:
    """Whether rows wait for an index, the table lies in many small pieces, or old versions
    that nobody reads any more take much room in its ``folder``."""
    stats = table.stats()
    if stats["fragment_stats"]["num_small_fragments"] >= _SMALL_FRAGMENTS:
        return True
    if _garbage(folder, in_use=stats["total_bytes"]):
        return True
    for index in table.list_indices():
        stats = table.index_stats(index.name)
        if stats is not None and stats.num_unindexed_rows:
            return True
    return False


def _garbage(folder: Path, *, in_use: int) -> bool:
    times = sorted(path.stat().st_mtime for path in (folder / "_versions").iterdir())
    if len(times) < 2 or times[0] > time.time() - _KEEP_VERSIONS.total_seconds():
        return False
    data = folder / "data"
    if not data.is_dir():
        return False  # no row was ever written
    size = sum(path.stat().st_size for path in data.iterdir())
    return size > in_use * (1 + _GARBAGE_SHARE) + _GARBAGE_BYTES


def compact(table: Any) -> None:
    table.optimize(cleanup_older_than=_KEEP_VERSIONS)
