"""The proposal that undoes another one.

Invariant: an undo is a proposal like any other: it is decided on, sent once and can be told from
the one that it undoes; of one write there is one undo.
"""

from __future__ import annotations

from dataclasses import replace

from copilot.actions.identity import proposal_id
from copilot.errors import NotFoundError, SinkError, UsageError
from copilot.handoff import Sink
from copilot.messages import Principal
from copilot.ports import Clock
from copilot.proposals import (
    FieldChange,
    Proposal,
    ProposalState,
    SinkEntry,
    SinkWrite,
    Standing,
)

_HINTS = {
    ProposalState.WAITING: "it was never sent: copilot actions reject {}",
    ProposalState.UNDONE: "it was undone already: copilot actions show {}",
}


def undo_of(
    standing: Standing, sink: Sink, *, principal: Principal, clock: Clock, again: str = ""
) -> Proposal:
    """UsageError for what was never sent, SinkError for what the sink can't take back."""
    proposal, receipt = standing.proposal, standing.receipt
    short = proposal.id[:12]
    if standing.state is not ProposalState.SENT or receipt is None:
        hint = _HINTS.get(standing.state, "copilot actions show {}").format(short)
        raise UsageError(f"{short} is {standing.state}: there is nothing to undo", hint=hint)
    write = None
    if receipt.before or proposal.write.operation in ("create", "comment"):
        write = sink.undo_of(proposal.write, receipt)
    if write is None or (receipt.replayed and not proposal.write.values):
        raise SinkError(
            f"{sink.name} can't take this {proposal.write.operation} back",
            hint=receipt.url or "change it there",
        )
    key = proposal_id(
        sink.target,
        write.kind,
        operation=write.operation,
        values=write.values,
        external_id=write.external_id,
        undoes=proposal.id,
        again=again,
    )
    write = replace(write, key=key)
    return replace(
        proposal,
        id=key,
        write=write,
        changes=_changes(write, _held(write, sink)),
        calls=sink.preview(write),
        duplicates=(),
        principal=principal.name,
        groups=principal.groups,
        created_at=clock.now(),
        undoes=proposal.id,
        target=sink.target,
    )


def _held(write: SinkWrite, sink: Sink) -> SinkEntry | None:
    """What would be changed, as it is now; None where the sink doesn't tell."""
    if write.operation != "restore":
        return None
    try:
        return sink.read(write.kind, write.external_id)
    except (NotFoundError, SinkError):
        return None


def _changes(write: SinkWrite, held: SinkEntry | None) -> tuple[FieldChange, ...]:
    now = held.values if held is not None else {}
    return tuple(FieldChange(name, now.get(name), value) for name, value in write.values.items())
