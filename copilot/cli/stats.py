"""``copilot stats``: what the runs of a period add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.cli.runs import show_notices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.figures import StatsGroup, StatsRow


def command(
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Since then: 12h, 7d, 4w or a date.")
    ] = "30d",
    by: Annotated[str, typer.Option(help="Group by model, day, status or kind.")] = "",
    kind: Annotated[
        str, typer.Option(help="Only asks, searches or index runs; asks when not given.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Add up runs: how they ended, how long they took, what they cost, what they cited."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.queries import run_filter, stats_group

    copilot = build()
    group = stats_group(by)
    chosen = kind or ("" if group == "kind" else "ask")
    where = run_filter(since=since, status="", kind=chosen, now=copilot.clock.now())
    rows = copilot.run_reader.stats(where, by=group)
    show_notices(copilot.run_reader)
    if as_json:
        console.emit(
            {
                "kind": "stats",
                "since": where.since,
                "run_kind": chosen,
                "by": group,
                "rows": [_plain(row) for row in rows],
            }
        )
        return
    which = f"of kind {chosen}, since {since}" if chosen else f"since {since}"
    if not sum(row.runs for row in rows):
        console.err(f"no runs {which}")
        return
    for line in _grouped(rows, group, kind=chosen) if group else _overall(rows[0], which):
        console.out(line)


def _plain(row: StatsRow) -> dict[str, object]:
    from copilot.codec import to_plain

    shares = {"top3_share": row.top3_share, "citations_per_answer": row.citations_per_answer}
    return {**to_plain(row), **shares}


def _overall(row: StatsRow, which: str) -> Iterator[str]:
    from copilot.cli.tables import duration, money, share

    def line(label: str, text: str) -> str:
        return f"{label:<22}{text}"

    yield line("runs", f"{row.runs} {which}")
    for label, count in _ends(row):
        if count:
            yield line(f"  {label}", f"{count} ({share(count, row.runs)})")
    p50, p95 = duration(row.latency_p50_ms), duration(row.latency_p95_ms)
    yield line("latency", f"p50 {p50}, p95 {p95}")
    if row.first_token_p50_ms is not None:
        p50, p95 = duration(row.first_token_p50_ms), duration(row.first_token_p95_ms)
        yield line("first text", f"p50 {p50}, p95 {p95}")
    yield line("tokens", f"{row.input_tokens:,} in, {row.output_tokens:,} out")
    unpriced = f", {row.unpriced} without a known price" if row.unpriced else ""
    yield line("cost", f"{money(row.cost_microusd)}{unpriced}")
    if row.cited:
        yield line("citing rank 1 to 3", f"{share(row.cited_top3, row.cited)} of cited answers")
        yield line("citations per answer", f"{row.citations / row.cited:.1f}")
    if row.cited or row.dropped_sentences:
        yield line("sentences dropped", str(row.dropped_sentences))


def _ends(row: StatsRow) -> Sequence[tuple[str, int]]:
    return (
        ("answered", row.answered),
        ("abstained", row.abstained),
        ("degraded", row.degraded),
        ("done", row.done),
        ("failed", row.failed),
        ("refused or limited", row.other),
    )


def _grouped(rows: Sequence[StatsRow], group: StatsGroup, *, kind: str) -> Sequence[str]:
    """A row each, with the ends that runs of the kind can have: only asks are answered."""
    from copilot.cli.tables import duration, money, share, table

    def ends(row: StatsRow) -> dict[str, str]:
        asks = (kind or row.group) == "ask"
        answered, abstained, degraded, done = (
            share(count, row.runs) if fits else "-"
            for count, fits in (
                (row.answered, asks),
                (row.abstained, asks),
                (row.degraded, asks),
                (row.done, not asks),
            )
        )
        told = {"answ": answered, "abst": abstained, "degr": degraded, "done": done}
        return told if not kind else {name: told[name] for name in told if (name != "done") == asks}

    cells = [
        [
            row.group,
            str(row.runs),
            *ends(row).values(),
            share(row.failed, row.runs),
            duration(row.latency_p50_ms),
            duration(row.latency_p95_ms),
            f"{row.input_tokens + row.output_tokens:,}",
            # The sum of what is known: some runs may have no known price.
            money(row.cost_microusd, places=4) + ("+" if row.unpriced else ""),
        ]
        for row in rows
    ]
    header = [group, "runs", *ends(rows[0]), "fail", "p50", "p95", "tokens", "cost"]
    return table(header, cells, right=set(header[1:]), elastic=0)
