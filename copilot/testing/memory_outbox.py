"""An outbox in memory, for tests of whatever proposes, decides or sends.

Invariant: it passes the contract suite of the outbox on disk; nothing outlives the object.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.proposals import (
    Change,
    OutboxContent,
    Proposal,
    ProposalState,
    Standing,
    after,
    in_brief,
)


@dataclass
class _Kept:
    standing: Standing
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class MemoryHeld:
    """The one that is held."""

    kept: _Kept

    @property
    def standing(self) -> Standing:
        return self.kept.standing

    def note(self, change: Change) -> Standing:
        self.kept.standing = after(self.kept.standing, change)
        return self.kept.standing

    def strip(self, bare: Standing) -> None:
        self.kept.standing = bare


class MemoryOutbox:
    """Proposals by id."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._reading = threading.Lock()

    def propose(self, proposal: Proposal) -> Standing:
        new = Standing(proposal, ProposalState.WAITING, changed_at=proposal.created_at)
        return self._kept.setdefault(proposal.id, _Kept(new)).standing

    @contextmanager
    def reading(self, source: str) -> Iterator[None]:
        with self._reading:
            yield

    def get(self, prefix: str) -> Standing:
        found = [one for one in self._kept if prefix and one.startswith(prefix.lower())]
        if len(found) > 1:
            raise UsageError(f"{len(found)} proposals begin with {prefix}")
        if not found:
            raise NotFoundError(f"there is no proposal {prefix}")
        return self._kept[found[0]].standing

    def content(self, states: Collection[ProposalState] = (), *, source: str = "") -> OutboxContent:
        found = [
            one.standing
            for one in self._kept.values()
            if (not states or one.standing.state in states)
            and source in ("", one.standing.proposal.source_digest)
        ]
        found.sort(key=lambda one: (one.proposal.created_at, one.proposal.ordinal))
        return OutboxContent(tuple(found))

    def overview(self, states: Collection[ProposalState] = ()) -> OutboxContent:
        return OutboxContent(tuple(in_brief(one) for one in self.content(states).standings))

    @contextmanager
    def hold(self, proposal_id: str, *, wait_s: float = 0.0) -> Iterator[MemoryHeld]:
        kept = self._kept.get(proposal_id)
        if kept is None:
            raise NotFoundError(f"there is no proposal {proposal_id}")
        if not kept.lock.acquire(timeout=wait_s):
            raise StorageError(f"{proposal_id} is in use: another is deciding on it or sending it.")
        try:
            yield MemoryHeld(kept)
        finally:
            kept.lock.release()
