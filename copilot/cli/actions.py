"""``copilot actions``: what waits to be written to ticket and CRM systems, and its fate.

Invariant: nothing is sent but by a person's word or a rule's; of several, one that fails is told
and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console
from copilot.errors import CopilotError, ExitCode, StoppedError, UsageError

if TYPE_CHECKING:
    from copilot.actions.handover import Handover
    from copilot.bootstrap import Copilot
    from copilot.handoff import Approver
    from copilot.proposals import ProposalState, Standing

app = typer.Typer(
    help="Proposals: what waits to be written to ticket and CRM systems.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON line a proposal.")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID…]", help="Ids, or the beginnings of ids.")
]
Sink = Annotated[str, typer.Option("--sink", metavar="NAME", help="Only those to this sink.")]
Every = Annotated[bool, typer.Option("--all", help="All that wait.")]
Yes = Annotated[bool, typer.Option("--yes", help="With --all: don't ask whether all are meant.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept beside it.")]
_OPEN = ("waiting", "approved", "sending", "retrying", "dead")


@app.command("list")
def list_proposals(
    state: Annotated[
        list[str] | None,
        typer.Option("--state", metavar="STATE", help="waiting, sent, dead …; repeatable."),
    ] = None,
    sink: Sink = "",
    every: Annotated[bool, typer.Option("--all", help="Also what is over and done.")] = False,
    as_json: AsJson = False,
) -> int:
    """List what waits for a decision, is on its way, or failed (--state dead: for good).

    Exits with 9 for a damaged one.
    """
    console.set_json(as_json)
    from copilot.cli.proposal_views import damaged_line, standing_envelope, standing_rows

    copilot = _build()
    wanted = _states(state or ([] if every else list(_OPEN)))
    content = copilot.delivery.outbox.content(wanted)
    standings = [one for one in content.standings if sink in ("", one.proposal.sink)]
    if as_json:
        for one in standings:
            console.emit(standing_envelope(one))
        for damaged in content.damaged:
            console.emit({"kind": "damaged_proposal", "id": damaged.id, "error": damaged.reason})
    elif standings:
        for line in standing_rows(standings, copilot.clock.now()):
            console.out(line)
    elif not content.damaged:
        console.err("Nothing waits. --all shows what is over and done.")
    if not as_json:
        console.warn(damaged_line(damaged) for damaged in content.damaged)
    return ExitCode.PARTIAL if content.damaged else ExitCode.DONE


@app.command("show")
def show(ids: Ids = None, as_json: AsJson = False) -> int:
    """Show proposals in full: changes, evidence, calls, the text, and what became of them."""
    console.set_json(as_json)
    from copilot.cli.proposal_views import brief, full, history, standing_envelope
    from copilot.cli.styling import Styler

    copilot = _build()
    style = Styler(on=console.colour(copilot.settings.output.color))
    for number, one in enumerate(copilot.delivery.outbox.get(i) for i in _named(ids, "show")):
        if as_json:
            console.emit(standing_envelope(one, whole=True))
            continue
        if number:
            console.out()
        console.out(style.faint(one.proposal.id))
        shown = (brief(one.proposal, style), full(one.proposal, style), history(one, style))
        for line in chain(*shown):
            console.out(line)
    return ExitCode.DONE


@app.command("approve")
def approve(
    ids: Ids = None,
    every: Every = False,
    sink: Sink = "",
    yes: Yes = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> int:
    """Agree, and send. Without ids, on a terminal, each that waits is asked for in turn.

    With --all, those whose text tries to tell its reader what to do are left out: name them.
    """
    console.set_json(as_json)
    copilot = _build()
    if ids:
        return _each(copilot, ids, lambda h, i: h.approve(i, reason=console.typed(reason)))
    waiting = _waiting(copilot, sink)
    if not every:
        return _review(copilot, waiting)
    left_out = [one for one in waiting if one.proposal.taint.injection]
    meant = [one.proposal.id for one in waiting if not one.proposal.taint.injection]
    if left_out:
        names = ", ".join(one.proposal.id[:12] for one in left_out)
        console.warn([f"left out, since their texts try to tell their reader what to do: {names}"])
    _all_meant(len(meant), "approve", yes=yes)
    return _each(copilot, meant, lambda h, i: h.approve(i, reason=console.typed(reason)))


@app.command("reject")
def reject(
    ids: Ids = None,
    every: Every = False,
    sink: Sink = "",
    yes: Yes = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> int:
    """Say no. Also of what failed, to have done with it."""
    console.set_json(as_json)
    copilot = _build()
    if not every:
        meant: Sequence[str] = _named(ids, "reject")
    else:
        meant = [one.proposal.id for one in _waiting(copilot, sink)]
        _all_meant(len(meant), "reject", yes=yes)
    code = _each(copilot, meant, lambda h, i: h.reject(i, reason=console.typed(reason)))
    return ExitCode.PARTIAL if code == ExitCode.PARTIAL else ExitCode.DONE


@app.command("retry")
def retry(
    ids: Ids = None,
    dead: Annotated[bool, typer.Option("--dead", help="Without ids: dead letters too.")] = False,
    sink: Sink = "",
    as_json: AsJson = False,
) -> int:
    """Send now what is approved and wasn't sent; without ids, all of it.

    What a crash or a time-out left in doubt is looked for in the sink first.
    """
    console.set_json(as_json)
    copilot = _build()
    meant: Sequence[str] = ids or ()
    if not ids:
        wanted = _states(["approved", "sending", "retrying", *(["dead"] if dead else [])])
        content = copilot.delivery.outbox.content(wanted)
        meant = [one.proposal.id for one in content.standings if sink in ("", one.proposal.sink)]
        if not meant and not as_json:
            console.err("There is nothing to send.")
    return _each(copilot, meant, lambda h, i: h.retry(i))


@app.command("undo")
def undo(
    ids: Ids = None,
    again: Annotated[
        bool, typer.Option("--again", help="Propose an undo anew that was rejected.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Take back what was sent: close, delete, or restore the old fields. A proposal of its own."""
    console.set_json(as_json)
    copilot = _build()
    approver = approver_for(copilot)
    named = _named(ids, "undo")
    return _each(copilot, named, lambda h, i: h.undo(i, approver=approver, again=again))


@app.command("again")
def again(
    ids: Ids = None,
    word: Annotated[
        str, typer.Option(metavar="WORD", help="There is one new entry for each word.")
    ] = "again",
    as_json: AsJson = False,
) -> int:
    """File the same record once more, beside what became of it: sent, undone or rejected.

    A proposal of its own. However often this runs, it is one more: a further one takes another
    --word, such as --word "$(date +%F)".
    """
    console.set_json(as_json)
    said = console.typed(word).strip()
    if not said:
        raise UsageError("--word is empty", hint='such as --word 2, or --word "$(date +%F)"')
    copilot = _build()
    approver = approver_for(copilot)
    named = _named(ids, "file")
    return _each(copilot, named, lambda h, i: h.again(i, said, approver=approver))


def approver_for(copilot: Copilot) -> Approver | None:
    """Whoever sits at the terminal; None where nobody does."""
    from copilot.cli.approving import TerminalApprover, person_here
    from copilot.operations.extractors import Extractors

    if not person_here():
        return None
    return TerminalApprover(
        copilot.delivery.principal.name, copilot.clock, Extractors(copilot).check_for
    )


def _build() -> Copilot:
    from copilot.bootstrap import build

    copilot = build()
    console.warn(copilot.warnings)
    return copilot


def _review(copilot: Copilot, waiting: Sequence[Standing]) -> int:
    """Each in turn, as the person at the terminal says."""
    from copilot.operations.extractors import Extractors

    approver = approver_for(copilot)
    if approver is None:
        raise UsageError(
            "which proposals?", hint="give ids, or --all --yes; copilot actions list shows them"
        )
    console.err(f"{len(waiting)} wait; q stops, and what isn't decided goes on waiting.")
    extractors = Extractors(copilot)
    schemas = {one.proposal.id: one.proposal.schema for one in waiting}
    return _each(
        copilot,
        list(schemas),
        lambda h, i: h.settle(i, approver=approver, check=extractors.check_for(schemas[i])),
    )


def _each(
    copilot: Copilot,
    ids: Sequence[str],
    act: Callable[[Handover, str], Awaitable[Standing]],
) -> int:
    """Do it to each; one that fails is told, and the rest goes on."""
    from copilot.actions.handover import exit_code
    from copilot.cli.proposal_views import standing_envelope, standing_line

    async def work() -> int:
        handover = copilot.delivery.handover(lambda message: console.warn([message]))
        standings: list[Standing] = []
        failures: list[CopilotError] = []
        try:
            for one in ids:
                try:
                    standing = await act(handover, console.typed(one))
                except StoppedError:
                    raise
                except CopilotError as error:
                    if len(ids) == 1:
                        raise
                    failures.append(error)
                    console.warn([f"{one[:12]}: {error.message}"])
                    continue
                standings.append(standing)
                if console.json_mode():
                    console.emit(standing_envelope(standing))
                else:
                    console.out(standing_line(standing))
        finally:
            handover.close()
        return ExitCode.PARTIAL if failures else exit_code(standings)

    return console.run(work())


def _named(ids: Sequence[str] | None, what: str) -> list[str]:
    if not ids:
        raise UsageError(f"{what} which proposals?", hint="copilot actions list shows their ids")
    return [console.typed(one) for one in ids]


def _waiting(copilot: Copilot, sink: str) -> list[Standing]:
    content = copilot.delivery.outbox.content(_states(["waiting"]))
    return [one for one in content.standings if sink in ("", one.proposal.sink)]


def _all_meant(count: int, what: str, *, yes: bool) -> None:
    """A person who says ``--all`` learns how many that are first."""
    if not count or yes:
        return
    if console.json_mode() or not (console.is_terminal("stdin") and console.is_terminal("stderr")):
        raise UsageError(
            f"--all means {count} proposals", hint=f"copilot actions {what} --all --yes"
        )
    if not typer.confirm(f"{what.capitalize()} {count} proposals?", err=True):
        raise StoppedError("nothing was done")


def _states(names: Sequence[str]) -> list[ProposalState]:
    from copilot.config.fields import nearest
    from copilot.proposals import ProposalState

    valid = [one.value for one in ProposalState]
    found: list[ProposalState] = []
    for name in names:
        if name.lower() not in valid:
            guess = nearest(name, valid)
            hint = f"did you mean {guess}?" if guess else f"one of {', '.join(valid)}"
            raise UsageError(f"{name!r} is no state of a proposal", hint=hint)
        found.append(ProposalState(name.lower()))
    return found
