"""``copilot runs``: which runs there were, and what explains one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console

if TYPE_CHECKING:
    from copilot.ports import RunReader

app = typer.Typer(help="What was asked, and why the answer came out so.", no_args_is_help=True)


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many.")] = 20,
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Only since then: 12h, 7d, 4w or a date.")
    ] = "",
    status: Annotated[
        str, typer.Option(help="Only those that ended so, e.g. abstained or interrupted.")
    ] = "",
    kind: Annotated[str, typer.Option(help="Only asks, searches, replays or index runs.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a run.")] = False,
) -> None:
    """List the latest runs, newest first."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.recorded import run_lines
    from copilot.codec import to_plain
    from copilot.ledger.dating import dated_ahead
    from copilot.ledger.queries import run_filter

    copilot = build()
    where = run_filter(since=since, status=status, kind=kind, now=copilot.clock.now())
    found = copilot.run_reader.runs(where, limit=limit)
    show_notices(copilot.run_reader)
    console.warn(dated_ahead(found, copilot.clock.now()))
    if as_json:
        for run in found:
            console.emit({"kind": "run", "run": to_plain(run)})
        return
    if not found:
        chosen = since or status or kind
        console.err("no such run" if chosen else "no runs yet; copilot ask records the first")
        return
    for line in run_lines(found):
        console.out(line)


@app.command("show")
def show_run(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="An id, the beginning of one, or last.")
    ] = "last",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Explain one run: what was searched, found, chosen, checked, shown and spent."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.recorded import explain
    from copilot.codec import to_plain
    from copilot.ledger.dating import dated_ahead
    from copilot.ledger.explaining import explained

    copilot = build()
    wanted = console.typed(run) or "last"
    reader = copilot.outbound.reader
    found = explained(reader, wanted)
    show_notices(reader)
    if wanted == "last":
        console.warn(dated_ahead([found.run.summary], copilot.clock.now()))
    if as_json:
        steps = [to_plain(step) for step in found.steps]
        console.emit({"kind": "run_detail", "run": to_plain(found.run), "steps": steps})
        return
    for line in explain(found):
        console.out(line)


@app.command("replay")
def replay_run(
    run: Annotated[
        str,
        typer.Argument(metavar="[RUN]", help="An id, or the beginning of one; else the last ask."),
    ] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Against today's index, with today's settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Ask again what a run asked, against the index and settings of then; show the difference.

    A chat model that wrote the answer is asked again, and paid, if it is still the configured one.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli import replaying
    from copilot.operations.replays import chosen

    copilot = build()
    console.warn(copilot.warnings)
    found = chosen(copilot, console.typed(run))
    show_notices(copilot.run_reader)
    came = console.run(replaying.replayed(copilot, found, today=now))
    if as_json:
        console.emit(replaying.replay_envelope(came))
        return
    for line in replaying.replay_lines(came):
        console.out(line)


@app.command("export")
def export_runs(
    shape: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="markdown, json; to train on: chat, preference, preference-openai.",
        ),
    ] = "markdown",
    run: Annotated[str, typer.Option(metavar="RUN", help="Only this one.")] = "",
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Only since then: 12h, 7d, 4w or a date.")
    ] = "",
    status: Annotated[str, typer.Option(help="Only those that ended so.")] = "",
    kind: Annotated[str, typer.Option(help="Only asks, searches, replays or index runs.")] = "",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="The latest ones.")] = 1000,
    raw: Annotated[
        bool, typer.Option("--raw", help="Markdown and JSON with e-mail addresses, keys and so on.")
    ] = False,
) -> None:
    """Write runs to stdout, redacted: to read, or rated and corrected ones to train a model on.

    chat: a line {"messages"} an answer rated good, or its correction, as TRL and OpenAI read it.
    preference: a line a correction, or a good and a bad answer to one question, as TRL reads it
    ({"prompt", "chosen", "rejected"}); preference-openai: as OpenAI and Azure do. The prompts are
    those that a chat model gets, with the passages that you may see; what cites a document that is
    closed to you is left out.
    """
    from copilot.bootstrap import build
    from copilot.cli import audited, run_export
    from copilot.ledger.queries import run_filter

    chosen = run_export.shape_named(shape, raw=raw)
    copilot = build()
    reader = copilot.run_reader
    if run:
        found = [reader.run(console.typed(run))]
    else:
        where = run_filter(since=since, status=status, kind=kind, now=copilot.clock.now())
        found = reader.details(where, limit=limit, rated=chosen in run_export.TRAINING)
    show_notices(reader)
    written = 0
    frame = run_export.frame(copilot)
    try:
        for text in run_export.written(found, chosen, raw=raw, frame=frame):
            console.out(text)
            written += 1
    finally:
        if written:
            audited.note(copilot, "runs.export", chosen, texts=written, redacted=not raw)
    if not written:
        console.err(run_export.nothing(chosen))


def show_notices(reader: RunReader) -> None:
    """What the ledger had to say, on stderr."""
    from copilot.guard.terminal import clean_line

    for notice in reader.notices:
        console.err(clean_line(f"copilot: {notice.message}"))
        if notice.hint:
            console.err(f"  hint: {clean_line(notice.hint)}")
