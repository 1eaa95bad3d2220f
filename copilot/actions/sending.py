"""Writes approved proposals to their sinks, each once.

Invariant: nothing is called that the policy doesn't allow now, or that not enough persons agreed
to, in exactly this form; that it will be called is on the disk before it is. After a call whose
outcome isn't known, the sink is asked for the entry before anything is sent again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from copilot.actions.accounting import Accounts
from copilot.actions.deciding import not_agreed
from copilot.actions.policy import Policy
from copilot.backoff import LONGEST_S, delay_s
from copilot.errors import (
    CopilotError,
    NotFoundError,
    SinkUnavailableError,
    SinkUnknownError,
    StorageError,
)
from copilot.handoff import HeldProposal, Outbox, Sink
from copilot.ports import Clock
from copilot.proposals import Change, Proposal, ProposalState, Receipt, Standing

DIED = "copilot ended while this was being sent"
_HOLD_S = 120.0  # as long as another process may need to send it
_SHORT_S = 10.0
_CARRIED = ("create", "comment")  # these carry the key, so that the sink can tell
TO_SEND = (ProposalState.APPROVED, ProposalState.SENDING, ProposalState.RETRYING)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where a proposal stands after it, and in how many seconds it is to be tried again."""

    standing: Standing
    again_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """``sink_for`` builds a sink by its name; ``step`` is told what was done last.

    ``attempts``: tries of what fails for now, before it is a dead letter.
    """

    outbox: Outbox
    sink_for: Callable[[str], Sink]
    policy: Callable[[], Policy]
    accounts: Accounts
    clock: Clock
    attempts: int
    jitter: Callable[[], float] = random.random
    step: Callable[[str], None] = lambda done: None

    def attempt(self, proposal_id: str, *, now: bool = False) -> Attempt:
        """One try, where it is due, or ``now``. Raises StorageError, ConfigError, and no other.

        What the sink says against it is in the standing.
        """
        with self.outbox.hold(proposal_id, wait_s=_HOLD_S) as held:
            standing = held.standing
            if standing.state not in TO_SEND:
                return Attempt(standing)
            sink = self.sink_for(standing.proposal.sink)
            standing = self._by_this_clock(held)
            if standing.state is ProposalState.SENDING and not standing.error:
                standing = self._found_dead(held, sink)
            wait = self._until_due(standing, sink, now=now)
            if wait > 0:
                return Attempt(standing, wait)
            sent = self._looked_up(held, sink)
            if sent is not None:
                return sent
            why_not = not_agreed(standing, self.policy(), target=sink.target)
            if why_not:
                error, hint = why_not, f"copilot actions show {proposal_id[:12]}"
                waiting = ProposalState.WAITING
                return Attempt(held.note(Change(self.clock.now(), waiting, error=error, hint=hint)))
            return self._called(held, sink)

    def _by_this_clock(self, held: HeldProposal) -> Standing:
        """Where the clock was set back, what is waited for is as far away as when it was noted."""
        standing, at = held.standing, self.clock.now()
        ahead = (standing.changed_at or at) - at
        if ahead <= timedelta():
            return standing
        change = Change(
            at,
            standing.state,
            error=standing.error,
            hint=standing.hint,
            not_before=standing.not_before and standing.not_before - ahead,
            called_at=standing.called_at and standing.called_at - ahead,
        )
        return held.note(change)

    def _found_dead(self, held: HeldProposal, sink: Sink) -> Standing:
        """Its last sender died. What was under way may arrive yet: the sink has its time from now.

        Without the note each process that looks would wait anew.
        """
        at = self.clock.now()
        due = at + timedelta(seconds=sink.settles_s)
        change = Change(at, ProposalState.SENDING, error=DIED, not_before=due, called_at=at)
        return held.note(change)

    def _until_due(self, standing: Standing, sink: Sink, *, now: bool) -> float:
        """Seconds. Nobody can hurry a look for what the sink doesn't show yet."""
        at = self.clock.now()
        waits = [0.0]
        if standing.not_before is not None and not now:
            waits.append((standing.not_before - at).total_seconds())
        if _in_doubt(standing) and standing.called_at is not None:
            settled = standing.called_at + timedelta(seconds=sink.settles_s)
            waits.append((settled - at).total_seconds())
        return max(waits)

    def _looked_up(self, held: HeldProposal, sink: Sink) -> Attempt | None:
        """What the sink has of it already; None where it has nothing, and it is to be sent."""
        proposal = held.standing.proposal
        write = proposal.write
        if not _in_doubt(held.standing) or write.operation not in _CARRIED:
            return None
        try:
            entry = sink.find(write.kind, write.key)
        except CopilotError as error:
            return self._failed(held, error, sink, in_doubt=True)
        self.step("looked up")
        if entry is None:
            return None
        return self._done(held, Receipt(entry.external_id, entry.url, replayed=True), 0.0)

    def _called(self, held: HeldProposal, sink: Sink) -> Attempt:
        proposal = held.standing.proposal
        in_doubt = _in_doubt(held.standing)
        at = self.clock.now()
        tries = held.standing.attempts + 1
        held.note(Change(at, ProposalState.SENDING, attempts=tries, called_at=at))
        self.step("noted sending")
        begun = self.clock.monotonic()
        try:
            receipt = sink.write(proposal.write)
        except CopilotError as error:
            if in_doubt and isinstance(error, NotFoundError) and _takes_away(proposal):
                receipt = Receipt(proposal.write.external_id, replayed=True)
            else:
                took = 1000 * (self.clock.monotonic() - begun)
                self.accounts.failed(proposal, error, latency_ms=took)
                in_doubt = isinstance(error, SinkUnknownError)
                return self._failed(held, error, sink, in_doubt=in_doubt)
        self.step("written")
        if in_doubt and not receipt.before and proposal.write.operation == "update":
            # The call before had changed it already: what it was before stands in the proposal.
            before = {one.field: one.before for one in proposal.changes}
            receipt = replace(receipt, before=before)
        return self._done(held, receipt, 1000 * (self.clock.monotonic() - begun))

    def _done(self, held: HeldProposal, receipt: Receipt, latency_ms: float) -> Attempt:
        proposal = held.standing.proposal
        problem: StorageError | None = None
        try:
            self.accounts.sent(proposal, receipt, latency_ms=latency_ms)
        except StorageError as error:
            problem = error
        self.step("told")
        try:
            standing = held.note(Change(self.clock.now(), ProposalState.SENT, receipt=receipt))
        except StorageError as error:
            there = f"{proposal.sink} has it, {receipt.external_id}"
            raise StorageError(
                f"{there}, which could not be written down: {error.message}",
                hint=f"{error.hint}; then copilot actions retry {proposal.id[:12]}".lstrip("; "),
            ) from error
        self.step("noted sent")
        if proposal.undoes:
            self.mark_undone(proposal.undoes)
        if problem is not None:
            raise problem
        return Attempt(standing)

    def revive(self, proposal_id: str) -> Standing:
        """A dead letter is to be sent again."""
        with self.outbox.hold(proposal_id, wait_s=_SHORT_S) as held:
            if held.standing.state is not ProposalState.DEAD:
                return held.standing
            return held.note(Change(self.clock.now(), ProposalState.APPROVED, attempts=0))

    def mark_undone(self, proposal_id: str) -> None:
        """An undo of it was sent."""
        with self.outbox.hold(proposal_id, wait_s=_SHORT_S) as held:
            if held.standing.state is ProposalState.SENT:
                held.note(Change(self.clock.now(), ProposalState.UNDONE))

    def _failed(
        self, held: HeldProposal, error: CopilotError, sink: Sink, *, in_doubt: bool
    ) -> Attempt:
        at = self.clock.now()
        standing = held.standing
        tries = max(standing.attempts, 1)
        wait = self._pause(error, tries) if error.retryable and tries < self.attempts else None
        called_at: datetime | None = at if isinstance(error, SinkUnknownError) else None
        if wait is not None and called_at is not None:
            wait = max(wait, sink.settles_s)
        if wait is None:
            hint = error.hint or f"copilot actions retry {standing.proposal.id[:12]}"
            change = Change(
                at, ProposalState.DEAD, error=error.message, hint=hint, called_at=called_at
            )
            return Attempt(held.note(change))
        change = Change(
            at,
            ProposalState.SENDING if in_doubt else ProposalState.RETRYING,
            # A look that failed is a try too; a call has been counted before it was made.
            attempts=tries if called_at or not in_doubt else tries + 1,
            error=error.message,
            hint=error.hint,
            not_before=at + timedelta(seconds=wait),
            called_at=called_at,
        )
        return Attempt(held.note(change), wait)

    def _pause(self, error: CopilotError, tries: int) -> float:
        """As long as the sink asks for, were it an hour; whoever waits decides how long."""
        asked = error.retry_after if isinstance(error, SinkUnavailableError) else None
        if asked is not None and asked > LONGEST_S:
            return asked
        pause = delay_s(tries, asked=asked, jitter=self.jitter())
        return LONGEST_S if pause is None else pause


def _in_doubt(standing: Standing) -> bool:
    """Whether the sink may have it: RETRYING alone says that it hasn't."""
    return standing.called_at is not None and standing.state is not ProposalState.RETRYING


def _takes_away(proposal: Proposal) -> bool:
    return proposal.write.operation in ("delete", "close")
