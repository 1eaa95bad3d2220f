"""``copilot desk``: what stands on the local desk. It is written to by approved proposals alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.cli import console
from copilot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.extracted import Json
    from copilot.proposals import DeskChange, SinkEntry

app = typer.Typer(help="Tickets and contacts on the local desk.", no_args_is_help=True)

_STATES = ("open", "closed")
# What the desk itself says of an entry; all else came with its record.
_OWN = {"state": "@state", "created_at": "@created_at", "updated_at": "@updated_at"}
_FIRST = ("id", "kind", "state", "title", "created_at", "updated_at")
_FORMULA = tuple("=+-@＝＋－＠")
# Where decimals have a comma, a semicolon begins the next cell.
_NEXT_CELL = re.compile(rf"(;[\s\"]*)(?=[{re.escape(''.join(_FORMULA))}])")
_KindOption = Annotated[
    str, typer.Option(metavar="KIND", help="Only these: ticket, contact, deal, meeting …")
]
_StatusOption = Annotated[str, typer.Option(metavar="open|closed", help="Only these.")]
_CsvOption = Annotated[bool, typer.Option("--csv", help="CSV with a header, every field.")]


@app.command("list")
def list_entries(
    kind: _KindOption = "",
    status: _StatusOption = "",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many.")] = 20,
    as_csv: _CsvOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an entry.")] = False,
) -> None:
    """List the latest entries, newest first."""
    console.set_json(as_json)
    _show(_found(kind, status, limit=limit), as_csv=as_csv, as_json=as_json)


@app.command("search")
def search_entries(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="All of them, in any field.")],
    kind: _KindOption = "",
    status: _StatusOption = "",
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many.")] = 20,
    as_csv: _CsvOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an entry.")] = False,
) -> None:
    """Find the entries that hold all these words, newest first."""
    console.set_json(as_json)
    wanted = " ".join(console.typed(word) for word in words).strip()
    if not wanted:
        raise UsageError("there is nothing to search for", hint="copilot desk search invoice")
    found = _found(kind, status, search=wanted, limit=limit)
    _show(found, as_csv=as_csv, as_json=as_json)


@app.command("show")
def show_entry(
    number: Annotated[str, typer.Argument(metavar="ID", help="Such as T-1.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Show one entry, and what became of it since it was made."""
    console.set_json(as_json)
    from copilot.bootstrap import build

    desk = build().delivery.desk
    entry = desk.entry(console.typed(number))
    history = desk.history(entry.external_id)
    if as_json:
        console.emit({"kind": "desk_entry", "entry": _plain(entry), "history": history})
        return
    for line in _lines(entry, history):
        console.out(line)


@app.command("export")
def export_entries(
    kind: _KindOption = "",
    status: _StatusOption = "",
    as_csv: _CsvOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object an entry; so it is without --csv, too.")
    ] = False,
) -> None:
    """Write all entries with all their fields to stdout, newest first."""
    console.set_json(as_json or not as_csv)
    from copilot.bootstrap import build
    from copilot.cli import audited

    found = _found(kind, status)
    try:
        _show(found, as_csv=as_csv, as_json=not as_csv)
    finally:
        if found:
            form = "csv" if as_csv else "json"
            audited.note(build(), "desk.export", form, entries=len(found))


def _found(
    kind: str, status: str, *, search: str = "", limit: int | None = None
) -> list[SinkEntry]:
    from copilot.bootstrap import build

    state = console.typed(status)
    if state and state not in _STATES:
        raise UsageError(f"{state!r} is no status on the desk", hint="open or closed")
    desk = build().delivery.desk
    wanted = console.typed(kind)
    found = desk.entries(kind=wanted, state=state, search=search, limit=limit)
    if not found and wanted and wanted not in desk.kinds():
        console.warn([f"kinds of the desk's own: {', '.join(desk.kinds())}"])
    return found


def _show(found: Sequence[SinkEntry], *, as_csv: bool, as_json: bool) -> None:
    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of one answer", hint="give one of them")
    if as_json:
        for entry in found:
            console.emit({"kind": "desk_entry", "entry": _plain(entry)})
        return
    if as_csv:
        console.out(_csv(found), end="")
        return
    if not found:
        console.err("no such entries; approved proposals make them")
        return
    from copilot.cli.tables import table

    rows = [
        [
            entry.external_id,
            str(entry.values[_OWN["created_at"]])[:16].replace("T", " "),
            entry.kind,
            str(entry.values[_OWN["state"]]),
            entry.title,
        ]
        for entry in found
    ]
    for line in table(["id", "created (UTC)", "kind", "status", "title"], rows):
        console.out(line)


def _plain(entry: SinkEntry) -> dict[str, Any]:
    """``values`` are the record's own fields and the text that it was read from."""
    values = {name: value for name, value in entry.values.items() if name not in _OWN.values()}
    return {
        "id": entry.external_id,
        "kind": entry.kind,
        "title": entry.title,
        **{name: entry.values[own] for name, own in _OWN.items()},
        "values": values,
    }


def _csv(found: Sequence[SinkEntry]) -> str:
    """A column for each field that any of them has."""
    from copilot.cli.tables import csv_text

    plain = [_plain(entry) for entry in found]
    names = list(dict.fromkeys(name for one in plain for name in one["values"]))
    own = [name for name in names if name not in _FIRST]
    rows = [
        [_cell(one[name]) for name in _FIRST] + [_cell(one["values"].get(name)) for name in own]
        for one in plain
    ]
    return csv_text([*_FIRST, *(_inert(name) for name in own)], rows)


def _cell(value: Json) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return _inert(value if isinstance(value, str) else _json(value))


def _inert(said: str) -> str:
    """What a stranger wrote must be no formula to the program that opens the file.

    It is cleaned here: what stood before a sign, unseen, would hide it from us alone.
    """
    from copilot.guard.terminal import clean_line

    line = clean_line(said)
    signed = line.startswith(("+", "-"))
    number = signed and line[1:].replace(" ", "").replace(".", "").isdecimal()
    line = _NEXT_CELL.sub(r"\1'", line)
    return f"'{line}" if line.startswith(_FORMULA) and not number else line


def _lines(entry: SinkEntry, history: Sequence[DeskChange]) -> Iterator[str]:
    from copilot.guard.terminal import clean, clean_line

    state = entry.values[_OWN["state"]]
    yield clean_line(f"{entry.external_id}  {entry.kind}, {state}: {entry.title}")
    shown = {name: value for name, value in _plain(entry)["values"].items() if value is not None}
    text = shown.pop("description", shown.pop("@text", None))
    width = max((len(name) for name in shown), default=0)
    for name, value in shown.items():
        told = value if isinstance(value, str) else _json(value)
        yield f"  {clean_line(name):{width}}  {clean_line(told)}"
    if isinstance(text, str) and text:
        yield ""
        yield from (f"  {line}" for line in clean(text).splitlines())
    yield ""
    for change in history:
        yield f"  {change.at:%Y-%m-%d %H:%M} UTC  {clean_line(_told(change))}"


def _told(change: DeskChange) -> str:
    if change.comment:
        return f"comment: {change.comment}"
    pairs = (f"{one.field}: {_json(one.before)} → {_json(one.after)}" for one in change.changes)
    return ", ".join([change.operation, *pairs])


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
