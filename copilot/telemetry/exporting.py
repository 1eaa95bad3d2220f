"""Sends what was not sent yet: runs from the ledger to a place that takes spans; and totals.

Invariant: a run counts as sent only once the place acknowledged it, and never again after that;
what a place that is down did not take is sent next time, whole. Texts leave only when they were
asked for, and only redacted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.events import Warned
from copilot.outlets import SentLog, SpanSink, TotalsSink, TraceReader
from copilot.signals import Metric, RequestTotals, Span, TracedRating, TracedRun, TracedTexts
from copilot.telemetry import names
from copilot.telemetry.metrics import SECONDS, TOKENS, request_metrics
from copilot.telemetry.tracing import rating_span, spans

# What one request holds: collectors take 4 MB and more, and a run makes some five kilobytes.
BATCH_RUNS = 400

Redact = Callable[[str], str]
Hear = Callable[[Sequence[Warned]], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to. ``rejected`` spans were refused for good by the place itself."""

    runs: int
    spans: int
    before: int
    ratings: int = 0
    rejected: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a place hasn't had, oldest first; ``before`` counts the runs that it has."""

    runs: tuple[str, ...]
    ratings: tuple[TracedRating, ...]
    before: int


def export_traces(
    reader: TraceReader,
    sink: SpanSink,
    log: SentLog,
    *,
    since: datetime | None = None,
    redact: Redact | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    heard: Hear = lambda notices: None,
) -> Exported:
    """Send the runs that ``sink`` hasn't had, and the ratings, which may be of earlier runs.

    With texts when ``redact`` is given. What the ledger has to say is ``heard``. Raises
    ToolError or StorageError when the place can't take them; those before count as sent.
    """
    with log.held():
        todo = _unsent(reader, log, since, heard)
        done = Exported(0, 0, todo.before)
        for start in range(0, len(todo.runs), BATCH_RUNS):
            batch = todo.runs[start : start + BATCH_RUNS]
            runs = reader.traces(batch, texts=redact is not None)
            heard(reader.notices)
            told = [span for run in runs for span in spans(_redacted(run, redact))]
            done = _sent(sink, told, replace(done, runs=done.runs + len(runs)))
            log.add(batch)
            progress(start + len(batch), len(todo.runs))
        for start in range(0, len(todo.ratings), BATCH_RUNS):
            ratings = todo.ratings[start : start + BATCH_RUNS]
            told = [rating_span(rating) for rating in ratings]
            done = _sent(sink, told, replace(done, ratings=done.ratings + len(ratings)))
            log.add([rating.record_id for rating in ratings])
    return done


@dataclass(frozen=True, slots=True)
class ExportedTotals:
    """How many numbers went as metrics; None to a place that takes none."""

    points: int | None
    rejected: int = 0
    reason: str = ""


def export_totals(
    reader: TraceReader, sink: TotalsSink, *, instance: str, now: datetime
) -> ExportedTotals:
    """Send what all requests add up to, whatever was sent before: the numbers are cumulative.

    ``instance`` tells this ledger's numbers from those of another one at the same place. Raises
    ToolError or StorageError when the place can't take them.
    """
    totals = _request_totals(reader)
    found = request_metrics(totals)
    if not found or totals.since is None:
        return ExportedTotals(0)
    resource = {**names.SCOPE.resource, names.SERVICE_INSTANCE: instance}
    scope = replace(names.SCOPE, resource=resource)
    refused = sink.send_metrics(found, scope, since=totals.since, now=now)
    if refused is None:
        return ExportedTotals(None)
    return ExportedTotals(_points(found), *refused)


def points_to_send(reader: TraceReader) -> int:
    """How many numbers ``export_totals`` would send now."""
    return _points(request_metrics(_request_totals(reader)))


def _request_totals(reader: TraceReader) -> RequestTotals:
    return reader.request_totals(seconds=SECONDS, tokens=TOKENS, other=names.OTHER)


def _points(metrics: Sequence[Metric]) -> int:
    return sum(len(metric.distributions) for metric in metrics)


def unsent(
    reader: TraceReader,
    log: SentLog,
    *,
    since: datetime | None = None,
    heard: Hear = lambda notices: None,
) -> Unsent:
    """What ``export_traces`` would send now."""
    with log.held():
        return _unsent(reader, log, since, heard)


def _unsent(reader: TraceReader, log: SentLog, since: datetime | None, heard: Hear) -> Unsent:
    sent = log.sent()
    with reader.at_once() as opened:
        heard(opened.notices)
        ended, rated = opened.ended(since=since), opened.ratings(since=since)
    runs = tuple(run_id for run_id in ended if run_id not in sent)
    ratings = tuple(rating for rating in rated if rating.record_id not in sent)
    return Unsent(runs, ratings, before=len(ended) - len(runs))


def _sent(sink: SpanSink, told: Sequence[Span], done: Exported) -> Exported:
    rejected, reason = sink.send(told, names.SCOPE) if told else (0, "")
    return replace(
        done,
        spans=done.spans + len(told),
        rejected=done.rejected + rejected,
        reason=reason or done.reason,
    )


def _redacted(run: TracedRun, redact: Redact | None) -> TracedRun:
    if run.texts is None or redact is None:
        return replace(run, texts=None)
    question, answer = (
        None if text is None else redact(text) for text in (run.texts.question, run.texts.answer)
    )
    return replace(run, texts=TracedTexts(question, answer))
