"""``copilot audit``: who changed keys, trust, the index or the records, and whether to believe it.

Invariant: only ``anchor`` and ``rotate-key`` write; what comes from an entry passes
``guard.terminal``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from copilot.cli import console
from copilot.errors import ExitCode, NotFoundError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot.audit import AuditEntry
    from copilot.audit.anchors import Head
    from copilot.audit.trail import ChainedTrail
    from copilot.audit.verdicts import State, Verification

app = typer.Typer(
    help="Who changed keys, trust, the index or the records, sealed against tampering.",
    no_args_is_help=True,
)

_AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope.")]
_EXITS: dict[State, ExitCode] = {
    "holds": ExitCode.DONE,
    "broken": ExitCode.INDEX,
    "unproven": ExitCode.PARTIAL,
}


def _trail() -> ChainedTrail:
    from copilot.bootstrap import build

    return build().audit_trail


@app.command("list")
def list_entries(
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many.")] = 20,
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Only since then: 12h, 7d, 4w or a date.")
    ] = "",
    action: Annotated[
        str, typer.Option(help="Only actions that begin so, e.g. keys or index.remove.")
    ] = "",
    who: Annotated[str, typer.Option(help="Only by this principal or account.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an entry.")] = False,
) -> None:
    """List the latest entries, newest first. `copilot audit verify` says whether they are true."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.audits import entry_lines
    from copilot.codec import to_plain
    from copilot.ledger.queries import since_when

    copilot = build()
    start = since_when(since, copilot.clock.now()) if since else None
    found: list[AuditEntry] = []
    damaged = False
    for line in copilot.audit_trail.newest_first():
        if line.sealed is None:
            damaged = True
            continue
        entry = line.sealed.entry
        if (
            (start is None or entry.at >= start)
            and entry.action.startswith(action)
            and who in ("", entry.principal, entry.account)
        ):
            found.append(entry)
            if len(found) == limit:
                break
    if damaged:
        console.err("copilot: some lines of the trail are damaged: copilot audit verify")
    if as_json:
        for entry in found:
            console.emit({"kind": "audit_entry", "entry": to_plain(entry)})
        return
    if not found:
        chosen = since or action or who
        console.err("no such entry" if chosen else "the audit trail has no entries yet")
        return
    for text in entry_lines(found):
        console.out(text)


@app.command("verify")
def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="HEAD", help="A head that you kept, as `audit anchor` printed it."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Check an export instead, against HEAD only."),
    ] = None,
    as_json: _AsJson = False,
) -> int:
    """Check that no entry was changed, that none is missing, and that each was sealed here.

    Exits with 0 when all three hold, 5 when one is broken, 9 when one can't be proven.
    """
    console.set_json(as_json)
    from copilot.audit.anchors import parse_head
    from copilot.cli.audits import envelope, verification_lines

    heads = [parse_head(text) for text in head or []]
    trail = _trail()
    found = _verified(trail, heads, copy=None if file is None else _content(file))
    place = str(file) if file else trail.log.place
    anchor = "" if file else trail.anchor_file.place
    if as_json:
        console.emit(envelope(found, place=place, anchor=anchor))
    else:
        for line in verification_lines(found, place=place, anchor=anchor):
            console.out(line)
    return _EXITS[found.state]


@app.command("export")
def export(
    as_format: Annotated[
        Literal["jsonl", "csv"],
        typer.Option(
            "--format", help="jsonl: the lines as they are sealed, to be checked; csv: to be read."
        ),
    ] = "jsonl",
) -> None:
    """Print the whole trail. In jsonl, each line's SHA-256 is the next one's `prev`."""
    from copilot.cli.audits import csv_text
    from copilot.guard.terminal import clean_line

    trail = _trail()
    lines = trail.lines()
    if not lines.lines:
        raise NotFoundError("The audit trail has no entries yet.")
    if lines.damaged:
        console.err("copilot: some lines of the trail are damaged: copilot audit verify")
    if as_format == "csv":
        console.out(csv_text(sealed.entry for sealed in lines.sealed), end="")
        return
    for line in lines.lines:
        text = line.content.decode("utf-8", "backslashreplace")
        # One that is still being written has no end here, either: with one it would be damage.
        ended = not lines.torn or line.number < len(lines.lines)
        end = "\n" if ended or console.is_terminal() else ""
        console.out(clean_line(text) if console.is_terminal() else text, end=end)


@app.command("anchor")
def anchor(as_json: _AsJson = False) -> int:
    """Print the trail's head, to be kept elsewhere, and anchor it once more.

    Refuses to anchor a trail that is broken.
    """
    console.set_json(as_json)
    trail = _trail()
    if _verified(trail).state == "broken":
        raise StorageError(
            "The audit trail is broken, so it isn't anchored.", hint="copilot audit verify"
        )
    kept = trail.anchor()
    if as_json:
        console.emit({"kind": "audit_head", "head": str(kept), "anchor": trail.anchor_file.place})
        return ExitCode.DONE
    console.out(str(kept))
    console.err(f"Anchored in {trail.anchor_file.place}. Keep the line above where nobody who can")
    console.err("change this home can change it: copilot audit verify --head LINE")
    return ExitCode.DONE


@app.command("rotate-key")
def rotate_key(as_json: _AsJson = False) -> int:
    """Seal with a new key from now on; the old one stays in its place, to check old entries.

    Refuses while the trail is broken, or its key isn't here.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.audited import show_notices

    copilot = build()
    trail = copilot.audit_trail
    if _verified(trail).state == "broken":
        raise StorageError(
            "The audit trail is broken, so its key isn't rotated.", hint="copilot audit verify"
        )
    old, new = trail.rotate_key(principal=copilot.settings.principal.name)
    show_notices(trail)
    if as_json:
        console.emit({"kind": "audit_key", "key": new, "old_key": old})
        return ExitCode.DONE
    console.out(f"sealed with key {new} from now on")
    console.err(f"Key {old} is kept to check what it sealed. Keep a head elsewhere as well:")
    console.err("copilot audit anchor")
    return ExitCode.DONE


def _verified(
    trail: ChainedTrail, heads: Sequence[Head] = (), *, copy: bytes | None = None
) -> Verification:
    with console.progress() as shown:
        return trail.verify(
            heads,
            copy=copy,
            seen=lambda done, of: shown.update(f"checking {done:,}/{of:,} entries"),
        )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"{file} does not exist.") from error
    except OSError as error:
        raise StorageError(f"{file} can't be read: {error.strerror or error}.") from error
