"""The lines of a proposal's journal: the proposal first, then each change.

Invariant: a journal reads back to the standing that was written, or says what is wrong with it;
what stands behind the last line's end was never acknowledged, and doesn't count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import get_args

from copilot.codec import from_plain, to_plain
from copilot.proposals import (
    Change,
    Operation,
    Proposal,
    ProposalState,
    Standing,
    after,
)

FORMAT = 1
_FIRST = b'{"v": 1, "proposal"'
_STATE = re.compile(rb'\{"v": 1, "change": \{"at": "[^"]*", "state": "([a-z]+)"')
_SOURCE = re.compile(rb'"source_digest": "([^"]*)"')
_LONG: Mapping[str, type] = {
    "fields": dict,
    "changes": list,
    "calls": list,
    "duplicates": list,
    "source_text": str,
}


class DamagedJournalError(Exception):
    """Not what a journal holds. The message says where and why."""


def proposal_line(proposal: Proposal) -> bytes:
    return _line({"v": FORMAT, "proposal": to_plain(proposal)})


def change_line(change: Change) -> bytes:
    return _line({"v": FORMAT, "change": to_plain(change)})


def journal(standing: Standing) -> bytes:
    """A whole journal that reads back to this standing, if nothing of it is tried again."""
    lines = [proposal_line(standing.proposal)]
    at = standing.changed_at or standing.proposal.created_at
    lines += [
        change_line(Change(at=at, state=ProposalState.WAITING, decision=decision))
        for decision in standing.decisions
    ]
    last = Change(
        at=at,
        state=standing.state,
        attempts=standing.attempts,
        receipt=standing.receipt,
        error=standing.error,
        hint=standing.hint,
        called_at=standing.called_at,
    )
    return b"".join([*lines, change_line(last)])


def whole(content: bytes) -> bytes:
    """The content without a last line that lacks its end."""
    return content[: content.rfind(b"\n") + 1]


def state_at_end(content: bytes) -> ProposalState | None:
    """The state that the last line tells, unchecked; None where it tells none."""
    lines = whole(content)
    last = lines[lines.rfind(b"\n", 0, -1) + 1 :]
    if last.startswith(_FIRST):
        return ProposalState.WAITING
    found = _STATE.match(last)
    try:
        return ProposalState(found[1].decode()) if found else None
    except ValueError:
        return None


def sources_in(content: bytes) -> frozenset[str]:
    """Digests among which that of the proposal's source is; none while it isn't whole."""
    first = content[: content.find(b"\n") + 1]
    return frozenset(one.decode() for one in _SOURCE.findall(first))


def standing(content: bytes, *, brief: bool = False) -> Standing | None:
    """Where the proposal stands; None when there was none yet. Raises DamagedJournalError.

    ``brief``: as ``in_brief`` makes it, without understanding what that leaves out.
    """
    lines = whole(content).split(b"\n")[:-1]
    if not lines:
        return None
    proposal = _proposal(lines[0], brief=brief)
    found = Standing(proposal, ProposalState.WAITING, changed_at=proposal.created_at)
    for number, line in enumerate(lines[1:], start=2):
        found = after(found, _change(line, number, brief=brief))
    return found


def _proposal(line: bytes, *, brief: bool) -> Proposal:
    data = _parsed(line, 1, "proposal")
    if brief:
        _shorten(data)
    try:
        proposal = from_plain(Proposal, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedJournalError(f"line 1 isn't a whole proposal ({error})") from error
    return _checked(proposal, 1)


def _change(line: bytes, number: int, *, brief: bool) -> Change:
    data = _parsed(line, number, "change")
    if brief:
        _shorten(data.get("proposal"))
    try:
        change = from_plain(Change, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedJournalError(f"line {number} isn't a whole change ({error})") from error
    if change.proposal is not None:
        _checked(change.proposal, number)
    return change


def _shorten(proposal: object) -> None:
    """Take out what is long; what isn't what it should be stays, for who reads it to find."""
    if not isinstance(proposal, dict):
        return
    for name, kind in _LONG.items():
        if isinstance(proposal.get(name), kind):
            proposal[name] = kind()
    write = proposal.get("write")
    if isinstance(write, dict) and isinstance(write.get("values"), dict):
        write["values"] = {}


def _checked(proposal: Proposal, number: int) -> Proposal:
    if proposal.write.operation not in get_args(Operation):
        raise DamagedJournalError(f"line {number} wants {proposal.write.operation!r}")
    return proposal


def _parsed(line: bytes, number: int, part: str) -> dict[str, object]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedJournalError(f"line {number} is no JSON") from error
    if not isinstance(data, dict) or not isinstance(data.get(part), dict):
        raise DamagedJournalError(f"line {number} holds no {part}")
    if data.get("v") != FORMAT:
        raise DamagedJournalError(f"line {number} was written by another version of copilot")
    found: dict[str, object] = data[part]
    return found


def _line(data: dict[str, object]) -> bytes:
    return json.dumps(data, ensure_ascii=True, allow_nan=False).encode() + b"\n"
