"""Asks whoever must agree to a proposal, and writes down what they said.

Invariant: what is asked is what the policy says at that moment; an answer counts for exactly the
proposal that it was given on, and once it stands in the audit trail. What was edited is asked for
anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from copilot.actions.accounting import Accounts
from copilot.actions.deciding import by_policy, missing, more_persons, persons
from copilot.actions.editing import edited_fields, refuse
from copilot.actions.identity import digest_of, look_of
from copilot.actions.policy import Policy, Verdict, evaluate
from copilot.actions.proposing import Proposer, nothing_to_do
from copilot.codec import to_plain
from copilot.errors import UsageError
from copilot.extracted import FieldError, Json
from copilot.handoff import Approver, Outbox, Sink
from copilot.ports import Clock
from copilot.proposals import (
    Change,
    Decision,
    Proposal,
    ProposalState,
    Standing,
)

Check = Callable[[Mapping[str, Json]], Sequence[FieldError]]
_HOLD_S = 10.0
_OUT = (ProposalState.SENT, ProposalState.SENDING, ProposalState.UNDONE)


@dataclass(frozen=True, slots=True)
class Decider:
    """``step`` is told what was done last."""

    outbox: Outbox
    sink_for: Callable[[str], Sink]
    policy: Callable[[], Policy]
    proposer: Proposer
    accounts: Accounts
    clock: Clock
    step: Callable[[str], None] = lambda done: None

    async def decide(
        self, standing: Standing, approver: Approver | None, check: Check | None
    ) -> Standing:
        while True:
            proposal = standing.proposal
            verdict = evaluate(await asyncio.to_thread(self.policy), proposal)
            left = missing(verdict, standing)
            if left is None:
                if by_policy(standing):
                    return standing
                denied = self._ruled("rejected", proposal, verdict)
                return await asyncio.to_thread(self.rejected, proposal.id, denied)
            if left == 0:
                allowed = self._ruled("approved", proposal, verdict)
                return await asyncio.to_thread(self._approved, proposal.id, allowed, verdict)
            if approver is None or self._has_agreed(standing):
                return await asyncio.to_thread(self._asked, standing)
            renewed = await asyncio.to_thread(self.fresh, standing)
            if renewed.state is ProposalState.SENT:
                return renewed
            if renewed.proposal.write != proposal.write:
                standing = renewed  # another write: the rules may say something else of it
                continue
            proposal = renewed.proposal
            answer = await approver.decide(proposal, rule=verdict.reason or verdict.rule)
            if answer is None:
                return await asyncio.to_thread(self._asked, standing)
            if isinstance(answer, Proposal):
                standing = await asyncio.to_thread(self._edited, proposal, answer, check)
                continue
            answer = replace(answer, by="person", rule=verdict.rule)
            if answer.verdict == "rejected":
                return await asyncio.to_thread(self.rejected, proposal.id, answer)
            standing = await asyncio.to_thread(self._approved, proposal.id, answer, verdict)
            if standing.state is not ProposalState.WAITING:
                return standing

    def fresh(self, standing: Standing) -> Standing:
        """As it would be proposed now: it may have waited for days, beside others on its issue."""
        proposal = standing.proposal
        renewed = self.proposer.renewed(proposal, self.sink_for(proposal.sink))
        if to_plain(renewed) == to_plain(proposal):  # the disk knows lists, not tuples
            return standing
        with self.outbox.hold(proposal.id, wait_s=_HOLD_S) as held:
            if held.standing != standing:
                return held.standing
            noted = held.note(Change(self.clock.now(), standing.state, proposal=renewed))
        return self.proposer.as_it_is(noted) if nothing_to_do(renewed) else noted

    def _has_agreed(self, standing: Standing) -> bool:
        return self.accounts.principal in persons(standing.proposal, standing.decisions)

    def _asked(self, standing: Standing) -> Standing:
        """It waits for a person: also what the policy denied until now, and asks for at last."""
        if standing.state is ProposalState.WAITING:
            return standing
        with self.outbox.hold(standing.proposal.id, wait_s=_HOLD_S) as held:
            if not by_policy(held.standing):
                return held.standing
            return held.note(Change(self.clock.now(), ProposalState.WAITING))

    def _approved(self, proposal_id: str, decision: Decision, verdict: Verdict) -> Standing:
        """One more yes; approved when that is enough."""
        with self.outbox.hold(proposal_id, wait_s=_HOLD_S) as held:
            standing = held.standing
            if standing.state is not ProposalState.WAITING and not by_policy(standing):
                return standing  # another process was faster
            if decision.digest != digest_of(standing.proposal):
                raise UsageError(
                    f"{proposal_id[:12]} was changed in the meantime",
                    hint=f"copilot actions show {proposal_id[:12]}",
                )
            self.accounts.decided(standing.proposal, decision)
            self.step("decided")
            agreed = persons(standing.proposal, (*standing.decisions, decision))
            left = 0 if decision.by == "policy" else (verdict.persons or 0) - len(agreed)
            state = ProposalState.WAITING if left > 0 else ProposalState.APPROVED
            error = more_persons(left, verdict) if left > 0 else ""
            return held.note(Change(self.clock.now(), state, decision=decision, error=error))

    def rejected(self, proposal_id: str, decision: Decision) -> Standing:
        with self.outbox.hold(proposal_id, wait_s=_HOLD_S) as held:
            state = held.standing.state
            if decision.by == "policy" and state is not ProposalState.WAITING:
                return held.standing
            if state in _OUT:
                raise UsageError(f"{proposal_id[:12]} is {state}: it is too late to reject it")
            self.accounts.decided(held.standing.proposal, decision)
            change = Change(self.clock.now(), ProposalState.REJECTED, decision=decision)
            return held.note(change)

    def _edited(self, before: Proposal, answer: Proposal, check: Check | None) -> Standing:
        """The proposal with the edited record; only the record of ``answer`` counts."""
        refuse(check(answer.record) if check is not None else ())
        fields, names = edited_fields(
            before.fields, answer.record, text=before.source_text, start=before.source_start
        )
        with self.outbox.hold(before.id, wait_s=_HOLD_S) as held:
            state = held.standing.state
            if held.standing.proposal != before or state is not ProposalState.WAITING:
                raise UsageError(f"{before.id[:12]} was changed in the meantime")
            if not names:
                return held.standing
            sink = self.sink_for(before.sink)
            after = self.proposer.revised(before, answer.record, fields, sink)
            decision = self.said("edited", after)
            self.accounts.decided(after, decision)
            self.accounts.corrected(after, names)
            return held.note(
                Change(self.clock.now(), ProposalState.WAITING, proposal=after, decision=decision)
            )

    def said(
        self,
        verdict: Literal["approved", "edited", "rejected"],
        proposal: Proposal,
        *,
        reason: str = "",
    ) -> Decision:
        """The decision of the person at work."""
        return Decision(
            verdict=verdict,
            by="person",
            principal=self.accounts.principal,
            at=self.clock.now(),
            digest=digest_of(proposal),
            reason=reason,
        )

    def _ruled(
        self, verdict: Literal["approved", "rejected"], proposal: Proposal, ruled: Verdict
    ) -> Decision:
        return Decision(
            verdict=verdict,
            by="policy",
            principal=self.accounts.principal,
            at=self.clock.now(),
            digest=digest_of(proposal),
            rule=ruled.rule,
            reason=ruled.reason,
        )


@dataclass(frozen=True, slots=True)
class Consent:
    """Says yes as this principal, to what has this digest: who names a proposal has been asked."""

    principal: str
    digest: str
    clock: Clock
    reason: str

    async def decide(self, proposal: Proposal, *, rule: str) -> Decision | None:
        if digest_of(proposal) != self.digest:
            return None
        return Decision(
            verdict="approved",
            by="person",
            principal=self.principal,
            at=self.clock.now(),
            digest=self.digest,
            reason=self.reason,
        )


@dataclass
class Correction:
    """Gives the record that a person made of what they saw, then agrees to what becomes of that.

    What they saw has this ``look``. Not to what is to be written elsewhere than they saw.
    """

    principal: str
    look: str
    record: Mapping[str, Json]
    clock: Clock
    reason: str
    _seen: Proposal | None = None

    async def decide(self, proposal: Proposal, *, rule: str) -> Decision | Proposal | None:
        if self._seen is None:
            if look_of(proposal) != self.look:
                return None
            self._seen = proposal
            return replace(proposal, record=self.record)
        if _place(proposal) != _place(self._seen):
            return None
        if to_plain(proposal.record) != to_plain(self.record):
            return None
        return Decision(
            verdict="approved",
            by="person",
            principal=self.principal,
            at=self.clock.now(),
            digest=digest_of(proposal),
            reason=self.reason,
        )


def _place(proposal: Proposal) -> tuple[str, str, str, str]:
    write = proposal.write
    return proposal.target, write.operation, write.kind, write.external_id
