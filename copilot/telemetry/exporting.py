"""Sends what was not sent yet: runs from the ledger to a place that takes spans.

Invariant: a run counts as sent only once the place acknowledged it, and never again after that;
what a place that is down did not take is sent next time, whole. Texts leave only when they were
asked for, and only redacted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.outlets import SentLog, SpanSink, TraceReader
from copilot.signals import TracedRun, TracedTexts
from copilot.telemetry import names
from copilot.telemetry.tracing import spans

# What one request holds: collectors take 4 MB and more, and a run makes some five kilobytes.
BATCH_RUNS = 400

Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to. ``rejected`` spans were refused for good by the place itself."""

    runs: int
    spans: int
    before: int
    rejected: int = 0
    reason: str = ""


def export_traces(
    reader: TraceReader,
    sink: SpanSink,
    log: SentLog,
    *,
    since: datetime | None = None,
    redact: Redact | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Send the runs that ``sink`` hasn't had, oldest first; with texts when ``redact`` is given.

    Raises ToolError or StorageError when the place can't take them; those before count as sent.
    """
    with log.held():
        todo, before = _todo(reader, log, since)
        done = Exported(0, 0, before)
        for start in range(0, len(todo), BATCH_RUNS):
            batch = todo[start : start + BATCH_RUNS]
            runs = reader.traces(batch, texts=redact is not None)
            told = [span for run in runs for span in spans(_redacted(run, redact))]
            rejected, reason = sink.send(told, names.SCOPE) if told else (0, "")
            log.add(batch)
            done = replace(
                done,
                runs=done.runs + len(runs),
                spans=done.spans + len(told),
                rejected=done.rejected + rejected,
                reason=reason or done.reason,
            )
            progress(start + len(batch), len(todo))
    return done


def unsent(reader: TraceReader, log: SentLog, *, since: datetime | None = None) -> list[str]:
    """What ``export_traces`` would send now."""
    with log.held():
        return _todo(reader, log, since)[0]


def _todo(reader: TraceReader, log: SentLog, since: datetime | None) -> tuple[list[str], int]:
    """The runs to send, oldest first, and how many went before."""
    sent = log.sent()
    ended = reader.ended(since=since)
    todo = [run_id for run_id in ended if run_id not in sent]
    return todo, len(ended) - len(todo)


def _redacted(run: TracedRun, redact: Redact | None) -> TracedRun:
    if run.texts is None or redact is None:
        return replace(run, texts=None)
    question, answer = (
        None if text is None else redact(text) for text in (run.texts.question, run.texts.answer)
    )
    return replace(run, texts=TracedTexts(question, answer))
