"""Reads from the ledger what leaves it: runs as traces, and figures as metrics.

Invariant: texts are read only when they are asked for, and nothing is written; which runs have
left stands in ``sent.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from copilot.adapters.ledger.database import sql
from copilot.adapters.ledger.figures import microseconds, moment
from copilot.adapters.ledger.reader import LedgerReader
from copilot.messages import PromptVersion
from copilot.outlets import RetrievalSample
from copilot.signals import (
    Distribution,
    RequestTotals,
    Sample,
    Totals,
    TracedAttempt,
    TracedGuard,
    TracedHit,
    TracedPrompt,
    TracedRating,
    TracedRun,
    TracedTexts,
    TracedTool,
    TracedVerdict,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class LedgerTraces(LedgerReader):
    """The ``TraceReader`` over the same files as the reader of runs."""

    def ended(self, *, since: datetime | None) -> list[str]:
        """Ids of the runs that ended and began since then, oldest first. Raises StorageError."""
        begun = {"since": microseconds(since)}
        with self._connection() as connection:
            rows = connection.execute(sql("trace_ids"), begun).fetchall()
        return [str(row[0]) for row in rows]

    def traces(self, run_ids: Sequence[str], *, texts: bool) -> list[TracedRun]:
        """These runs, oldest first; those that are gone are left out. Raises StorageError."""
        by_ids = {"ids": list(run_ids)}
        with self._connection() as connection:
            runs = connection.execute(sql("trace_runs"), by_ids).fetchall()
            attempts = _by_run(connection, "trace_attempts", by_ids)
            hits = _by_run(connection, "trace_hits", by_ids)
            tools = _by_run(connection, "trace_tools", by_ids)
            verdicts = _by_run(connection, "trace_verdicts", by_ids)
            prompts = _by_run(connection, "trace_prompts", by_ids)
            guards = _by_run(connection, "trace_guards", by_ids)
        return [
            replace(
                _run(row, texts=texts),
                hits=tuple(TracedHit(*hit) for hit in hits[row[0]]),
                attempts=tuple(TracedAttempt(*_timed(one)) for one in attempts[row[0]]),
                tools=tuple(TracedTool(*_timed(one)) for one in tools[row[0]]),
                verdicts=tuple(TracedVerdict(*_timed(one)) for one in verdicts[row[0]]),
                prompts=tuple(TracedPrompt(*_timed(one)) for one in prompts[row[0]]),
                guards=tuple(TracedGuard(*_timed(one)) for one in guards[row[0]]),
            )
            for row in runs
        ]

    def ratings(self, *, since: datetime | None) -> list[TracedRating]:
        """What people thought of runs, oldest first. Raises StorageError."""
        begun = {"since": microseconds(since)}
        with self._connection() as connection:
            rows = connection.execute(sql("trace_ratings"), begun).fetchall()
        return [TracedRating(*_timed(row)) for row in rows]

    def sample(self, since: datetime, until: datetime | None) -> RetrievalSample:
        """The best hit of each search of a period. Raises StorageError."""
        period = {
            "since": microseconds(since),
            "until": microseconds(until),
        }
        with self._connection() as connection:
            rows = connection.execute(sql("sample"), period).fetchall()
        return RetrievalSample(
            scores=tuple(score for score, _ in rows if score is not None),
            documents=tuple(document for _, document in rows),
        )

    def totals(self, bounds: Sequence[float]) -> Totals:
        """What all runs add up to, read at one moment. Raises StorageError."""
        with self._connection() as connection:

            def rows(name: str) -> list[tuple[Any, ...]]:
                found: list[tuple[Any, ...]] = connection.execute(sql(f"total_{name}")).fetchall()
                return found

            models = rows("models")
            durations = connection.execute(
                sql("total_durations"), {"bounds": list(bounds)}
            ).fetchall()
            newest = rows("newest")[0]
            return Totals(
                runs=_samples(rows("runs")),
                attempts=_samples(rows("attempts")),
                input_tokens=_samples((model, row[0]) for model, *row in models),
                output_tokens=_samples((model, row[1]) for model, *row in models),
                cost_microusd=_samples((model, row[2]) for model, *row in models),
                unpriced=_samples((model, row[3]) for model, *row in models),
                sentences=_samples(rows("sentences")),
                feedback=_samples(rows("feedback")),
                run_seconds=_distributions(durations, "run", len(bounds)),
                first_text_seconds=_distributions(durations, "first", len(bounds)),
                newest_run_at=None if newest[0] is None else moment(newest[0]),
                newest_sync_at=None if newest[1] is None else moment(newest[1]),
            )

    def request_totals(
        self, *, seconds: Sequence[float], tokens: Sequence[float], other: str
    ) -> RequestTotals:
        """What all requests and calls of tools add up to. Raises StorageError."""
        bounds = {"seconds": list(seconds), "tokens": list(tokens), "other": other}
        with self._connection() as connection:
            [(first,)] = connection.execute(sql("total_first")).fetchall()
            rows = connection.execute(sql("total_requests"), bounds).fetchall()
        return RequestTotals(
            since=None if first is None else moment(first),
            seconds=_distributions(rows, "seconds", len(seconds)),
            first_chunk_seconds=_distributions(rows, "first", len(seconds)),
            tokens=_distributions(rows, "tokens", len(tokens)),
            tool_seconds=_distributions(rows, "tool", len(seconds)),
        )


def _samples(rows: Iterable[Sequence[Any]]) -> tuple[Sample, ...]:
    """Labels first, the number last."""
    return tuple(Sample(tuple(labels), value) for *labels, value in rows)


def _distributions(
    rows: Sequence[Sequence[Any]], figure: str, bounds: int
) -> tuple[Distribution, ...]:
    counts: dict[tuple[str, ...], list[int]] = {}
    totals: dict[tuple[str, ...], float] = defaultdict(float)
    for named, told, above, count, total in rows:
        if named == figure:
            labels = tuple(told)
            places = counts.setdefault(labels, [0] * (bounds + 1))
            places[above] += count
            totals[labels] += total
    return tuple(
        Distribution(labels, tuple(accumulate(places)), totals[labels])
        for labels, places in counts.items()
    )


def _by_run(
    connection: DuckDBPyConnection, name: str, by_ids: Mapping[str, object]
) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for run_id, *rest in connection.execute(sql(name), dict(by_ids)).fetchall():
        found[run_id].append(tuple(rest))
    return found


def _run(row: Sequence[Any], *, texts: bool) -> TracedRun:
    run_id, kind, status, started_us, ended_us, conversation, release, model, *rest = row
    prompt_id, prompt_version, prompt_digest, index_version, follow_up, retrieval_ms, *rest = rest
    first_token_ms, input_tokens, output_tokens, cost, error_type, question, answer = rest
    return TracedRun(
        id=run_id,
        kind=kind,
        status=status,
        started_at=moment(started_us),
        ended_at=moment(ended_us),
        conversation=conversation,
        release=release,
        model=model,
        prompt=PromptVersion(prompt_id, prompt_version, prompt_digest) if prompt_id else None,
        index_version=index_version,
        follow_up=follow_up,
        retrieval_ms=retrieval_ms,
        first_token_ms=first_token_ms,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost_microusd=cost,
        error_type=error_type,
        texts=TracedTexts(question, answer) if texts else None,
    )


def _timed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row with its last column, microseconds, as a moment."""
    return (*row[:-1], moment(row[-1]))
