"""``copilot stats``: what the runs of a period add up to, and whether that is good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from copilot.cli import console, experiments
from copilot.cli.runs import show_notices
from copilot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot.figures import Freshness, Standing, StatsRow

app = typer.Typer(invoke_without_command=True)

Since = Annotated[str, typer.Option(metavar="PERIOD", help="Since then: 12h, 7d, 4w or a date.")]
By = Annotated[
    str,
    typer.Option(
        help="Group by hour, day, month (UTC), model, route, prompt, release, status or kind."
    ),
]
Kind = Annotated[str, typer.Option(help="Only asks, searches or index runs.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV with a header, every figure.")]


@app.callback()
def add_up(
    context: typer.Context,
    since: Since = "30d",
    by: By = "",
    kind: Annotated[
        str, typer.Option(help="Only asks, searches or index runs; asks when not given.")
    ] = "",
    quality: Annotated[
        bool, typer.Option("--quality", help="By group (day at first), what runs were good for.")
    ] = False,
    plot: Annotated[
        str, typer.Option(metavar="FIGURE", help="Bars of one figure by group (day at first).")
    ] = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Add up runs: how they ended, how long they took, what they cost, what they were good for."""
    if context.invoked_subcommand is not None:
        _no_options_before(context)
        return
    console.set_json(as_json)
    one_form(json=as_json, csv=as_csv, plot=bool(plot))
    from copilot.bootstrap import build
    from copilot.charts import figure_named
    from copilot.cli.plots import plotted
    from copilot.cli.summaries import IndexState, csv_of, graded, grouped, overall
    from copilot.ledger.queries import run_filter, stats_group

    copilot = build()
    group = stats_group(by or ("day" if plot or quality else ""))
    figure = figure_named(plot) if plot else None
    chosen = _chosen(kind, group)
    where = run_filter(since=since, status="", kind=chosen, now=copilot.clock.now())
    with copilot.run_reader.at_once() as reader:
        rows, standing = reader.stats(where, by=group), reader.standing()
        freshness = reader.freshness(where, within_s=copilot.settings.kpi.freshness_hours * 3_600)
    show_notices(reader)
    if as_json:
        told = {"since": where.since, "run_kind": chosen, "by": group}
        console.emit({"kind": "stats", **told, **_plain(rows, standing, freshness)})
        return
    if as_csv:
        console.out(csv_of(rows), end="")
        return
    which = f"of kind {chosen}, since {since}" if chosen else f"since {since}"
    if not sum(row.runs for row in rows):
        console.err(f"no runs {which}")
        return
    if figure is not None:
        lines: Iterable[str] = plotted(rows, figure, by=group)
    elif group:
        lines = graded(rows, group) if quality else grouped(rows, group, kind=chosen)
    else:
        index = IndexState(standing.synced_at, freshness, copilot.clock.now())
        lines = overall(rows[0], which, kind=chosen, index=index, budgets=standing.budgets)
    console.out("\n".join(lines))


def _chosen(kind: str, group: str) -> str:
    """Asks where nothing is said, unless kinds are what is told apart; empty for all kinds."""
    return {"": "" if group == "kind" else "ask", "all": ""}.get(kind, kind)


def _plain(rows: Sequence[StatsRow], standing: Standing, freshness: Freshness) -> dict[str, object]:
    from copilot.codec import to_plain

    return {
        "rows": [plain_row(row) for row in rows],
        "freshness": {**to_plain(freshness), "within_share": freshness.within_share},
        **plain_standing(standing),
    }


@app.command("kpi")
def kpi(since: Since = "30d", as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Hold the figures that a team is measured by against the targets of the configuration."""
    console.set_json(as_json)
    one_form(json=as_json, csv=as_csv)
    from dataclasses import replace

    from copilot.bootstrap import build
    from copilot.cli.summaries import kpi_csv, kpi_lines
    from copilot.codec import to_plain
    from copilot.ledger.kpi import measure
    from copilot.ledger.queries import earlier, run_filter

    copilot = build()
    now, targets = copilot.clock.now(), copilot.settings.kpi
    where = run_filter(since=since, status="", kind="ask", now=now)
    before = earlier(where, days=targets.baseline_days, now=now)
    with copilot.run_reader.at_once() as reader:
        [asks] = reader.stats(where, by="")
        [everything] = reader.stats(replace(where, kind=""), by="")
        [baseline] = reader.stats(before, by="")
        freshness = reader.freshness(where, within_s=targets.freshness_hours * 3_600)
    show_notices(reader)
    decided = experiments.decided_monthly(copilot, since=where.since, now=now)
    found = measure(
        asks,
        everything,
        baseline,
        freshness=freshness,
        targets=targets,
        decided_monthly=decided,
    )
    if as_json:
        told = [{**to_plain(k), "measured": k.measured, "verdict": k.verdict} for k in found]
        console.emit(
            {
                "kind": "stats_kpi",
                "since": where.since,
                "baseline_since": before.since,
                "baseline_until": before.until,
                "kpis": told,
            }
        )
    elif as_csv:
        console.out(kpi_csv(found), end="")
    else:
        for line in kpi_lines(found):
            console.out(line)


@app.command("failures")
def failures(
    since: Since = "30d",
    kind: Kind = "",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many causes.")] = 20,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Group what failed by its cause: runs, requests to models, tools."""
    console.set_json(as_json)
    one_form(json=as_json, csv=as_csv)
    from copilot.bootstrap import build
    from copilot.cli.summaries import failure_csv, failure_lines
    from copilot.ledger.failures import cluster_failures
    from copilot.ledger.queries import run_filter

    copilot = build()
    where = run_filter(since=since, status="", kind=kind, now=copilot.clock.now())
    clusters = cluster_failures(copilot.run_reader.failures(where))
    show_notices(copilot.run_reader)
    if as_json:
        console.emit(
            {
                "kind": "stats_failures",
                "since": where.since,
                "failures": sum(cluster.count for cluster in clusters),
                "causes": len(clusters),
                "clusters": clusters[:limit],
            }
        )
    elif as_csv:
        console.out(failure_csv(clusters[:limit]), end="")
    elif not clusters:
        console.err(f"nothing failed since {since}")
    else:
        for line in failure_lines(clusters, limit=limit):
            console.out(line)


app.command("experiment")(experiments.command)


def one_form(**forms: bool) -> None:
    """At most one form of the answer is asked for. Raises UsageError."""
    asked = [f"--{name}" for name, wanted in forms.items() if wanted]
    if len(asked) > 1:
        raise UsageError(
            f"{' and '.join(asked)} are two forms of one answer", hint="give one of them"
        )


def plain_row(row: StatsRow) -> dict[str, object]:
    """A row with the figures that it derives."""
    from copilot.codec import to_plain
    from copilot.figures import DERIVED

    return {**to_plain(row), **{name: getattr(row, name) for name in DERIVED}}


def plain_standing(standing: Standing) -> dict[str, object]:
    """What is so now, with what is left of each budget."""
    from copilot.codec import to_plain

    left = [
        {
            **to_plain(budget),
            "left_microusd": budget.left_microusd,
            "left_tokens": budget.left_tokens,
        }
        for budget in standing.budgets
    ]
    return {"synced_at": standing.synced_at, "budgets": left}


def _no_options_before(context: typer.Context) -> None:
    """An option before the subcommand would be heard by nobody. Raises UsageError."""
    name = context.invoked_subcommand
    assert isinstance(context.command, TyperGroup)
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name
        and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise UsageError(
            f"{given[0]} stands before {name}", hint=f"copilot stats {name} {given[0]} …"
        )
