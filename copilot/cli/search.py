"""``copilot search``: the passages that fit, best first."""

from __future__ import annotations

from typing import Annotated

import typer

from copilot.cli import console
from copilot.errors import UsageError


def command(
    query: Annotated[
        str | None, typer.Argument(help="Words or a question; from stdin when left out, or with -.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", min=1, max=200, help="How many passages.")
    ] = None,
    path: Annotated[
        str, typer.Option("--path", metavar="PREFIX", help="Only documents under this path.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", metavar="PATH", help="Only documents of this source.")
    ] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Show every score of a hit.")] = False,
    batch: Annotated[
        str,
        typer.Option(
            metavar="FILE|-",
            help="Many questions, a JSON object a line: id, question, history?, filters?",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope on stdout.")] = False,
) -> int:
    """Search your documents by meaning and by words."""
    console.set_json(as_json or bool(batch))
    if batch and query:
        raise UsageError("--batch takes its questions from its file", hint="leave out the other")
    from copilot.bootstrap import build
    from copilot.cli import searching

    copilot = build({"search": {"limit": limit}} if limit else None)
    console.warn(copilot.warnings)
    scope = searching.Scope(path=path, source=source)
    if batch:
        return searching.search_batch(copilot, batch, scope)
    return searching.search_one(copilot, _text(query), scope, explain=explain)


def _text(argument: str | None) -> str:
    if argument is None and console.is_terminal("stdin"):
        raise UsageError("nothing to search for", hint='copilot search "words to look for"')
    text = console.read_stdin() if argument in (None, "-") else console.typed(argument)
    if not text.strip():
        raise UsageError("the question is empty", hint='copilot search "words to look for"')
    return text
