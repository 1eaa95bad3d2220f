"""``copilot ledger export parquet``: the documented views as files for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copilot.cli import console


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="One file a view; files of these names go.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Write the documented views as Parquet files, for pandas, DuckDB and the like.

    Questions and answers stay here unless telemetry.content is set, and then go redacted.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli import audited
    from copilot.cli.runs import show_notices
    from copilot.guard.terminal import clean_line

    copilot = build()
    redact = copilot.outbound.redact
    written = copilot.parquet.export(folder.absolute(), redact=redact)
    if redact is not None:
        audited.note(copilot, "ledger.export", str(folder.absolute()), format="parquet")
    show_notices(copilot.parquet)
    for name, rows in written:
        if as_json:
            file = str(folder / name)
            console.emit({"kind": "export", "format": "parquet", "to": file, "rows": rows})
        else:
            console.out(clean_line(f"{folder / name}  {rows} rows"))
