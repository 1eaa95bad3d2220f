"""Keeps the tables quick to search: their indexes, compaction, and old versions.

Invariant: nothing here changes what a search finds, and a table that needs nothing is not
written to.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
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
_READ_FOR = timedelta(minutes=10)
_NEVER = timedelta(days=36_500)
# Old versions are cleaned up when they take half as much again as what is in use, and this.
_GARBAGE_SHARE, _GARBAGE_BYTES = 0.5, 10_000_000
# And, so that what was removed is gone some day, when they needn't be kept for so long already.
_NEEDLESS_FOR = timedelta(days=1)
# Those that are kept on purpose never take more than what is in use, or this. Each sync of a few
# documents costs 4 MB at 10,000 passages (their word index anew), each compaction all of it.
_KEPT_BYTES = 100_000_000


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


def needs_upkeep(table: Any, folder: Path, keep: timedelta) -> bool:
    """Whether rows wait for an index, the table lies in many small pieces, or old versions that
    needn't be kept take much room in its ``folder``."""
    stats = table.stats()
    if stats["fragment_stats"]["num_small_fragments"] >= _SMALL_FRAGMENTS:
        return True
    if _garbage(table, folder, keep):
        return True
    for index in table.list_indices():
        stats = table.index_stats(index.name)
        if stats is not None and stats.num_unindexed_rows:
            return True
    return False


def compact(table: Any, folder: Path, keep: timedelta) -> None:
    """Bring the table in order, and delete versions that nobody could have seen ``keep`` ago.

    Of those that are to be kept the oldest go too when together they take too much room.
    """
    keep = max(keep, _READ_FOR)
    table.optimize(cleanup_older_than=_NEVER)
    _clean_up(table, keep)
    while keep > _READ_FOR and _beside(table, folder) > _room(table):
        keep = max(keep / 2, _READ_FOR)
        _clean_up(table, keep)


def _clean_up(table: Any, keep: timedelta) -> None:
    """Delete the versions before the one that was the latest ``keep`` ago."""
    now = datetime.now(UTC)
    made = sorted(each["timestamp"].astimezone(UTC) for each in table.list_versions())
    first = max(sum(moment <= now - keep for moment in made) - 1, 0)
    if first:
        # LanceDB reckons from when it gets to it: between the two versions there is most time.
        between: timedelta = now - made[first] + (made[first] - made[first - 1]) / 2
        table.optimize(cleanup_older_than=max(between, timedelta(0)))


def _garbage(table: Any, folder: Path, keep: timedelta) -> bool:
    times = sorted(path.stat().st_mtime for path in (folder / "_versions").iterdir())
    now = time.time()
    if len(times) < 2 or times[1] > now - _READ_FOR.total_seconds():
        return False  # what came before the second version may still be read
    beside = _beside(table, folder)
    if beside > _room(table):
        return True
    needless_s = now - keep.total_seconds() - times[1]
    if needless_s > _NEEDLESS_FOR.total_seconds():
        return True
    return needless_s >= 0 and beside > _in_use(table) * _GARBAGE_SHARE + _GARBAGE_BYTES


def _beside(table: Any, folder: Path) -> int:
    """What the files of a table take that its latest version has no use for, about."""
    size = sum(
        os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
        for part in ("data", "_indices")
        for parent, _, names in os.walk(folder / part)
        for name in names
    )
    return size - _in_use(table)


def _in_use(table: Any) -> int:
    indexes = sum(index.size_bytes or 0 for index in table.list_indices())
    return int(table.stats()["total_bytes"]) + indexes


def _room(table: Any) -> int:
    return max(_in_use(table), _KEPT_BYTES)
