"""``copilot ledger``: what becomes of what was recorded."""

from __future__ import annotations

import typer

from copilot.cli import exporting

app = typer.Typer(help="Look after what was recorded: take it elsewhere.", no_args_is_help=True)
app.add_typer(exporting.app, name="export")
