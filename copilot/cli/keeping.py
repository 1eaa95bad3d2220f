"""``copilot ledger status|forget|purge|hold``: what is kept, and what is deleted on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import ExitCode, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from copilot.keeping import Hold, LedgerStatus
    from copilot.ledger.erasing import Outcome, Records

holds = typer.Typer(
    help="People of whom nothing may be deleted: not by age, not to forget them.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete nothing.")]
Person = Annotated[
    str, typer.Argument(metavar="PRINCIPAL", help="A name as it stands in the ledger.")
]


def status(as_json: AsJson = False) -> None:
    """Say where the ledger is, what it holds, who is on hold, what waits to be finished."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.cli.runs import show_notices
    from copilot.codec import to_plain

    keeper = build().keeper
    found = keeper.status()
    show_notices(keeper)
    if as_json:
        console.emit({"kind": "ledger_status", **to_plain(found)})
        return
    for line in _status_lines(found):
        console.out(line)


def forget(principal: Person, dry_run: DryRun = False, as_json: AsJson = False) -> int:
    """Delete every text of a person, in ledger, conversations and cache; figures stay, nameless.

    Logs, and spool files that were set aside, go whole: nobody can tell whose they are. What was
    exported, and the documents in the index, are elsewhere and stay; so does the audit trail,
    which keeps who changed what and no text.
    """
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.erasing import forget as forget_person

    records = build().records
    done = forget_person(records, _named(principal), dry_run=dry_run)
    _show_audit(records)
    _tell(done, "forgotten", dry_run=dry_run, as_json=as_json)
    if done.erased.writing:
        console.warn(
            [f"{done.erased.writing} run(s) of theirs are still being written: forget again"]
        )
    if done.undecided:
        console.warn(
            [
                f"{done.undecided} proposal(s) of theirs aren't over: decide on them "
                "(copilot actions list), then forget again"
            ]
        )
    if done.erased.others:
        console.warn([f"there is more of {', '.join(done.erased.others)}: is it the same person?"])
    if done.erased.left:
        console.warn(f"not deleted, look at it: {path}" for path in done.erased.left)
    console.warn(
        f"not deleted, since a proposal that can't be read may be anybody's: {path} "
        "(look into the sink for what became of it, then remove the file)"
        for path in done.damaged
    )
    return int(ExitCode.DONE if done.whole or dry_run else ExitCode.PARTIAL)


def purge(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Delete what is older than the settings of retention keep it, but for people on hold."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.erasing import cutoffs
    from copilot.ledger.erasing import purge as purge_records

    copilot = build()
    limits = cutoffs(copilot.settings.retention, copilot.clock.now())
    if limits.none and not as_json:
        console.err("[retention] keeps everything: set bodies_days, runs_days, … to delete by age")
    done = purge_records(copilot.records, limits, dry_run=dry_run)
    _show_audit(copilot.records)
    _tell(done, "deleted", dry_run=dry_run, as_json=as_json)


@holds.command("add")
def add_hold(
    principal: Person,
    reason: Annotated[str, typer.Option(help="Why, for those who come later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let nothing of a person be deleted from now on."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.erasing import hold

    copilot = build()
    placed = hold(copilot.records, _named(principal), console.typed(reason))
    _show_audit(copilot.records)
    _show_hold(placed, as_json=as_json)
    try:
        known = any(placed.covers(name) for name in copilot.keeper.people())
    except StorageError:
        return  # a ledger that can't be read is no reason not to protect what is in it
    if not known:
        console.warn([f"the ledger knows nobody called {placed.principal} yet: is the name right?"])


@holds.command("remove")
def remove_hold(principal: Person, as_json: AsJson = False) -> None:
    """End a hold."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.ledger.erasing import release

    name, records = _named(principal), build().records
    release(records, name)
    _show_audit(records)
    if as_json:
        console.emit({"kind": "hold", "principal": name, "held": False})
    else:
        console.out(f"{name} is no longer on hold")


@holds.command("list")
def list_holds(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a hold.")] = False,
) -> None:
    """List who is on hold, since when, and why."""
    console.set_json(as_json)
    from copilot.bootstrap import build

    found = build().keeper.holds()
    if not found and not as_json:
        console.err("nobody is on hold")
    for one in found:
        _show_hold(one, as_json=as_json)


def _named(principal: str) -> str:
    name = console.typed(principal)
    if not name:
        raise UsageError(
            "the name is empty", hint="copilot sql 'SELECT DISTINCT principal FROM v_runs'"
        )
    return name


def _show_audit(records: Records) -> None:
    """What the audit trail had to say of its last entry, on stderr."""
    console.warn(f"{notice.message}; {notice.hint}" for notice in records.audit.notices)


def _show_hold(one: Hold, *, as_json: bool) -> None:
    from copilot.codec import to_plain
    from copilot.guard.terminal import clean_line

    if as_json:
        console.emit({"kind": "hold", **to_plain(one), "held": True})
        return
    why = f": {one.reason}" if one.reason else ""
    console.out(clean_line(f"{one.principal} is on hold since {_day(one.since)}{why}"))


def _tell(done: Outcome, what: str, *, dry_run: bool, as_json: bool) -> None:
    erased = done.erased
    console.warn(f"{notice.message}; {notice.hint}" for notice in erased.notices)
    if as_json:
        console.emit(
            {
                "kind": what,
                "dry_run": dry_run,
                "runs": erased.runs,
                "records": erased.records,
                "texts": erased.bodies,
                "set_aside": erased.aside,
                "exchanges": done.exchanges,
                "attached": done.attached,
                "logs": done.logs,
                "proposals": done.proposals,
                "cached": done.cached,
                "undecided": done.undecided,
                "still_written": erased.writing,
                "left": [*erased.left, *done.damaged],
                "others": erased.others,
            }
        )
        return
    console.out(
        f"{'would be ' if dry_run else ''}{what}: {erased.runs} runs with {erased.records} "
        f"records, {erased.bodies} texts, {done.exchanges} exchanges in conversations, "
        f"{done.logs} log files"
        + (f", {done.attached} attached" if done.attached else "")
        + (f", {done.proposals} proposals" if done.proposals else "")
        + (f", {done.cached} answers in the cache" if done.cached else "")
        + (f", {erased.aside} spool files" if erased.aside else "")
    )


def _status_lines(found: LedgerStatus) -> Iterator[str]:
    def line(label: str, text: str) -> str:
        return f"{label:<16}{text}"

    yield line("place", found.place)
    yield line("size", f"{found.bytes / 1_000_000:.1f} MB")
    span = f", {_day(found.first_run)} to {_day(found.last_run)}" if found.runs else ""
    yield line("runs", f"{found.runs}{span}")
    yield line("texts", str(found.bodies))
    yield line("in the spool", f"{found.waiting}, {found.set_aside} set aside")
    yield line("on hold", ", ".join(one.principal for one in found.holds) or "nobody")
    yield line("to be finished", ", ".join(found.unfinished) or "nothing")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"
