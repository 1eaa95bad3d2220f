"""How a batch of rows replaces others in one commit, and how a torn batch is recognised.

Invariant: callers hold the write lock on the latest version; after ``put`` the table holds
the new rows and none of the old ones, or it is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from copilot.adapters.index import filters, rows
from copilot.errors import InternalError
from copilot.messages import DocumentState, Passage, PassageVectors

_ROWS_AT_ONCE = 256
_PATHS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Packed:
    """Documents on their way in; ``passages`` is an Arrow table, None when there are none."""

    states: tuple[DocumentState, ...]
    passages: Any | None


def pack(
    upserts: Iterable[tuple[DocumentState, Iterable[tuple[Passage, PassageVectors]]]],
    *,
    dimension: int,
) -> Packed:
    """Read ``upserts`` to the end, a few hundred float vectors in memory at a time."""
    import pyarrow as pa

    states: list[DocumentState] = []
    batches: list[Any] = []
    waiting: list[rows.Pair] = []
    for state, pairs in upserts:
        states.append(state)
        for pair in pairs:
            waiting.append(pair)
            if len(waiting) == _ROWS_AT_ONCE:
                batches.append(_rows(waiting, dimension))
                waiting = []
    if waiting:
        batches.append(_rows(waiting, dimension))
    if len({state.path for state in states}) != len(states):
        raise InternalError("one batch holds the same document twice")
    return Packed(tuple(states), pa.Table.from_batches(batches) if batches else None)


def _rows(pairs: Sequence[rows.Pair], dimension: int) -> Any:
    if not dimension:
        raise InternalError("the index has no embedder yet: bind() comes before apply()")
    return rows.passage_rows(pairs, dimension)


def put(table: Any, data: Any | None, column: str, values: Sequence[str], *, key: str = "") -> None:
    """Make ``data`` the only rows whose ``column`` is one of ``values``, in one commit.

    ``key`` is the table's key column (default: ``column``). Removing more than
    ``_PATHS_AT_ONCE`` values takes a commit for each so many.
    """
    groups = [list(values[i : i + _PATHS_AT_ONCE]) for i in range(0, len(values), _PATHS_AT_ONCE)]
    there = [
        condition
        for condition in (filters.one_of(column, group) for group in groups)
        if table.count_rows(condition)
    ]
    if data is None or not len(data):
        for condition in there:
            table.delete(condition)
    elif not there:
        table.add(data)
    else:
        merge = table.merge_insert(key or column).when_matched_update_all()
        merge = merge.when_not_matched_insert_all()
        merge.when_not_matched_by_source_delete(" OR ".join(there)).execute(data)


def disagreeing(passages: Any, documents: Any | None) -> list[str]:
    """Paths whose number of passages isn't what their document says, counted in Arrow."""
    import pyarrow as pa
    import pyarrow.compute as pc

    total = max(1, passages.count_rows())
    held = passages.search().select(["path"]).limit(total).to_arrow()
    counted = held.group_by("path").aggregate([("path", "count")])
    if documents is None:
        return sorted(counted["path"].to_pylist())
    total = max(1, documents.count_rows())
    query = documents.search().where("passages > 0").select(["path", "passages"])
    said = query.limit(total).to_arrow()
    both = counted.join(said, keys="path", join_type="full outer")
    zero = pa.scalar(0, pa.int64())
    differ = pc.not_equal(
        pc.fill_null(both["path_count"], zero),
        pc.fill_null(pc.cast(both["passages"], pa.int64()), zero),
    )
    return sorted(both.filter(differ)["path"].to_pylist())
