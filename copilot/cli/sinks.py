"""``copilot sinks``: the ticket and CRM systems that records go to, and whether they take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ConfigError, CopilotError, ExitCode, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot.bootstrap import Copilot
    from copilot.cli.sink_trial import Finding

app = typer.Typer(help="Ticket and CRM systems that records go to.", no_args_is_help=True)

_MARKS = {"ok": "ok", "warning": "warn", "problem": "FAIL"}
_COLOURS = {"ok": "32", "warning": "33", "problem": "31;1"}


@app.command("list")
def list_sinks(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a sink.")] = False,
) -> int:
    """List the sinks, and where each writes to. Calls none of them.

    Exits with 2 when a sink is configured wrongly.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.tables import table

    rows = list(_described(build()))
    if as_json:
        for row in rows:
            console.emit({"kind": "sink", **row})
    else:
        cells = [
            [str(row["sink"]), str(row["product"]), _key(row), str(row["error"] or row["target"])]
            for row in rows
        ]
        for line in table(["sink", "kind", "key", "writes to"], cells):
            console.out(line)
    wrong = any(row["error"] for row in rows)
    return ExitCode.USAGE if wrong else ExitCode.DONE


@app.command("test")
def test_sink(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `copilot sinks list` calls it.")],
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            metavar="SCHEMA",
            help="Check the fields of this schema alone, as `copilot extract` names it. May be "
            "given several times. Default: every schema that the sink has a place for.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> int:
    """Try a sink without writing: address, key, who we are to it, and every configured field.

    Exits with 6 when something is wrong; each finding names what mends it.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.sink_trial import trial

    copilot = build()
    sink = copilot.delivery.sink(console.typed(name))
    found: list[Finding] = []
    for finding in trial(copilot, sink, [console.typed(one) for one in schema or ()]):
        found.append(finding)
        if not as_json:
            _print(finding, colour=console.colour(copilot.settings.output.color))
    wrong = [finding for finding in found if finding.status == "problem"]
    code = ToolError.exit_code if wrong else ExitCode.DONE
    if as_json:
        console.emit(
            {
                "kind": "sink_test",
                "sink": sink.name,
                "target": sink.target,
                "ok": not wrong,
                "exit_code": int(code),
                "findings": found,
            }
        )
    else:
        console.out(_verdict(sink.name, wrong))
    return code


def _described(copilot: Copilot) -> Iterator[dict[str, object]]:
    """The sinks as plain values; one that can't be built is told with its reason."""
    for name in copilot.delivery.sink_names:
        settings = copilot.delivery.sink_settings(name)
        key = settings.key if settings is not None else ""
        row: dict[str, object] = {
            "sink": name,
            "product": settings.kind if settings is not None else name,
            "target": "",
            "key": key,
            "key_stored": bool(key) and _stored(copilot, key),
            "error": "",
        }
        try:
            row["target"] = copilot.delivery.sink(name).target
        except ConfigError as error:
            row["error"] = f"{error.message} ({error.hint})" if error.hint else error.message
        yield row


def _stored(copilot: Copilot, key: str) -> bool:
    try:
        return copilot.secrets.where(key) is not None
    except CopilotError:  # a store that is locked, say: not known to be there
        return False


def _key(row: dict[str, object]) -> str:
    if not row["key"]:
        return "-"
    return str(row["key"]) if row["key_stored"] else f"{row['key']} (not stored)"


def _print(finding: Finding, *, colour: bool) -> None:
    from copilot.guard.terminal import clean_line

    mark = f"{_MARKS[finding.status]:4}"
    if colour:
        mark = f"\x1b[{_COLOURS[finding.status]}m{mark}\x1b[0m"
    console.out(f"{mark}  {clean_line(finding.check):26} {clean_line(finding.detail)}")
    if finding.fix:
        console.out(f"{'':6}{'':26} → {clean_line(finding.fix)}")


def _verdict(name: str, wrong: Sequence[Finding]) -> str:
    if not wrong:
        return f"{name} takes records."
    return "1 thing to mend." if len(wrong) == 1 else f"{len(wrong)} things to mend."
