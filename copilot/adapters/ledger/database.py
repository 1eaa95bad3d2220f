"""The DuckDB file: open it, bring its schema up to date, put its errors into our words.

Invariant: the file has exactly the schema of ``STEPS`` when ``opened`` yields, or a
StorageError says why not; the schema's version stands in the file, and each step is all or
nothing. This is the only module that knows DuckDB's exceptions.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copilot.adapters.ledger.spool import storage_error
from copilot.config.paths import private
from copilot.errors import StorageError
from copilot.keeping import digest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DATABASE_FILE = "ledger.duckdb"
SNAPSHOT_PREFIX = "snapshot-"
# A client that looks something up lets go again; one that stays open gets a copy made.
_BUSY_WAIT_S = 0.25
_BUSY_POLL_S = 0.02
_ABANDONED_S = 3600.0
# Nothing here needs the network, and a ledger must never reach for it.
_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class DatabaseBusyError(Exception):
    """Another program has the file open for writing."""


class UnwritableError(StorageError):
    """The disk is full or read-only; what is there can still be read."""


class DamagedError(StorageError):
    """The file holds no ledger, or not a whole one."""


class BadRowsError(Exception):
    """A batch holds values that don't fit the tables."""


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered change of the schema."""

    version: int
    name: str
    sql: str


@cache
def sql(name: str) -> str:
    """The statement in ``sql/<name>.sql``."""
    return (files("copilot.adapters.ledger") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def steps() -> tuple[Step, ...]:
    """All upgrades, in order; ``upgrades/0001_runs.sql`` is version 1."""
    folder = files("copilot.adapters.ledger") / "upgrades"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return tuple(
        Step(int(entry.name[:4]), entry.name.removesuffix(".sql"), entry.read_text("utf-8"))
        for entry in sorted(found, key=lambda entry: entry.name)
    )


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn DuckDB's exceptions into DatabaseBusyError or StorageError.

    ``doing`` completes the sentence "the ledger can't …".
    """
    import duckdb

    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException):
        # SQL of ours that DuckDB doesn't understand is a bug, and no one's ledger is to blame.
        raise
    except duckdb.Error as error:
        text = str(error)
        locked = "lock" in text and ("Conflicting" in text or "set lock" in text)
        if locked or "different configuration" in text:
            raise DatabaseBusyError(text) from error
        raise _damaged_or_full(doing, text) from error


@contextmanager
def rows_checked() -> Iterator[None]:
    """Turn what DuckDB says of values that don't fit into BadRowsError."""
    import duckdb

    try:
        yield
    except (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException) as error:
        raise BadRowsError(str(error)) from error


def _damaged_or_full(doing: str, text: str) -> StorageError:
    reason = text.splitlines()[0] if text else "no reason given"
    if "No space left" in text or "File too large" in text:
        return UnwritableError(
            f"the ledger can't {doing}: the disk is full",
            hint="make room; what was recorded stays in the spool until then",
        )
    if "Permission denied" in text or "Read-only file system" in text:
        return UnwritableError(
            f"the ledger can't {doing}: it is read-only",
            hint="set COPILOT_HOME to a folder you can write",
        )
    return DamagedError(
        f"the ledger can't {doing}: {reason}",
        hint="move ledger.duckdb (and ledger.duckdb.wal) away; new runs start a new one",
    )


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[DuckDBPyConnection]:
    """A connection to the ledger at ``path``, created if need be, its schema current.

    Raises DatabaseBusyError when another program has it, StorageError when it can't be used.
    """
    # DuckDB makes files of its own beside it: a log, and what doesn't fit in memory.
    with private():
        if not read_only and not _holds_anything(path):
            _create(path)
        connection = _connect(path, read_only=read_only)
        try:
            if not read_only:
                upgrade(connection)
            yield connection
        finally:
            connection.close()


def _connect(path: Path, *, read_only: bool) -> DuckDBPyConnection:
    import duckdb

    deadline = time.monotonic() + _BUSY_WAIT_S
    while True:
        try:
            with translated("open its database"):
                return duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
        except DatabaseBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_POLL_S)


def _holds_anything(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _create(path: Path) -> None:
    """Make the file beside its place and move it there, so that a kill leaves no half of one."""
    draft = path.with_name(f"{path.name}.new")
    for left in (draft, draft.with_name(f"{draft.name}.wal")):
        left.unlink(missing_ok=True)
    import duckdb

    with translated("create its database"):
        duckdb.connect(str(draft), config=_CONFIG).close()
    draft.replace(path)


@contextmanager
def in_memory() -> Iterator[DuckDBPyConnection]:
    """An empty ledger that lives nowhere."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIG)
    try:
        upgrade(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def empty() -> Iterator[DuckDBPyConnection]:
    """An empty ledger for those who only ask: made once, as that takes longer than any answer."""
    connection = _nothing().cursor()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@cache
def _nothing() -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIG)
    upgrade(connection)
    return connection


@contextmanager
def snapshot(path: Path) -> Iterator[DuckDBPyConnection]:
    """A private copy of a ledger that another program holds, gone when the block ends.

    The copy lies beside the ledger, or in the system's folder for temporary files where that
    can't be written. Raises StorageError when no readable copy could be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=SNAPSHOT_PREFIX, dir=path.parent))
    except OSError:
        prefix = temporary_prefix(path.parent)
        sweep_snapshots(Path(tempfile.gettempdir()), prefix=prefix)
        folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        try:
            # The log first: should the other program write in between, the copy fails to
            # open, where the other order would silently lack rows.
            for source in (path.with_name(f"{path.name}.wal"), path):
                if source.exists():
                    with private():
                        shutil.copyfile(source, folder / source.name)
        except FileNotFoundError as error:
            # The other program's log, which it has just written into its database.
            raise DamagedError(f"the ledger can't be copied, to be read: {error}") from error
        except PermissionError as error:
            raise StorageError(
                f"the ledger can't be read: {error.filename} is not yours to read",
                hint=f"chmod u+r {error.filename}",
            ) from error
        except OSError as error:
            what = "the ledger can't be copied, to be read"
            raise storage_error(what, error, folder.parent) from error
        with opened(folder / path.name) as connection:
            yield connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def temporary_prefix(folder: Path) -> str:
    """How copies of the ledger in ``folder`` begin where they can't lie beside it."""
    return f"copilot-snapshot-{digest(str(folder.resolve()))[:16]}-"


def sweep_snapshots(folder: Path, *, prefix: str = SNAPSHOT_PREFIX) -> None:
    """Remove copies that a killed reader left an hour ago or more; younger ones may be in use."""
    for left in folder.glob(f"{prefix}*"):
        try:
            abandoned = time.time() - left.stat().st_mtime > _ABANDONED_S
        except FileNotFoundError:
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)


def upgrade(connection: DuckDBPyConnection, todo: Sequence[Step] | None = None) -> None:
    """Apply the steps that the database lacks, each in a transaction of its own.

    Raises StorageError when a newer copilot wrote it, or a step fails (the name says which).
    """
    chosen = steps() if todo is None else todo
    connection.execute("SET TimeZone = 'UTC'")
    have = schema_version(connection)
    if have > chosen[-1].version:
        raise StorageError(
            f"the ledger has schema {have}, this copilot knows up to {chosen[-1].version}",
            hint="a newer copilot wrote it: upgrade this one (pip install --upgrade copilot)",
        )
    for step in chosen:
        if step.version > have:
            _apply(connection, step)


def schema_version(connection: DuckDBPyConnection) -> int:
    """The number of the last step applied; 0 for an empty database."""
    known = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version'"
    ).fetchall()
    if not known[0][0]:
        return 0
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT coalesce(max(version), 0) FROM schema_version"
    ).fetchall()
    return int(rows[0][0])


def _apply(connection: DuckDBPyConnection, step: Step) -> None:
    with translated(f"be upgraded ({step.name})"), transaction(connection):
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, "
            "name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)"
        )
        connection.execute(step.sql)
        connection.execute(
            "INSERT INTO schema_version VALUES (?, ?, now() AT TIME ZONE 'UTC')",
            [step.version, step.name],
        )


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block, or roll back whatever ended it."""
    connection.execute("BEGIN")
    done = False
    try:
        yield
        connection.execute("COMMIT")
        done = True
    finally:
        if not done:
            _roll_back(connection)


@contextmanager
def rehearsal(connection: DuckDBPyConnection) -> Iterator[None]:
    """Take back what the block does."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _roll_back(connection)


def _roll_back(connection: DuckDBPyConnection) -> None:
    import duckdb

    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        # A transaction that DuckDB gave up itself (a full disk) is rolled back already.
        return
