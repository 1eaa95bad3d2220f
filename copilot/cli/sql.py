"""``copilot sql``: questions in SQL over the ledger's documented views, read-only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.relations import Cell, Relation, View


def command(
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help="One SELECT; - or nothing reads stdin.")
    ] = "",
    views: Annotated[
        bool, typer.Option("--views", help="List the views and what their columns mean.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Ask the ledger in SQL (DuckDB's): read-only, no file, no network, no settings."""
    console.set_json(as_json)
    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of one answer", hint="give one of them")
    from copilot.bootstrap import build
    from copilot.cli.runs import show_notices

    reader = build().sql_reader
    if views:
        found = reader.views()
        show_notices(reader)
        _show_views(found, as_json=as_json)
        return
    with reader.query(_text(statement)) as relation:
        show_notices(reader)
        _show(relation, as_csv=as_csv, as_json=as_json)


def _text(statement: str) -> str:
    if statement in ("", "-"):
        if statement == "" and console.is_terminal("stdin"):
            raise UsageError(
                "there is no SQL", hint='such as: copilot sql "SELECT count(*) FROM v_runs"'
            )
        return console.read_stdin()
    return console.typed(statement)


def _show(relation: Relation, *, as_csv: bool, as_json: bool) -> None:
    names = [column.name for column in relation.columns]
    if as_json:
        for row in relation.rows:
            console.emit({"kind": "row", "row": dict(zip(names, row, strict=True))})
    elif as_csv:
        for line in _csv_lines(names, relation.rows):
            console.out(line, end="")
    else:
        for line in _table_lines(relation):
            console.out(line)


def _csv_lines(names: Sequence[str], rows: Iterator[tuple[Cell, ...]]) -> Iterator[str]:
    """The rows as CSV, nothing at all for NULL; on a terminal without control characters."""
    import csv
    import io

    from copilot.guard.terminal import clean

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    show = clean if console.is_terminal() else str
    writer.writerow(names)
    for row in rows:
        yield show(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(["" if cell is None else _shown(cell) for cell in row])
    yield show(buffer.getvalue())


def _table_lines(relation: Relation) -> Sequence[str]:
    from copilot.cli.tables import table

    rows = [[_shown(cell) for cell in row] for row in relation.rows]
    names = [column.name for column in relation.columns]
    if names == ["explain_key", "explain_value"]:
        return [line for row in rows for line in row[1].splitlines()]
    numbers = {
        column.name
        for column in relation.columns
        if column.type.startswith(("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "U", "D"))
        and not column.type.startswith(("UUID", "UNION", "DATE"))
    }
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(len(names))]
    return table(names, rows, right=numbers, elastic=widths.index(max(widths)))


def _shown(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, str):
        return cell
    return json.dumps(cell, ensure_ascii=False)


def _show_views(views: Sequence[View], *, as_json: bool) -> None:
    from copilot.cli.tables import table

    for view in views:
        if as_json:
            console.emit(
                {
                    "kind": "view",
                    "view": view.name,
                    "about": view.about,
                    "columns": [
                        {"name": one.name, "type": one.type, "about": one.about}
                        for one in view.columns
                    ],
                }
            )
            continue
        console.out(f"{view.name}  {view.about}")
        cells = [[one.name, one.type, one.about] for one in view.columns]
        for line in table(["column", "type", "what"], cells, margin=2)[1:]:
            console.out(f"  {line}")
        console.out()
