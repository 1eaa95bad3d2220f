"""Deletes rows and texts on purpose, whichever tables the schema has by now.

Invariant: a text stays exactly as long as a row that stays uses it. Tables are told by their
columns: ``run_id`` names the run, ``principal`` the person if it isn't the run's, a name that
ends in ``_digest`` a text that somebody said, so a later table is covered when it keeps to these
names; ``digest`` is a text of ours, which ages as the others do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql
from copilot.adapters.ledger.said import Said
from copilot.keeping import Cutoffs, Erased, Hold, alike, pseudonym

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The digest of a prompt file names a version of ours, and nothing that was said.
_OURS = frozenset({"prompt_digest"})
# What a person typed that isn't kept by digest, and what stands in its place.
_TYPED = {"conversation": "''", "tags": "[]"}
# Rows without figures: those that this version can't read, and with which settings, groups and
# folder somebody asked.
_WITHOUT_FIGURES = ("other_records", "asked_with")


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: frozenset[str]

    @property
    def run(self) -> str:
        return "id" if self.name == "runs" else "run_id"

    @property
    def said(self) -> list[str]:
        return sorted(
            column for column in self.columns if column.endswith("_digest") and column not in _OURS
        )

    @property
    def texts(self) -> list[str]:
        return [*self.said, *(["digest"] if "digest" in self.columns else [])]

    @property
    def when(self) -> str:
        """When a row came about, as SQL."""
        if "recorded_at" in self.columns:
            return "recorded_at"
        if self.name == "runs":
            return "started_at"
        return f"(SELECT started_at FROM runs r WHERE r.id = {self.name}.run_id)"

    @property
    def unnamed(self) -> str:
        """Whether a row names nobody and belongs to no run that would, as SQL."""
        named = "principal = ''" if "principal" in self.columns else "true"
        return named if self.name == "runs" else f"{named} AND run_id NOT IN (SELECT id FROM runs)"

    def of(self, people: str) -> str:
        """Whether a row belongs to the people in a temporary table, as SQL."""
        of_run = self.about(people)
        if "principal" not in self.columns or self.name == "runs":
            return of_run
        return f"({self._names(people)} OR principal = '' AND {of_run})"

    def about(self, people: str) -> str:
        """Whether a row belongs to a run of these people, whoever it is by, as SQL."""
        return f"{self.run} IN (SELECT id FROM {people}_runs)"

    def touching(self, people: str) -> str:
        """Whether a row is by these people or about a run of theirs, as SQL."""
        named = f" OR {self._names(people)}" if "principal" in self.columns else ""
        return f"({self.about(people)}{named})"

    def _names(self, people: str) -> str:
        return f"principal IN (SELECT name FROM {people})"


def forget(connection: DuckDBPyConnection, principal: str, said: Said, *, unnamed: bool) -> Erased:
    """Take a person's texts, name and words out of every row; the rows and their figures stay.

    ``said`` is what they said, ``unnamed``: rows of no run that name nobody are theirs as well.
    Run inside one transaction. A text that someone else's row uses too stays theirs.
    """
    tables = _tables(connection)
    _people(connection, "theirs", [principal])
    _list(connection, "theirs_said", "digest", said.texts)
    _list(connection, "theirs_conversations", "digest", said.conversations)
    # Before anything is taken out: it is by what they said that it is found elsewhere.
    connection.execute(sql("forget_repeated"))
    chosen = {table.name: table.of("theirs") for table in tables}
    if unnamed:
        chosen |= {table.name: f"({chosen[table.name]} OR {table.unnamed})" for table in tables}
    runs = _count(connection, f"runs WHERE {chosen['runs']}")
    records = sum(_count(connection, f"{table} WHERE {mine}") for table, mine in chosen.items())
    others = tuple(
        name for name in people(connection) if name != principal and alike(name, principal)
    )
    for name in _WITHOUT_FIGURES:
        connection.execute(f"DELETE FROM {name} WHERE {chosen[name]}")
    for table in tables:
        changes = _emptied(table, pseudonym(principal))
        if changes:
            connection.execute(
                f"UPDATE {table.name} SET {', '.join(changes)} WHERE {chosen[table.name]}"
            )
    bodies = _drop_unused(connection, {table.name: "true" for table in tables}, tables)
    return Erased(runs=runs, records=records, bodies=bodies, others=others)


def _emptied(table: _Table, name: str) -> list[str]:
    """The assignments that leave a row without a person's texts, words and name."""
    changes = [f"{column} = NULL" for column in table.said]
    changes += [f"{column} = {none}" for column, none in _TYPED.items() if column in table.columns]
    if "principal" in table.columns:
        theirs = "principal IN (SELECT name FROM theirs)"
        changes.append(f"principal = CASE WHEN {theirs} THEN '{name}' ELSE principal END")
    return changes


def purge(connection: DuckDBPyConnection, cutoffs: Cutoffs, *, held: Sequence[Hold]) -> Erased:
    """Delete the runs and the texts that are too old, but for those of people on hold.

    What others said of a run of theirs is held with it. Run inside one transaction.
    """
    tables = _tables(connection)
    covered = [name for name in people(connection) if any(hold.covers(name) for hold in held)]
    _people(connection, "held", covered)
    held_rows = {table.name: table.touching("held") for table in tables}
    runs = records = 0
    if cutoffs.runs is not None:
        before = _timestamp(cutoffs.runs)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE old_runs AS SELECT id FROM runs "
            f"WHERE started_at < {before} AND NOT ({held_rows['runs']})"
        )
        for table in tables:
            records += _delete_old(connection, table, before, held_rows[table.name])
        runs = _count(connection, "old_runs")
        connection.execute("DELETE FROM runs WHERE id IN (SELECT id FROM old_runs)")
    bodies = 0
    if cutoffs.runs is not None or cutoffs.bodies is not None:
        stay = "true" if cutoffs.bodies is None else f"{{when}} >= {_timestamp(cutoffs.bodies)}"
        used = {
            table.name: f"({stay.format(when=table.when)}) OR {held_rows[table.name]}"
            for table in tables
        }
        bodies = _drop_unused(connection, used, tables)
    return Erased(runs=runs, records=runs + records, bodies=bodies)


def _delete_old(connection: DuckDBPyConnection, table: _Table, before: str, held: str) -> int:
    """The rows of old runs, and old rows of no run, in a table that isn't the one of runs."""
    if table.name == "runs":
        return 0
    old = "run_id IN (SELECT id FROM old_runs)"
    if "recorded_at" in table.columns:
        old += f" OR recorded_at < {before} AND run_id NOT IN (SELECT id FROM runs)"
    return _change(connection, f"DELETE FROM {table.name} WHERE ({old}) AND NOT ({held})")


def _drop_unused(
    connection: DuckDBPyConnection, used: dict[str, str], tables: Sequence[_Table]
) -> int:
    """Delete the texts that none of the ``used`` rows names; also those that nothing names."""
    names = [
        f"SELECT {column} AS digest FROM {table.name} WHERE {used[table.name]}"
        for table in tables
        for column in table.texts
    ]
    names.append(
        "SELECT unnest(regexp_extract_all(data::VARCHAR, '[0-9a-f]{64}')) FROM other_records "
        f"WHERE {used['other_records']}"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE used AS {' UNION '.join(names)}")
    return _change(
        connection,
        "DELETE FROM bodies WHERE digest NOT IN (SELECT digest FROM used WHERE digest IS NOT NULL)",
    )


def _tables(connection: DuckDBPyConnection) -> list[_Table]:
    """Every table whose rows belong to runs."""
    rows = connection.execute(sql("tables")).fetchall()
    return [_Table(name, frozenset(columns)) for name, columns in rows]


def people(connection: DuckDBPyConnection) -> list[str]:
    """Everybody whom a row names."""
    named = [table.name for table in _tables(connection) if "principal" in table.columns]
    rows = connection.execute(" UNION ".join(f"SELECT principal FROM {name}" for name in named))
    return sorted(name for (name,) in rows.fetchall() if name)


def _people(connection: DuckDBPyConnection, table: str, names: Sequence[str]) -> None:
    """Two temporary tables: these people, and the runs that they began."""
    _list(connection, table, "name", names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table}_runs AS "
        f"SELECT id FROM runs WHERE principal IN (SELECT name FROM {table})"
    )


def _list(connection: DuckDBPyConnection, table: str, column: str, values: Collection[str]) -> None:
    """A temporary table of one column."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest($all::VARCHAR[]) AS {column}",
        {"all": list(values)},
    )


def _change(connection: DuckDBPyConnection, statement: str) -> int:
    """How many rows it changed."""
    rows = connection.execute(statement).fetchall()
    return int(rows[0][0])


def _count(connection: DuckDBPyConnection, what: str) -> int:
    rows = connection.execute(f"SELECT count(*) FROM {what}").fetchall()
    return int(rows[0][0])


def _timestamp(moment: datetime) -> str:
    return f"make_timestamp({int(moment.timestamp() * 1_000_000)})"
