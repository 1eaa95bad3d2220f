"""``copilot ledger``: what becomes of what was recorded."""

from __future__ import annotations

import typer

from copilot.cli import exporting, keeping, parquet

app = typer.Typer(
    help="Look after what was recorded: keep it, delete it, take it elsewhere.",
    no_args_is_help=True,
)
app.command("status")(keeping.status)
app.command("purge")(keeping.purge)
app.command("forget")(keeping.forget)
app.add_typer(keeping.holds, name="hold")
exporting.app.command("parquet")(parquet.command)
app.add_typer(exporting.app, name="export")
