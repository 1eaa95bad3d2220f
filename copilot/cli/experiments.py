"""``copilot stats experiment``: what variants come to, and whether that may be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.cli.runs import show_notices
from copilot.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from copilot.bootstrap import Copilot
    from copilot.events import RunKind
    from copilot.flags import Experiment
    from copilot.flags.values import FlagFile, Job
    from copilot.ledger.experiments import Comparison, Report, VariantRow


def command(
    name: Annotated[str, typer.Argument(help="The experiment, as the file of flags calls it.")],
    since: Annotated[str, typer.Option(metavar="PERIOD", help="Since then; all by default.")] = "",
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Runs that `flags shadow` made, which nobody saw.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Compare an experiment's variants with control, by 95 per cent intervals over units.

    It says when there are too few runs to conclude anything, about how many more are needed, and
    when the runs aren't split as configured, which makes all figures worthless. Of an experiment
    with records: those valid the first time, and what people approved, edited and rejected of them.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain
    from copilot.ledger.experiments import report
    from copilot.ledger.queries import since_when

    copilot = build()
    experiment = named(copilot.flags.file(), name)
    start = since_when(since, copilot.clock.now()) if since else None
    kind: RunKind = "shadow" if shadow else experiment.job
    reader = copilot.trial_reader
    runs = reader.tried(name, unit=experiment.unit, kind=kind, since=start)
    show_notices(reader)
    found = report(experiment, runs, alike=shadow)
    if as_json:
        plain = to_plain(found)
        assert isinstance(plain, dict)
        console.emit({"kind": "stats_experiment", "runs_of": kind, "since": start, **plain})
        return
    if not runs:
        console.err(f"no runs of {name} yet")
        return
    for line in _lines(found):
        console.out(line)


def decided_monthly(copilot: Copilot, *, since: datetime | None, now: datetime) -> float | None:
    """Experiments that were ended since then, a month of 30 days; None where there are none.

    The audit trail tells: an experiment counts once, when it was set to done.
    """
    from copilot.flags.values import SWITCHES

    ended: set[str] = set()
    first = now
    for line in copilot.audit_trail.newest_first():
        if line.sealed is None or not line.sealed.entry.action.startswith("flags."):
            continue
        entry = line.sealed.entry
        if since is not None and entry.at < since:
            break
        if entry.subject not in SWITCHES:
            first = entry.at
            if entry.detail.get("after") == "done":
                ended.add(entry.subject)
    if not ended and not copilot.flags.file().experiments:
        return None
    days = (now - (since or first)).total_seconds() / 86_400
    return len(ended) * 30 / max(days, 30)


def named(file: FlagFile, name: str) -> Experiment:
    """Raises NotFoundError."""
    experiment = file.experiments.get(name)
    if experiment is None:
        known = ", ".join(file.experiments) or "none"
        raise NotFoundError(f"there is no experiment {name}", hint=f"in the file: {known}")
    return experiment


def _lines(found: Report) -> Iterator[str]:
    from copilot.cli.tables import table

    yield f"{found.experiment} ({found.state}), by {found.unit}: {found.says}"
    yield ""
    header = ["variant", "split", "runs", "units", "success", "failed"]
    if found.job == "extract":
        header += ["first time", "approved", "edited", "rejected"]
    else:
        header += ["abstained", "grounded", "good"]
    header += ["$/run", "mean s", "p95 s"]
    rows = [
        [
            row.variant,
            f"{row.weight:g}%",
            f"{row.runs:,}",
            f"{row.units:,}",
            *(_share(value) for value in _shares(row, found.job)),
            "-" if row.cost_microusd is None else f"{row.cost_microusd / 1e6:.4f}",
            *(_seconds(v) for v in (row.latency_ms, row.latency_p95_ms)),
        ]
        for row in found.rows
    ]
    yield from table(header, rows, right=set(header[1:]))
    yield ""
    lines = [[one.variant, one.figure, *_interval(one), one.verdict] for one in found.comparisons]
    right = {"to control", "95% from", "to"}
    yield from table(["", "figure", "to control", "95% from", "to", ""], lines, right=right)
    yield f"\nsplit as configured: p = {found.ratio:.3g}"


def _shares(row: VariantRow, job: Job) -> Sequence[float | None]:
    ends = (row.success, row.failed)
    if job == "extract":
        return (*ends, row.first_time, row.approved, row.edited, row.rejected)
    return (*ends, row.abstained, row.grounded, row.good)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value / 1000:.2f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _interval(one: Comparison) -> list[str]:
    return [_signed(value, one.unit) for value in (one.difference, one.low, one.high)]


def _signed(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "share":
        return f"{100 * value:+.1f} pts"
    return f"{value / 1000:+.2f} s" if unit == "ms" else f"{value / 1e6:+.4f} $"
