"""``copilot index``: which documents there are to ask, and how up to date they are.

Invariant: what a command was asked to index and could not is named, and makes its exit code 9.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copilot.cli import audited, console
from copilot.errors import UsageError

app = typer.Typer(help="Documents to search: add, sync, look, remove.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")]


@app.command("add")
def add(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files or folders.")],
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="Who may see it: a group. Several: any of them."),
    ] = None,
    dry_run: _DryRun = False,
    as_json: _AsJson = False,
) -> int:
    """Index files and folders, and remember them for `copilot index sync`."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.indexing import follow, indexing
    from copilot.knowledge.syncing import Options
    from copilot.operations.indexing import Added

    roots = [Path(_named(path)) for path in paths]
    copilot = build()
    work = indexing(copilot)
    if dry_run:
        added = Added(tuple(copilot.ingest.describe(root, labels=label) for root in roots))
    else:
        added = work.add(roots, labels=label)
    stream = work.sync(added.sources, Options(dry_run=dry_run))
    named = [source.root for source in added.sources]
    code = follow(stream, sources=named, as_json=as_json, dry_run=dry_run)
    return audited.told(added.unaudited) or code


@app.command("sync")
def sync_command(
    retry: Annotated[bool, typer.Option("--retry", help="Read again what failed before.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Read every file again.")] = False,
    dry_run: _DryRun = False,
    as_json: _AsJson = False,
) -> int:
    """Bring the index up to date: only what changed is read, what vanished is removed."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.indexing import follow, indexing
    from copilot.knowledge.syncing import Options

    copilot = build()
    stream = indexing(copilot).sync(None, Options(retry=retry, force=force, dry_run=dry_run))
    named = [source.root for source in copilot.index.sources()]
    return follow(stream, sources=named, as_json=as_json, dry_run=dry_run)


@app.command("watch")
def watch(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope a sync.")] = False,
) -> None:
    """Sync each source as it changes, until Ctrl-C."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.indexing import follow_on, indexing

    work = indexing(build())
    work.sources()
    follow_on(work.watch(), as_json=as_json)


@app.command("rebuild")
def rebuild(as_json: _AsJson = False) -> int:
    """Build the index anew from its sources: after changing the embedder, or when damaged."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.indexing import follow, indexing

    copilot = build()
    work = indexing(copilot)
    work.make_readable()
    named = [source.root for source in copilot.index.sources()]
    return follow(work.rebuild(), sources=named, as_json=as_json)


@app.command("status")
def status(as_json: _AsJson = False) -> None:
    """What is in the index, from where, how fresh, and what could not be read, and why."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.index_views import status_envelope, status_lines
    from copilot.knowledge.status import look

    copilot = build()
    found = look(copilot.index, copilot.paths.index)
    if as_json:
        console.emit({"kind": "index_status", **status_envelope(found)})
        return
    for line in status_lines(found, now=copilot.clock.now()):
        console.out(line)


@app.command("list")
def list_documents(
    prefix: Annotated[
        str, typer.Argument(metavar="[PATH]", help="Only documents whose path begins so.")
    ] = "",
    only: Annotated[
        str, typer.Option("--status", metavar="STATUS", help="indexed, skipped or failed.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a document.")] = False,
) -> None:
    """List the documents, also those that were skipped or failed."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.index_views import document_envelope, document_line, listed

    documents = build().index.documents()
    if not documents:
        console.err("no documents yet; copilot index add PATH")
    for state in listed(documents, prefix=prefix, only=only):
        if as_json:
            console.emit(document_envelope(state))
        else:
            console.out(document_line(state))


@app.command("remove")
def remove(
    target: Annotated[
        str, typer.Argument(metavar="PATH", help="A source, or a file or folder inside one.")
    ],
    as_json: _AsJson = False,
) -> int:
    """Forget a source, or leave out a file or folder inside one. Files are never touched."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.indexing import follow, indexing

    removal = indexing(build()).remove(_named(target))
    return follow(removal, sources=[target], as_json=as_json)


def _named(path: str) -> str:
    """``path``, unless it is empty: a variable that isn't set must not mean the folder here."""
    if not path:
        raise UsageError("the path is empty", hint="a dot names the current folder")
    return path
