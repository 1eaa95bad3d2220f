"""Answers questions in SQL that a person wrote, over the ledger and nothing else.

Invariant: one statement that only reads, inside a read-only transaction, on a connection that
can't open a file, reach the network, or change a setting any more; so no statement can get out.
"""

from __future__ import annotations

import math
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from copilot.adapters.ledger.database import in_memory, sql, translated
from copilot.adapters.ledger.reader import LedgerReader
from copilot.errors import DeniedError, LimitError, StoppedError, UsageError
from copilot.relations import Cell, Column, Relation, View

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

T = TypeVar("T")

_ROWS_AT_ONCE = 1000
# The order counts: nothing can be set after the last. What doesn't fit in memory would be
# written beside the ledger, texts and all, and stay there after a kill.
_CLOSE = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
    "BEGIN TRANSACTION READ ONLY",
)
_ZONED = "TIMESTAMP WITH TIME ZONE"
_SEE_VIEWS = "`copilot sql --views` lists the views and their columns"
_REFUSED = ("Permission Error", "read-only", "read only", "configuration has been locked")


class LedgerSql(LedgerReader):
    """SQL over the same files as the reader of runs."""

    def _nothing(self) -> AbstractContextManager[DuckDBPyConnection]:
        return in_memory()  # one of its own: it is closed against the outside, and stays so

    def views(self) -> list[View]:
        """The documented views, by name. Raises StorageError."""
        with self._connection() as connection:
            rows = connection.execute(sql("views")).fetchall()
        return [
            View(name, about, tuple(Column(*row[2:]) for row in columns))
            for (name, about), columns in groupby(rows, key=lambda row: (row[0], row[1]))
        ]

    @contextmanager
    def query(self, statement: str) -> Iterator[Relation]:
        """The rows of one reading statement; read them inside the block.

        Raises UsageError for SQL that can't be run, DeniedError for what isn't reading,
        LimitError for what needs more memory than there is, StoppedError on Ctrl-C, StorageError.
        """
        with self._connection() as connection:
            for setting in _CLOSE:
                connection.execute(setting)
            columns = _stoppable(connection, lambda: _run(connection, statement))
            yield Relation(columns, _rows(connection))


def _stoppable(connection: DuckDBPyConnection, work: Callable[[], T]) -> T:
    """What ``work`` gives, which asks the connection. Raises StoppedError on Ctrl-C.

    In a thread of its own: DuckDB looks for signals between steps of a query, and one step of a
    join may take hours. It heeds ``interrupt`` within them.
    """
    with _explained(), ThreadPoolExecutor(max_workers=1) as pool:
        working = pool.submit(work)
        try:
            return working.result()
        except KeyboardInterrupt:
            connection.interrupt()
            # A function of one huge value heeds nothing: a second Ctrl-C ends the process.
            before = signal.signal(signal.SIGINT, signal.SIG_DFL)
            pool.shutdown()
            signal.signal(signal.SIGINT, before)
            raise StoppedError("interrupted") from None


def _run(connection: DuckDBPyConnection, statement: str) -> tuple[Column, ...]:
    found = connection.extract_statements(statement)
    if len(found) != 1:
        problem = "there is no SQL" if not found else "one statement at a time"
        raise UsageError(problem, hint='such as: copilot sql "SELECT count(*) FROM v_runs"')
    kind = _kind(found[0])
    if kind not in ("SELECT", "EXPLAIN"):
        raise DeniedError(
            f"copilot sql only reads: {kind} is not run",
            hint="a SELECT over the views; `copilot sql --views` lists them",
        )
    columns = _described(connection.execute(statement).description or [])
    if any(column.type == _ZONED for column in columns):
        # Values with a zone need a package that a plain installation lacks.
        connection.execute(_in_utc(found[0].query, columns))
    return columns


def _kind(statement: Statement) -> str:
    try:
        return str(statement.type.name)
    except ValueError:
        # DuckDB has kinds that its Python client has no name for.
        return "this statement"


def _in_utc(statement: str, columns: Sequence[Column]) -> str:
    names = [f"c{n}" for n in range(len(columns))]
    chosen = [
        f"timezone('UTC', {name})" if column.type == _ZONED else name
        for name, column in zip(names, columns, strict=True)
    ]
    inner = statement.strip().rstrip(";")
    return f"SELECT {', '.join(chosen)} FROM (\n{inner}\n) AS t({', '.join(names)})"


def _described(description: Sequence[Any]) -> tuple[Column, ...]:
    taken: set[str] = set()
    columns: list[Column] = []
    for name, kind, *_ in description:
        unique, n = name, 2
        while unique in taken:
            unique, n = f"{name}_{n}", n + 1
        taken.add(unique)
        columns.append(Column(unique, str(kind)))
    return tuple(columns)


def _rows(connection: DuckDBPyConnection) -> Iterator[tuple[Cell, ...]]:
    while True:
        rows = _stoppable(connection, lambda: connection.fetchmany(_ROWS_AT_ONCE))
        if not rows:
            return
        for row in rows:
            yield tuple(_cell(value) for value in row)


def _cell(value: object) -> Cell:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return _cell(float(value))
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case dict():
            return {str(key): _cell(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_cell(inner) for inner in value]
        case _:
            return str(value)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what DuckDB says of a person's SQL into our errors."""
    import duckdb

    with translated("be read"):
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise LimitError(
                "the query needs more memory than there is", hint="narrow it, or add a LIMIT"
            ) from error
        except (duckdb.PermissionException, *_of_the_sql()) as error:
            raise _refusal_or_mistake(str(error)) from error


def _of_the_sql() -> tuple[type[Exception], ...]:
    """What the statement is to blame for, and not the ledger."""
    import duckdb

    return (
        duckdb.ProgrammingError,
        duckdb.DataError,
        duckdb.NotSupportedError,
        duckdb.IntegrityError,
        duckdb.TransactionException,
    )


def _refusal_or_mistake(text: str) -> DeniedError | UsageError:
    lines = [line for line in text.splitlines() if line.strip()]
    first = re.sub(r"^[A-Za-z]+ Error: ", "", lines[0]) if lines else "no reason given"
    if any(word in text for word in _REFUSED):
        return DeniedError(
            f"copilot sql reads the ledger and nothing else: {first}", hint=_SEE_VIEWS
        )
    guess = next((line for line in lines[1:] if line.startswith(("Did you", "Candidate"))), "")
    if first.startswith("Table") and '"v_' not in guess:
        guess = ""  # a table of ours that nobody may rely on
    return UsageError(f"the SQL can't be run: {first}", hint=f"{guess} {_SEE_VIEWS}".strip())
