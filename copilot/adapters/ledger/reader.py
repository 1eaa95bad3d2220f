"""Reads the ledger: merges the spool first, then answers with plain SQL.

Invariant: a reader never makes a writer wait, and never answers without the runs that ended
before it: when another program holds the database, it reads a copy and says so.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from copilot.adapters.ledger.database import (
    DATABASE_FILE,
    DamagedError,
    DatabaseBusyError,
    UnwritableError,
    empty,
    in_memory,
    opened,
    snapshot,
    sql,
    sweep_snapshots,
    translated,
)
from copilot.adapters.ledger.figures import (
    chosen_by,
    failures,
    freshness,
    microseconds,
    moment,
    standing,
    stats,
)
from copilot.adapters.ledger.locks import lock_within
from copilot.adapters.ledger.merge import Merged, merge, waiting
from copilot.adapters.ledger.rewriting import unfinished_notices
from copilot.adapters.ledger.run_rows import made_citation, made_hit
from copilot.adapters.ledger.spool import SPOOL_FOLDER
from copilot.codec import from_plain
from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.events import Warned
from copilot.figures import Freshness, ModelTime, RecordedFailure, Standing, StatsGroup, StatsRow
from copilot.inputs import Inputs
from copilot.messages import PromptVersion
from copilot.runs import (
    RecordedAttempt,
    RecordedDecision,
    RecordedExtraction,
    RecordedFeedback,
    RecordedGuard,
    RecordedPrompt,
    RecordedSummary,
    RecordedSync,
    RecordedTool,
    RecordedTurn,
    RecordedVerdict,
    RecordedWarning,
    RunDetail,
    RunFilter,
    RunSummary,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOCK_FILE = "merge.lock"
# Longer than any merge of a working day; beyond it the reader takes a copy.
_LOCK_WAIT_S = 5.0
# Copies that are made before it is said that there is no whole one to be had.
_COPIES = 4
# One thread of a process at a time: closing a copy's source would, by POSIX, drop the lock that
# DuckDB holds on the same file for another thread.
ONE_AT_A_TIME = threading.Lock()


class LedgerReader:
    """The ``RunReader`` over ``<folder>/ledger.duckdb`` and the spool beside it."""

    patience_s = _LOCK_WAIT_S

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = folder / DATABASE_FILE
        self._notices: tuple[Warned, ...] = ()
        self._bound: DuckDBPyConnection | None = None

    @property
    def notices(self) -> tuple[Warned, ...]:
        return self._notices

    def runs(
        self,
        where: RunFilter,
        *,
        limit: int,
        text: str = "",
        after: RunSummary | None = None,
    ) -> list[RunSummary]:
        """Newest first, from below ``after`` on. Raises StorageError."""
        with self._connection() as connection:
            return _runs(connection, where, limit=limit, text=text, after=after)

    def details(self, where: RunFilter, *, limit: int, rated: bool = False) -> list[RunDetail]:
        """Newest first. Raises StorageError."""
        with self._connection() as connection:
            found = _runs(connection, where, limit=limit, rated=rated)
            return [_detail(connection, run.id) for run in found]

    def run(self, prefix: str) -> RunDetail:
        """The run whose id begins so, or the newest for ``last``.

        Raises NotFoundError, UsageError when several ids begin so, StorageError.
        """
        with self._connection() as connection:
            run_id = _one_id(connection, prefix)
            return _detail(connection, run_id)

    def stats(self, where: RunFilter, *, by: StatsGroup) -> list[StatsRow]:
        """One row a group, in the group's order. Raises StorageError."""
        with self._connection() as connection:
            return stats(connection, where, by=by)

    def failures(self, where: RunFilter) -> list[RecordedFailure]:
        """The most frequent first. Raises StorageError."""
        with self._connection() as connection:
            return failures(connection, where)

    def freshness(self, where: RunFilter, *, within_s: float) -> Freshness:
        """Of the index runs of the period of ``where``. Raises StorageError."""
        with self._connection() as connection:
            return freshness(connection, where, within_s=within_s)

    def standing(self) -> Standing:
        """Raises StorageError."""
        with self._connection() as connection:
            return standing(connection)

    def model_times(self) -> Mapping[str, ModelTime]:
        """By model. Raises StorageError."""
        with self._connection() as connection:
            return {
                model: ModelTime(moment(at_us), latency_ms, first_ms)
                for model, at_us, latency_ms, first_ms in _select(connection, "model_times", {})
            }

    @contextmanager
    def at_once(self) -> Iterator[Self]:
        """A reader whose answers are all of one moment: the ledger is opened and merged once.

        Within the block alone. Raises StorageError.
        """
        with self._connection() as connection:
            bound = copy(self)
            bound._bound = connection
            yield bound

    @contextmanager
    def _connection(self) -> Iterator[DuckDBPyConnection]:
        """The ledger with its spool merged, for one question."""
        if self._bound is not None:
            with translated("be read"):
                yield self._bound
            return
        with ExitStack() as stack:
            stack.enter_context(ONE_AT_A_TIME)
            self._notices = ()
            connection = self._open_own(stack)
            if connection is None:
                connection = self._open_copy(stack)
            try:
                with translated("be read"):
                    yield connection
            except DatabaseBusyError as error:
                raise StorageError(f"the ledger can't be read: {error}") from error

    def _open_own(self, stack: ExitStack) -> DuckDBPyConnection | None:
        """The database itself, under the lock, the spool merged; None when it can't be had."""
        try:
            if not self._database.exists() and not (self._folder / SPOOL_FOLDER).exists():
                return stack.enter_context(self._nothing())
            with ExitStack() as own:
                if not own.enter_context(
                    lock_within(self._folder / LOCK_FILE, seconds=self.patience_s)
                ):
                    self._say("the ledger is busy: another copilot merges into it")
                    return None
                connection = own.enter_context(opened(self._database))
                sweep_snapshots(self._folder)
                merged = merge(connection, self._folder)
                self._notices = (*merged.notices(), *unfinished_notices(self._folder))
                stack.push(own.pop_all())
        except DatabaseBusyError as busy:
            self._say(f"{self._database} is open in another program{holder(str(busy))}")
            return None
        except UnwritableError as error:
            self._say(error.message)
            return None
        except OSError as error:
            self._say(f"{self._folder} can't be written ({error.strerror or error})")
            return None
        return connection

    def _nothing(self) -> AbstractContextManager[DuckDBPyConnection]:
        """What is asked where nothing was recorded yet."""
        return empty()

    def _open_copy(self, stack: ExitStack) -> DuckDBPyConnection:
        """A copy of the database with the spool merged into it; the spool stays.

        A copy that another copilot merged into meanwhile lacks what it took from the spool, or is
        no whole database: then another one is made.
        """
        for _ in range(_COPIES):
            with ExitStack() as copy, suppress(DamagedError):
                before = {path.name for path in waiting(self._folder)}
                connection, merged = self._copied(copy)
                if before <= merged.seen:
                    self._notices = (*self._notices, *merged.notices())
                    stack.push(copy.pop_all())
                    return connection
        raise StorageError(
            "the ledger can't be read: another program writes while it is copied",
            hint="try again, or end that program",
        )

    def _copied(self, stack: ExitStack) -> tuple[DuckDBPyConnection, Merged]:
        try:
            if self._database.exists():
                connection = stack.enter_context(snapshot(self._database))
            else:
                connection = stack.enter_context(in_memory())
            return connection, merge(connection, self._folder, keep=True)
        except (DatabaseBusyError, OSError) as error:
            raise StorageError(f"the ledger can't be read, nor a copy: {error}") from error

    def _say(self, why: str) -> None:
        self._notices = (
            *self._notices,
            Warned(
                f"{why}; read from a copy, with the runs since",
                hint="nothing is lost: new runs wait in the spool until it is free",
            ),
        )


def holder(message: str) -> str:
    """The process that DuckDB names, as `` (PID 123)``."""
    found = message.partition("(PID ")[2].partition(")")[0]
    return f" (PID {found})" if found.isdigit() else ""


def _select(
    connection: DuckDBPyConnection, name: str, parameters: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(sql(name), dict(parameters)).fetchall()
    return rows


def _runs(
    connection: DuckDBPyConnection,
    where: RunFilter,
    *,
    limit: int,
    rated: bool = False,
    text: str = "",
    after: RunSummary | None = None,
) -> list[RunSummary]:
    chosen = {
        **chosen_by(where),
        "text": text or None,
        "rated": rated,
        "after_us": microseconds(after.started_at if after else None),
        "after_id": after.id if after else None,
        "n": limit,
    }
    return [_summary(row) for row in _select(connection, "runs", chosen)]


def _one_id(connection: DuckDBPyConnection, prefix: str) -> str:
    if prefix == "last":
        found = [row[0] for row in _select(connection, "newest", {})]
    else:
        found = [row[0] for row in _select(connection, "matching", {"prefix": prefix})]
    if not found:
        raise NotFoundError(f"there is no run {prefix}", hint="copilot runs list")
    if len(found) > 1 and prefix not in found:
        shown = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise UsageError(f"several runs begin with {prefix}: {shown}", hint="give more of the id")
    return prefix if prefix in found else str(found[0])


def _summary(row: Sequence[Any]) -> RunSummary:
    run_id, kind, status, started_us, *rest = row
    return RunSummary(run_id, kind, status, moment(started_us), *rest)


def _detail(connection: DuckDBPyConnection, run_id: str) -> RunDetail:
    by_id = {"id": run_id}
    row = _select(connection, "run", by_id)[0]
    follow_up, index_version, retrieval_ms, prompt_id, version, prompt_digest, *texts = row[15:]
    model_reason, answer, error_type, error, route = texts
    return RunDetail(
        summary=_summary(row[:15]),
        queries=tuple(body for (body,) in _select(connection, "run_queries", by_id)),
        follow_up=follow_up,
        index_version=index_version,
        retrieval_ms=retrieval_ms,
        prompt=PromptVersion(prompt_id, version, prompt_digest) if prompt_id else None,
        model_reason=model_reason or "",
        answer=answer,
        error_type=error_type,
        error=error,
        hits=tuple(made_hit(*hit) for hit in _select(connection, "run_hits", by_id)),
        verdicts=tuple(
            RecordedVerdict(sentence, support, reason, action, tuple(markers))
            for sentence, support, reason, action, markers in _select(
                connection, "run_verdicts", by_id
            )
        ),
        citations=tuple(made_citation(*row) for row in _select(connection, "run_citations", by_id)),
        attempts=tuple(
            RecordedAttempt(*attempt) for attempt in _select(connection, "run_attempts", by_id)
        ),
        warnings=tuple(
            RecordedWarning(*warning) for warning in _select(connection, "run_warnings", by_id)
        ),
        feedback=tuple(
            RecordedFeedback(rating, principal, tuple(tags), comment, correction)
            for rating, principal, tags, comment, correction in _select(
                connection, "run_feedback", by_id
            )
        ),
        extractions=tuple(
            RecordedExtraction(name, version, outcome, answers, tuple(failed), source, record)
            for name, version, outcome, answers, failed, source, record in _select(
                connection, "run_extractions", by_id
            )
        ),
        decisions=tuple(
            RecordedDecision(*row) for row in _select(connection, "run_decisions", by_id)
        ),
        route=route,
        tools=tuple(RecordedTool(*row) for row in _select(connection, "run_tools", by_id)),
        guards=tuple(RecordedGuard(*row) for row in _select(connection, "run_guards", by_id)),
        sync=next((RecordedSync(*row) for row in _select(connection, "run_sync", by_id)), None),
        inputs=next((_inputs(*row) for row in _select(connection, "run_inputs", by_id)), None),
        history=tuple(RecordedTurn(*row) for row in _select(connection, "run_history", by_id)),
        summarised=next(
            (RecordedSummary(*row) for row in _select(connection, "run_summary", by_id)), None
        ),
        prompts=tuple(
            RecordedPrompt(PromptVersion(*version), body)
            for *version, body in _select(connection, "run_prompts", by_id)
        ),
    )


def _inputs(data: str, principal: str) -> Inputs:
    inputs = from_plain(Inputs, json.loads(data))
    named = replace(inputs.where.principal, name=principal)
    return replace(inputs, where=replace(inputs.where, principal=named))
