"""What the inbox says of a proposal: its state, its age, what became of it, all of it in full.

Invariant: nothing here decides; whatever is returned passes ``wording`` before a widget has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from copilot.calls.inbox import ProposalRow, ShownProposal
from copilot.codec import to_plain
from copilot.extracted import Json
from copilot.proposals import (
    Decision,
    FieldChange,
    Proposal,
    ProposalState,
    SinkCall,
    Standing,
)

MARKS: Mapping[ProposalState, str] = {
    ProposalState.WAITING: "○",
    ProposalState.APPROVED: "→",
    ProposalState.SENDING: "→",
    ProposalState.RETRYING: "↻",
    ProposalState.SENT: "✓",
    ProposalState.REJECTED: "–",
    ProposalState.DEAD: "✗",
    ProposalState.UNDONE: "↺",
}
_STATES = {ProposalState.DEAD: "failed"}
FILTERS: Mapping[str, frozenset[ProposalState]] = {
    "waiting": frozenset({ProposalState.WAITING}),
    "failed": frozenset({ProposalState.DEAD, ProposalState.RETRYING}),
    "on its way": frozenset({ProposalState.APPROVED, ProposalState.SENDING}),
    "done": frozenset({ProposalState.SENT, ProposalState.REJECTED, ProposalState.UNDONE}),
    "all": frozenset(ProposalState),
}
_REMEDIES = {
    "show": "It stands here as it is now.",
    "approve": "y approves it.",
    "reject": "n rejects it.",
    "retry": "r tries again, and asks the sink first where that is in doubt.",
    "undo": "u takes it back.",
    "again": "a proposes it anew.",
    "explain": "d says which rule decides.",
}
_COMMAND = re.compile(r"copilot (?:actions|policy) (\w+)")


def state_of(state: ProposalState) -> str:
    """``✓ sent``: never the sign alone."""
    return f"{MARKS[state]} {_STATES.get(state, state.value)}"


def age_of(at: str, now: datetime) -> str:
    seconds = max(0.0, (now - datetime.fromisoformat(at)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "now"


def remedy(hint: str) -> str:
    """What to do, as it is done here."""
    named = _COMMAND.search(hint)
    return _REMEDIES.get(named[1], hint) if named else hint


def matches(row: ProposalRow, words: Sequence[str]) -> bool:
    """Whether all of these small words stand somewhere in the row, or begin its id."""
    said = f"{row.title} {row.what} {row.sink} {row.state} {row.error}".casefold()
    return all(word in said or row.id.startswith(word) for word in words)


def outcome_of(standing: Standing) -> str:
    """What became of it, in a line; empty while nothing did."""
    receipt = standing.receipt
    if standing.error:
        return " ".join(part for part in (standing.error, remedy(standing.hint)) if part)
    if receipt is not None:
        there = " (it was there already)" if receipt.replayed else ""
        return f"{receipt.external_id} {receipt.url}".strip() + there
    if standing.state is ProposalState.REJECTED and standing.decisions:
        last = standing.decisions[-1]
        return f"by {_who(last)}" + (f": {last.reason}" if last.reason else "")
    return ""


def told_of(standing: Standing) -> str:
    """What became of it just now, for a person who did something."""
    there = f"{standing.proposal.sink}"
    match standing.state:
        case ProposalState.SENT:
            entry = standing.receipt.external_id if standing.receipt else ""
            return f"Sent to {there}: {entry}" if entry else f"Sent to {there}"
        case ProposalState.REJECTED:
            return "Rejected; nothing was sent"
        case ProposalState.WAITING:
            return standing.error or "It waits"
        case ProposalState.SENDING:
            return f"Whether {there} has it isn't known yet"
        case ProposalState.RETRYING:
            return f"{there} didn't take it for now"
        case ProposalState.DEAD:
            return f"{there} didn't take it"
        case _:
            return f"It is {standing.state.value}"


def ruled_by(shown: ShownProposal) -> str:
    """Why a person is asked, in a line."""
    ruled = shown.ruled
    if not ruled.ruling:
        return f"The policy can't be read: {ruled.reason}"
    said = {
        "ask": "Asked because",
        "two_persons": "Two persons have to agree",
        "allow": "The policy allows it",
        "deny": "The policy denies it",
    }[ruled.ruling]
    return f"{said}: {ruled.reason or ruled.rule}"


def details_of(shown: ShownProposal) -> str:
    """What the fields leave out: values in full, the calls, the policy, what happened when."""
    standing = shown.standing
    proposal = standing.proposal
    parts: Mapping[str, Sequence[str]] = {
        "History": [*_history(standing)],
        "Policy": [*_policy(shown)],
        "Calls": [line for one in proposal.calls for line in _call(one)],
        "Changes in full": [line for one in proposal.changes for line in _whole(one)],
        "Names": [*_names(proposal)],
    }
    return "\n\n".join(
        "\n".join([heading, *(f"  {line}" for line in lines)])
        for heading, lines in parts.items()
        if lines
    )


def text_of(value: Json) -> str:
    """A value as it is read."""
    if isinstance(value, str):
        return value
    if value is None:
        return "(none)"
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return ", ".join(str(one) for one in value) or "(none)"
    return json.dumps(to_plain(value), ensure_ascii=False)


def _history(standing: Standing) -> Iterator[str]:
    proposal = standing.proposal
    yield f"{_moment(proposal.created_at)}  proposed by {proposal.principal}"
    for one in standing.decisions:
        reason = f": {one.reason}" if one.reason else ""
        yield f"{_moment(one.at)}  {one.verdict} by {_who(one)}{reason}"
    tries = f" after {standing.attempts} tries" if standing.attempts > 1 else ""
    yield f"{_moment(standing.changed_at or proposal.created_at)}  {standing.state.value}{tries}"
    if standing.not_before is not None:
        yield f"{_moment(standing.not_before)}  to be tried again from then"
    if outcome := outcome_of(standing):
        yield outcome


def _policy(shown: ShownProposal) -> Iterator[str]:
    ruled = shown.ruled
    if not ruled.ruling:
        yield ruled_by(shown)
        return
    reason = f": {ruled.reason}" if ruled.reason else ""
    yield f"{ruled.ruling.replace('_', ' ')} by the rule “{ruled.rule}”{reason}"
    if ruled.missing and shown.standing.state is ProposalState.WAITING:
        yield f"{ruled.missing} {'person has' if ruled.missing == 1 else 'persons have'} to agree"
    for rule, why_not in ruled.passed_over:
        yield f"not “{rule}”: {why_not}"


def _call(call: SinkCall) -> Iterator[str]:
    yield f"{call.method} {call.url}"
    yield from (f"  {line}" for line in call.body.splitlines())


def _whole(change: FieldChange) -> Iterator[str]:
    yield change.field
    if change.before is not None:
        yield from (f"- {line}" for line in text_of(change.before).splitlines())
    yield from (f"+ {line}" for line in text_of(change.after).splitlines())


def _names(proposal: Proposal) -> Iterator[str]:
    yield f"proposal {proposal.id}"
    yield f"written to {proposal.target}"
    if proposal.run_id:
        yield f"read in the run {proposal.run_id}"
    if proposal.undoes:
        yield f"undoes {proposal.undoes}"


def _who(decision: Decision) -> str:
    return decision.principal if decision.by == "person" else f"the rule {decision.rule}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
