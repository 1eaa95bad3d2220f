"""Many journals: those that are wanted of them, and all in brief, read again only if changed.

Invariant: what is told of a journal is what stood in it when it was last seen to change; of one
that nobody asked for no more is understood than its state.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from copilot.adapters.outbox.lines import state_at_end
from copilot.errors import StorageError
from copilot.proposals import DamagedProposal, OutboxContent, ProposalState, Standing

Stamp = tuple[int, int, int]  # which file, how long, and written when


class Overview:
    """``path_of``: where a journal is; ``content``: its bytes; ``understood``: in brief."""

    def __init__(
        self,
        path_of: Callable[[str], Path],
        content: Callable[[str], bytes],
        understood: Callable[[str, bytes], Standing | None],
    ) -> None:
        self._path_of = path_of
        self._content = content
        self._understood = understood
        self._seen: dict[str, tuple[Stamp, Standing | ProposalState | None]] = {}
        self._looking = threading.Lock()

    def told(self, ids: Collection[str], states: Collection[ProposalState]) -> OutboxContent:
        """Those of them that are in these states, and the damaged ones."""
        with self._looking:  # who asks meanwhile has what the first one found
            there = set(ids)
            self._seen = {one: seen for one, seen in self._seen.items() if one in there}
            return gathered(ids, states, lambda one: self._brief(one, states), self._path_of)

    def _brief(self, proposal_id: str, states: Collection[ProposalState]) -> Standing | None:
        stamp, known = _stamp_at(self._path_of(proposal_id)), self._seen.get(proposal_id)
        if known is not None and known[0] == stamp:
            told = known[1]
            if not isinstance(told, ProposalState):
                return told
            if states and told not in states:
                return None
        content = self._content(proposal_id)
        at_end = state_at_end(content)
        passed_over = states and at_end is not None and at_end not in states
        found = None if passed_over else self._understood(proposal_id, content)
        if stamp is not None:
            self._seen[proposal_id] = (stamp, at_end if passed_over else found)
        return found


def gathered(
    ids: Iterable[str],
    states: Collection[ProposalState],
    read: Callable[[str], Standing | None],
    path_of: Callable[[str], Path],
) -> OutboxContent:
    """What ``read`` gives, if it is in one of these states, oldest first; and what is damaged."""
    found: list[Standing] = []
    damaged: list[DamagedProposal] = []
    for proposal_id in ids:
        try:
            known = read(proposal_id)
        except StorageError as error:
            place = str(path_of(proposal_id))
            damaged.append(DamagedProposal(proposal_id, place, error.message))
            continue
        if known is not None and (not states or known.state in states):
            found.append(known)
    found.sort(key=lambda one: (one.proposal.created_at, one.proposal.ordinal))
    return OutboxContent(tuple(found), tuple(damaged))


def stamp_of(there: os.stat_result) -> Stamp:
    return there.st_ino, there.st_size, there.st_mtime_ns


def _stamp_at(path: Path) -> Stamp | None:
    """None where that can't be said: then it is read each time, and that tells why."""
    try:
        return stamp_of(os.stat(path))  # noqa: PTH116 (ten thousand times)
    except OSError:
        return None
