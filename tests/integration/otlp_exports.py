"""Runs recorded in a ledger and exported from it to a collector or a file."""

from __future__ import annotations

from pathlib import Path

from copilot.adapters.ledger.sent import SentRuns
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.otlp_http import OtlpEndpoint
from copilot.events import Event, RunStarted, RunStopped
from copilot.outlets import SpanSink
from copilot.telemetry.exporting import Exported, export_traces

RUN = "019a0000-0001-7000-8000-000000000001"


def record(ledger: Path, *runs: list[Event | RunStopped] | list[Event]) -> None:
    writer = SpoolRunWriter(ledger, bodies=True)
    for events in runs:
        first = events[0]
        assert isinstance(first, RunStarted)
        for event in events:
            writer.append(first.run_id, event)
    writer.close()


def export(ledger: Path, sink: SpanSink, **options: object) -> Exported:
    log = SentRuns(ledger, sink.place, shown=sink.shown)
    return export_traces(LedgerTraces(ledger), sink, log, **options)  # type: ignore[arg-type]


def endpoint(url: str) -> OtlpEndpoint:
    return OtlpEndpoint(url, header="Authorization", value=None)
