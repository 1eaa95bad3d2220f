"""Reads from an open ledger what its runs add up to.

Invariant: every row is built by its columns' names, which are the fields of its value; nothing
is computed here that SQL or the value itself can.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql
from copilot.figures import (
    NONE,
    BudgetState,
    Freshness,
    RecordedFailure,
    Standing,
    StatsGroup,
    StatsRow,
)
from copilot.runs import RunFilter

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def chosen_by(where: RunFilter) -> dict[str, object]:
    """The parameters of a statement that chooses runs."""
    return {
        "since": microseconds(where.since),
        "until": microseconds(where.until),
        "status": where.status or None,
        "kind": where.kind or None,
        "model": _group(where.model),
        "route": _group(where.route),
        "prompt": where.prompt or None,
        "rating": where.rating or None,
    }


def _group(name: str) -> str | None:
    """As a run holds what its group is named for; None for any."""
    return "" if name == NONE else name or None


def stats(connection: DuckDBPyConnection, where: RunFilter, *, by: StatsGroup) -> list[StatsRow]:
    """One row a group, in the group's order; a row of nothing when all are together."""
    found = connection.execute(sql("stats"), {**chosen_by(where), "by": by})
    names = [column[0] for column in found.description]
    rows = [StatsRow(**dict(zip(names, row, strict=True))) for row in found.fetchall()]
    return rows or ([] if by else [StatsRow()])


def failures(connection: DuckDBPyConnection, where: RunFilter) -> list[RecordedFailure]:
    """Failures with the same text together, the most frequent first."""
    return [
        RecordedFailure(
            origin=origin,
            where=place,
            error_type=error_type,
            message=message,
            count=count,
            first_at=moment(first_us),
            last_at=moment(last_us),
            last_run=last_run,
        )
        for origin, place, error_type, message, count, first_us, last_us, last_run in (
            connection.execute(sql("failures"), chosen_by(where)).fetchall()
        )
    ]


def freshness(connection: DuckDBPyConnection, where: RunFilter, *, within_s: float) -> Freshness:
    """Of the index runs of the period of ``where``, whatever else that chooses."""
    period = {"since": microseconds(where.since), "until": microseconds(where.until)}
    named = {**period, "within": within_s}
    [(documents, p50, p95, within)] = connection.execute(sql("freshness"), named).fetchall()
    return Freshness(documents, p50, p95, within, within_s)


def standing(connection: DuckDBPyConnection) -> Standing:
    """Where budgets and the index stand now."""
    [(synced_us,)] = connection.execute(sql("synced")).fetchall()
    return Standing(
        synced_at=None if synced_us is None else moment(synced_us),
        budgets=tuple(
            BudgetState(*budget) for budget in connection.execute(sql("budgets")).fetchall()
        ),
        sources={
            source: moment(us)
            for source, us in connection.execute(sql("synced_sources")).fetchall()
        },
    )


def microseconds(at: datetime | None) -> int | None:
    """As statements take a moment: since 1970; None for none."""
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """What a statement told in microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)
