"""What a proposal says to people, in words, and what they can do with it.

Invariant: nothing here decides; what a text or a sink said stands in it as it was said, so that
whoever shows it makes it safe first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, get_args

from copilot.actions.deciding import by_policy
from copilot.codec import to_plain
from copilot.extracted import FieldValue, Json
from copilot.proposals import FieldChange, Proposal, ProposalState, Standing, lost_its_texts

Act = Literal["approve", "edit", "reject", "retry", "undo", "again"]

ACTS: tuple[Act, ...] = get_args(Act)
_TITLES = ("title", "subject", "summary", "name", "full_name")
_ON_ITS_WAY = (ProposalState.APPROVED, ProposalState.SENDING, ProposalState.RETRYING)
_FILED = (ProposalState.SENT, ProposalState.UNDONE, ProposalState.REJECTED)
_OUT = (ProposalState.SENT, ProposalState.SENDING, ProposalState.UNDONE)


def title_of(proposal: Proposal) -> str:
    """What it is about."""
    record = proposal.record
    named = [str(record[name]) for name in _TITLES if record.get(name)]
    others = (str(one) for one in record.values() if isinstance(one, str) and one)
    return named[0] if named else next(others, proposal.source_name)


def what_of(proposal: Proposal) -> str:
    """``create ticket``, ``comment M-9``, ``undo: close M-9``."""
    write = proposal.write
    said = f"{write.operation} {write.external_id or write.kind}"
    return f"undo: {said}" if proposal.undoes else said


def warnings_of(proposal: Proposal) -> list[str]:
    """What speaks against it."""
    taint = proposal.taint
    told = []
    if taint.injection:
        told.append("The text tries to tell its reader what to do: read it before you agree.")
    if taint.unproven:
        bare = [
            n for n, one in proposal.fields.items() if one.value is not None and not one.evidence
        ]
        told.append(f"Without its words in the text: {', '.join(bare)}.")
    if not proposal.searched:
        told.append("The sink couldn't be searched for an open entry on the same issue.")
    if proposal.again:
        told.append(f"Filed once more on purpose: {proposal.again}.")
    if taint.edited:
        names = [name for name, one in proposal.fields.items() if one.read_by == "person"]
        told.append(f"Edited by a person: {', '.join(names) or 'something was taken out'}.")
    if taint.model:
        told.append("A model read it.")
    return told


def acts_on(standing: Standing) -> tuple[Act, ...]:
    """What a person may do with it as it stands; the rules have their say when it is done."""
    proposal, state = standing.proposal, standing.state
    gone = lost_its_texts(proposal)
    undecided = state is ProposalState.WAITING or by_policy(standing)
    possible: dict[Act, bool] = {
        "approve": undecided and not gone,
        "edit": state is ProposalState.WAITING and not proposal.undoes and not gone,
        "reject": state not in (*_OUT, ProposalState.REJECTED),
        "retry": state in _ON_ITS_WAY or (state is ProposalState.DEAD and not gone),
        "undo": state is ProposalState.SENT and standing.receipt is not None,
        "again": state in _FILED and not proposal.undoes and not gone,
    }
    return tuple(act for act in ACTS if possible[act])


def made_of(proposal: Proposal, change: FieldChange) -> tuple[FieldValue, ...]:
    """The record's fields that a change says: those that the text has the words for, if any."""
    stated = [one for one in proposal.fields.values() if one.value is not None]
    proven = [one for one in stated if one.evidence is not None]
    wanted = _same(change.after)
    for fields in (proven, stated):
        whole = next((one for one in reversed(fields) if _same(one.value) == wanted), None)
        if whole is not None:
            return (whole,)
    if isinstance(change.after, str) or not isinstance(change.after, Sequence):
        return ()
    items = {_same(one) for one in change.after}
    return tuple(one for one in stated if _same(one.value) in items)


def _same(value: Json) -> str:
    return json.dumps(to_plain(value), sort_keys=True)
