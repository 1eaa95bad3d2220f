"""Deletes on purpose what the ledger holds, and keeps what must not be deleted.

Invariant: deleting is for one process at a time, with the spool merged and nobody else in the
database; it is marked before it begins, so one that was cut short is known and done again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.ledger import erasing, leftovers, rewriting
from copilot.adapters.ledger.database import (
    DatabaseBusyError,
    opened,
    sql,
    transaction,
    translated,
)
from copilot.adapters.ledger.figures import moment
from copilot.adapters.ledger.holds import read_holds, write_holds
from copilot.adapters.ledger.locks import lock_within
from copilot.adapters.ledger.merge import ASIDE_FOLDER, Merged, merge
from copilot.adapters.ledger.reader import LOCK_FILE, ONE_AT_A_TIME, LedgerReader, holder
from copilot.adapters.ledger.said import Said, said_by, taken
from copilot.adapters.ledger.spool import SPOOL_FOLDER, SUFFIX, storage_error
from copilot.config.paths import ensure
from copilot.errors import DeniedError, StorageError
from copilot.keeping import Cutoffs, Erased, Hold, LedgerStatus, Taken, pseudonym

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PURGING = "purge"
_WAIT_S = 30.0


class LedgerKeeper(LedgerReader):
    """Looks after the ledger in ``folder``; a reader of it as well."""

    # --- what there is -----------------------------------------------------------------

    def taken(self, principal: str) -> Taken:
        """Who took part in which conversation, and this person's words. Raises StorageError."""
        with self._connection() as connection:
            return taken(connection, principal, said_by(connection, principal))

    def people(self) -> list[str]:
        """Everybody whom the ledger names, by name. Raises StorageError."""
        with self._connection() as connection:
            return erasing.people(connection)

    def status(self) -> LedgerStatus:
        """Raises StorageError."""
        spool = self._folder / SPOOL_FOLDER
        with self._connection() as connection:
            rows = connection.execute(sql("status")).fetchall()
        runs, first, last, bodies = rows[0]
        return LedgerStatus(
            place=str(self._folder),
            bytes=sum(
                _size(Path(place, name))
                for place, _, names in os.walk(self._folder)
                for name in names
            ),
            runs=runs,
            first_run=moment(first) if first is not None else None,
            last_run=moment(last) if last is not None else None,
            bodies=bodies,
            waiting=sum(1 for _ in spool.glob(f"*{SUFFIX}")),
            set_aside=sum(1 for _ in (spool / ASIDE_FOLDER).glob("*")),
            unfinished=rewriting.unfinished(self._folder),
            holds=self.holds(),
        )

    # --- deleting ----------------------------------------------------------------------

    def forget(self, principal: str, *, unnamed: bool, elsewhere: Callable[[Taken], int]) -> Erased:
        """Leave no text, name or word of this person in any file of the ledger.

        ``unnamed``: what names nobody is theirs, too. ``elsewhere`` deletes what lies outside the
        ledger and says how much that was; it is called once nothing stands in the way any more,
        while the ledger still knows whose it is.
        A run that is still being written goes on, and is counted: forget again when it has
        ended. The mark stays until ``finish``. Raises DeniedError for a person on hold,
        StorageError when the ledger can't be had alone or be written.
        """
        if not self._there():
            elsewhere(Taken({}))
            return Erased()
        name = pseudonym(principal)
        with self._alone() as (connection, merged):
            if any(hold.covers(principal) for hold in self.holds()):
                raise DeniedError(f"{principal} is on hold", hint="`copilot ledger hold list`")
            before = rewriting.marked(self._folder, name)
            said = said_by(connection, principal) | Said.read(before or b"")
            rewriting.mark(self._folder, name, said.written())
            gone = elsewhere(taken(connection, principal, said))
            with translated("be deleted from"), transaction(connection):
                done = erasing.forget(connection, principal, said, unnamed=unnamed)
            leftovers.remove_unread(merged.newer, principal)
            writing = leftovers.still_spooled(self._folder, principal, said.texts)
            known = done.anything or gone or writing or before is not None
            aside = leftovers.set_aside(self._folder) if known else []
            if aside:
                rewriting.remove(self._folder / SPOOL_FOLDER / ASIDE_FOLDER)
        stuck = tuple(str(path) for path in merged.stuck)
        return replace(
            done,
            writing=writing,
            aside=len(aside),
            resumed=before is not None,
            left=(*stuck, *rewriting.foreign(self._folder)),
            notices=merged.notices(),
        )

    def would_forget(
        self, principal: str, *, unnamed: bool, elsewhere: Callable[[Taken], int]
    ) -> Erased:
        """What ``forget`` would come to; nothing is deleted. ``elsewhere`` only counts."""
        if not self._there():
            elsewhere(Taken({}))
            return Erased()

        def work(connection: DuckDBPyConnection) -> Erased:
            said = said_by(connection, principal)
            elsewhere(taken(connection, principal, said))
            return erasing.forget(connection, principal, said, unnamed=unnamed)

        return self._rehearsed(work)

    def finish(self, principal: str) -> None:
        """All that was to be forgotten is, elsewhere too. Raises StorageError."""
        if self._there():
            self._unmark(pseudonym(principal))

    def _unmark(self, name: str) -> None:
        try:
            rewriting.unmark(self._folder, name)
        except OSError as error:
            raise storage_error("the deletion can't be ended", error, self._folder) from error

    def purge(self, cutoffs: Cutoffs, *, dry_run: bool) -> Erased:
        """Delete what is too old and not on hold. Raises StorageError."""
        if not self._there():
            return Erased()
        held = self.holds()
        found = self._rehearsed(lambda connection: erasing.purge(connection, cutoffs, held=held))
        if dry_run:
            return replace(found, aside=len(self._old_aside(cutoffs)))
        if not (found.anything or rewriting.unfinished(self._folder)):
            with self._locked():
                return replace(found, aside=rewriting.remove(*self._old_aside(cutoffs)))
        with self._alone() as (connection, merged):
            held = self.holds()
            rewriting.mark(self._folder, _PURGING)
            with translated("be deleted from"), transaction(connection):
                done = erasing.purge(connection, cutoffs, held=held)
            aside = rewriting.remove(*self._old_aside(cutoffs))
        self._unmark(_PURGING)
        return replace(done, aside=aside, notices=merged.notices())

    def _old_aside(self, cutoffs: Cutoffs) -> list[Path]:
        """What was set aside and is older than texts are kept; nothing while anybody is on hold."""
        limits = [limit for limit in (cutoffs.bodies, cutoffs.runs) if limit is not None]
        if not limits or self.holds():
            return []
        return leftovers.set_aside(self._folder, before=max(limits))

    def _rehearsed(self, work: Callable[[DuckDBPyConnection], Erased]) -> Erased:
        """What the work comes to; nothing of it stays."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")

    # --- holds -------------------------------------------------------------------------

    def holds(self) -> tuple[Hold, ...]:
        """By name. Raises StorageError."""
        return read_holds(self._folder)

    def hold(self, hold: Hold) -> None:
        """Put a person on hold, or say another reason. Raises StorageError."""
        ensure(self._folder)
        with self._locked():
            others = [one for one in self.holds() if one.principal != hold.principal]
            write_holds(self._folder, [*others, hold])

    def release(self, principal: str) -> bool:
        """Whether there was a hold to end. Raises StorageError."""
        if not self._folder.exists():
            return False
        with self._locked():
            before = self.holds()
            left = [one for one in before if one.principal != principal]
            if len(left) < len(before):
                write_holds(self._folder, left)
        return len(left) < len(before)

    # --- access ------------------------------------------------------------------------

    def _there(self) -> bool:
        return self._database.exists() or (self._folder / SPOOL_FOLDER).exists()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among copilots: nobody merges, deletes or changes holds meanwhile."""
        try:
            with (
                ONE_AT_A_TIME,
                lock_within(self._folder / LOCK_FILE, seconds=_WAIT_S) as ours,
            ):
                if not ours:
                    raise StorageError(
                        "the ledger is busy: another copilot reads it", hint="try again"
                    )
                yield
        except OSError as error:
            raise storage_error("the ledger can't be changed", error, self._folder) from error

    @contextmanager
    def _alone(self) -> Iterator[tuple[DuckDBPyConnection, Merged]]:
        """The database with the spool merged, to delete from; written anew when the block ends."""
        with self._locked():
            try:
                with opened(self._database) as connection:
                    rewriting.sweep(
                        self._folder
                    )  # ours alone by now, what didn't fit in memory too
                    merged = merge(connection, self._folder)
                    yield connection, merged
                    draft = rewriting.draft(connection, self._database)
            except DatabaseBusyError as busy:
                raise StorageError(
                    f"{self._database} is open in another program{holder(str(busy))}",
                    hint="close it there, and try again",
                ) from busy
            rewriting.put_in_place(draft, self._database)
            rewriting.sweep(self._folder)


def _size(path: Path) -> int:
    """Of a file that may be merged, and so removed, at this moment."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
