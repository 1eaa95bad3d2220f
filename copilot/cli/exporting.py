"""``copilot ledger export``: what was recorded, for other people's dashboards.

Invariant: nothing leaves this machine unless an address was given or configured.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from copilot.bootstrap import Copilot
    from copilot.events import Warned
    from copilot.outbound import Outbound
    from copilot.outlets import OtlpSink
    from copilot.telemetry.exporting import Exported, ExportedTotals, Unsent

app = typer.Typer(help="Write or send what was recorded, for other tools.", no_args_is_help=True)


@app.command("otlp")
def otlp(
    endpoint: Annotated[
        str,
        typer.Option(
            metavar="URL", help="A collector, by OTLP over HTTP; default: telemetry.endpoint."
        ),
    ] = "",
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append to a file of OTLP JSON lines.")
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Only runs since then: 12h, 7d or a date.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Export the runs that weren't yet, as OpenTelemetry traces; to a collector or a file.

    Beside them goes what all requests to models and calls of tools add up to, as metrics.
    Questions and answers stay here unless telemetry.content is set, and then go redacted.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.queries import since_when
    from copilot.telemetry.exporting import points_to_send, unsent

    copilot = build()
    outbound = copilot.outbound
    sink = _sink(outbound, endpoint, file)
    start = since_when(since, copilot.clock.now()) if since else None
    if dry_run:
        reader = outbound.reader
        todo = unsent(reader, outbound.sent_log(sink), since=start, heard=_warn)
        _tell_unsent(as_json, sink.shown, todo, points=points_to_send(reader))
        return
    done, totals = _send(copilot, sink, since=start, appending=file is not None)
    _tell_sent(as_json, sink.shown, done, totals)
    if done.rejected or totals.rejected:
        console.warn(_rejections(sink.shown, done, totals))
        raise typer.Exit(ExitCode.PARTIAL)


@app.command("prometheus")
def prometheus(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Replaced as a whole, e.g. copilot.prom.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Write figures for Prometheus, by node_exporter's textfile collector (it reads *.prom)."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.telemetry.metrics import BOUNDS, metrics

    copilot = build()
    outbound = copilot.outbound
    found = metrics(outbound.reader.totals(BOUNDS), now=copilot.clock.now())
    outbound.metric_file(file).write(found)
    _warn(outbound.reader.notices)
    if as_json:
        envelope = {"format": "prometheus", "to": str(file), "metrics": [m.name for m in found]}
        console.emit({"kind": "export", **envelope})


def _send(
    copilot: Copilot, sink: OtlpSink, *, since: datetime | None, appending: bool
) -> tuple[Exported, ExportedTotals]:
    """Traces, then metrics. That texts left stands in the audit trail, however it ended."""
    from copilot.cli import audited
    from copilot.telemetry.exporting import ExportedTotals, export_totals, export_traces

    outbound = copilot.outbound
    reader, log = outbound.reader, outbound.sent_log(sink)
    said: dict[Warned, None] = {}
    left = 0

    def sending(runs: int, of: int) -> None:
        nonlocal left
        left = runs
        shown.update(f"{runs}/{of} runs")

    try:
        with console.progress() as shown:
            done = export_traces(
                reader,
                sink,
                log,
                since=since,
                redact=outbound.redact,
                progress=sending,
                heard=lambda notices: said.update(dict.fromkeys(notices)),
            )
            shown.update("metrics")
            totals = ExportedTotals(0)
            # A collector forgets a series that nobody tells any more; a file would only grow.
            if not appending or done.runs or done.ratings:
                now, instance = copilot.clock.now(), outbound.instance
                totals = export_totals(reader, sink, instance=instance, now=now)
    finally:
        _warn(said)
        if left and outbound.redact is not None:
            audited.note(copilot, "ledger.export", sink.shown, format="otlp", runs=left)
    return done, totals


def _sink(outbound: Outbound, endpoint: str, file: Path | None) -> OtlpSink:
    if endpoint and file is not None:
        raise UsageError("both --endpoint and --file", hint="one of them at a time")
    return outbound.otlp_file(file) if file is not None else outbound.otlp_endpoint(endpoint)


def _warn(notices: Iterable[Warned]) -> None:
    """What the ledger had to say, on stderr."""
    console.warn(f"{notice.message} ({notice.hint})" for notice in notices)


def _rejections(place: str, done: Exported, totals: ExportedTotals) -> list[str]:
    return [
        f"{place} rejected {count} {what}: {reason or 'no why'}"
        for count, what, reason in (
            (done.rejected, "span(s)", done.reason),
            (totals.rejected, "number(s) of metrics", totals.reason),
        )
        if count
    ]


def _tell_unsent(as_json: bool, place: str, todo: Unsent, *, points: int) -> None:
    runs, ratings = len(todo.runs), len(todo.ratings)
    _tell(
        as_json,
        {
            "to": place,
            "dry_run": True,
            "runs": runs,
            "ratings": ratings,
            "before": todo.before,
            "metrics": points,
        },
        f"{runs} run(s), {ratings} rating(s) and {points} number(s) of metrics to send",
    )


def _tell_sent(as_json: bool, place: str, done: Exported, totals: ExportedTotals) -> None:
    metrics = "no metrics" if totals.points is None else f"{totals.points} number(s) of metrics"
    _tell(
        as_json,
        {
            "to": place,
            "dry_run": False,
            "runs": done.runs,
            "ratings": done.ratings,
            "spans": done.spans,
            "before": done.before,
            "metrics": totals.points,
            "rejected": done.rejected + totals.rejected,
        },
        f"{done.runs} run(s) and {done.ratings} rating(s) in {done.spans} span(s) and "
        f"{metrics} to {place}; {done.before} run(s) before",
    )


def _tell(as_json: bool, envelope: dict[str, object], line: str) -> None:
    from copilot.guard.terminal import clean_line

    if as_json:
        console.emit({"kind": "export", "format": "otlp", **envelope})
    else:
        console.out(clean_line(line))
