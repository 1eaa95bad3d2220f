"""The tree of commands: what there is, and what the bare command does."""

from __future__ import annotations

from typing import Annotated

import typer

from copilot import __version__
from copilot.cli import (
    actions,
    alerts,
    ask,
    audit,
    cache,
    config,
    console,
    demo,
    desk,
    doctor,
    extract,
    feedback,
    flags,
    index,
    keys,
    ledger,
    models,
    policy,
    prompts,
    release,
    runs,
    search,
    sinks,
    sql,
    stats,
)
from copilot.errors import ExitCode

EXIT_CODES = (
    "Exit codes: 0 done, 2 usage or configuration, 3 not found, 4 model or provider, "
    "5 index or ledger, 6 tool or sink, 7 denied or waiting for a decision, 8 over budget or "
    "limit, 9 partial (some inputs failed, named), 10 abstained, 70 a bug, 130 interrupted."
)

app = typer.Typer(
    name="copilot",
    help="Answers from your own documents, with citations that you can check.\n\n"
    "Without a command it opens the terminal application.",
    epilog=EXIT_CODES,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        console.out(f"copilot {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    inline: Annotated[
        bool, typer.Option("--inline", help="The application below the prompt, not full-screen.")
    ] = False,
) -> int:
    """The application, where no command is given and a terminal is there to show it."""
    if context.invoked_subcommand is not None:
        return int(ExitCode.DONE)
    if not console.is_all_terminal():
        console.out(context.get_help())
        return int(ExitCode.USAGE)
    from copilot.cli.application import open_application

    return open_application(inline=inline)


app.command("ask")(ask.command)
app.command("search")(search.command)
app.command("extract")(extract.command)
app.add_typer(desk.app, name="desk")
app.add_typer(index.app, name="index")
app.add_typer(actions.app, name="actions")
app.add_typer(policy.app, name="policy")
app.add_typer(sinks.app, name="sinks")
app.add_typer(runs.app, name="runs")
app.command("feedback")(feedback.command)
app.add_typer(stats.app, name="stats")
app.command("sql")(sql.command)
app.add_typer(audit.app, name="audit")
app.add_typer(ledger.app, name="ledger")
app.add_typer(alerts.app, name="alerts")
app.add_typer(models.app, name="models")
app.add_typer(flags.app, name="flags")
app.add_typer(cache.app, name="cache")
app.add_typer(prompts.app, name="prompts")
app.add_typer(release.app, name="release")
app.add_typer(keys.app, name="keys")
app.add_typer(config.app, name="config")
app.command("doctor")(doctor.command)
app.command("demo")(demo.command)
