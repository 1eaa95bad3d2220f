"""Records to sinks: propose, decide, send, undo.

Invariant: what comes back is where each proposal stands on the disk. Questions go to the approver
that is passed in; without one a proposal that needs a person waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from copilot.actions.accounting import Accounts
from copilot.actions.asking import Check, Consent, Correction, Decider
from copilot.actions.deciding import by_policy
from copilot.actions.editing import refuse
from copilot.actions.identity import digest_of, look_of
from copilot.actions.policy import Policy, Verdict, evaluate
from copilot.actions.proposing import Proposer
from copilot.actions.rereading import Reading
from copilot.actions.sending import TO_SEND, Sender
from copilot.actions.undoing import undo_of
from copilot.backoff import LONGEST_S
from copilot.config.records import ActionSettings
from copilot.errors import DeniedError, ExitCode, UsageError
from copilot.extracted import ExtractedRecord, Json, SourceText
from copilot.handoff import Approver, Outbox, Sink
from copilot.messages import Principal
from copilot.ports import AuditTrail, Clock, RunWriter
from copilot.proposals import Proposal, ProposalState, Standing, lost_its_texts

_PATIENCE_S = 300.0
_FILED = (ProposalState.SENT, ProposalState.UNDONE, ProposalState.REJECTED)
_OUT = (ProposalState.SENT, ProposalState.SENDING, ProposalState.UNDONE)


@dataclass(frozen=True)
class Handover:
    """The use case. ``policy`` reads the rules anew; ``warn`` is told what is no failure."""

    outbox: Outbox
    sink_for: Callable[[str], Sink]
    policy: Callable[[], Policy]
    settings: ActionSettings
    principal: Principal
    audit: AuditTrail
    writer: RunWriter | None
    clock: Clock
    warn: Callable[[str], None] = lambda message: None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    step: Callable[[str], None] = field(default=lambda done: None)

    async def hand_over(
        self,
        records: Iterable[ExtractedRecord],
        source: SourceText,
        sink: str,
        *,
        approver: Approver | None = None,
        check: Check | None = None,
        run_id: str = "",
        only: Collection[int] | None = None,
    ) -> list[Standing]:
        """Propose each record of this text to ``sink``, and send what may be sent.

        ``check`` is the schema's, for what a person edits. ``only``: those of these ordinals; the
        others tell them apart. Raises UsageError for an invalid record or one that the sink doesn't
        take, SinkError when the sink refuses us, StorageError, ConfigError.
        """
        there = await asyncio.to_thread(self.sink_for, sink)
        reading = Reading(tuple(records))
        propose = partial(self.proposer.propose, reading=reading, warn=self.warn, run_id=run_id)
        found: list[Standing] = []
        for record in _meant(reading, only):
            standing = await asyncio.to_thread(propose, record, source, there)
            self.step("proposed")
            await asyncio.to_thread(self._tell_corrected, record, standing)
            found.append(await self.settle(standing.proposal.id, approver=approver, check=check))
        return found

    def _tell_corrected(self, record: ExtractedRecord, standing: Standing) -> None:
        """What a person changed before it was proposed is feedback on the reading, too."""
        names = [name for name, one in record.fields.items() if one.read_by == "person"]
        if names and standing.state is ProposalState.WAITING and not standing.decisions:
            self.accounts.corrected(standing.proposal, names)

    async def preview(
        self,
        records: Iterable[ExtractedRecord],
        source: SourceText,
        sink: str,
        *,
        only: Collection[int] | None = None,
    ) -> list[tuple[Proposal | Standing, Verdict]]:
        """What would be proposed or stands there already, and what the policy says of it.

        Keeps and sends nothing.
        """
        there = await asyncio.to_thread(self.sink_for, sink)
        policy = self.policy()
        reading = Reading(tuple(records))
        prepare = partial(self.proposer.prepare, reading=reading, warn=self.warn)
        found: list[tuple[Proposal | Standing, Verdict]] = []
        for record in _meant(reading, only):
            one, _ = await asyncio.to_thread(prepare, record, source, there)
            if isinstance(one, Standing):
                reading.took(one)
            proposal = one.proposal if isinstance(one, Standing) else one
            found.append((one, evaluate(policy, proposal)))
        return found

    async def settle(
        self,
        proposal_id: str,
        *,
        approver: Approver | None = None,
        check: Check | None = None,
        now: bool = False,
    ) -> Standing:
        """Decide, ask where a person must, and send: as far as it goes now."""
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        if standing.state is ProposalState.WAITING or by_policy(standing):
            standing = await self.decider.decide(standing, approver, check)
        return await self.deliver(standing, now=now)

    async def deliver(self, standing: Standing, *, now: bool = False) -> Standing:
        """Send what is approved, ``now`` if it may be; waits for a retry that is due in seconds."""
        patient = now  # who asks for it wants to know: what is in doubt is waited for longer
        while standing.state in TO_SEND:
            attempt = partial(self.sender.attempt, standing.proposal.id, now=now)
            tried = await asyncio.to_thread(attempt)
            standing, now, wait = tried.standing, False, tried.again_in_s
            in_doubt = standing.state is ProposalState.SENDING
            if wait is None or wait > (_PATIENCE_S if patient and in_doubt else LONGEST_S):
                break
            if wait > LONGEST_S:
                short, sink = standing.proposal.id[:12], standing.proposal.sink
                self.warn(f"{short}: in {wait:.0f} s {sink} surely shows whether it has it")
            await self.sleep(wait)
        return standing

    async def approve(self, proposal_id: str, *, reason: str = "", look: str = "") -> Standing:
        """Say yes as the configured principal, and send. DeniedError where the policy denies it.

        UsageError where it isn't what has this ``look`` any more (by default what stands in the
        outbox): somebody has changed it, or the entry. It is to be looked at anew.
        """
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        over = (ProposalState.DEAD, ProposalState.REJECTED, ProposalState.UNDONE)
        if standing.state in over and not by_policy(standing):
            raise _not_now(standing, "approve")
        _refuse_without_texts(standing)
        fresh = await self._fresh(standing, look)
        yes = Consent(self.principal.name, digest_of(fresh), self.clock, reason)
        return _unless_denied(await self.settle(standing.proposal.id, approver=yes))

    async def correct(
        self,
        proposal_id: str,
        record: Mapping[str, Json],
        check: Check,
        *,
        look: str,
        reason: str = "",
    ) -> Standing:
        """Put the edited ``record`` in its place, say yes to that, and send, as ``approve`` does.

        UsageError for a record that isn't valid, or where it isn't what has this ``look`` any more.
        """
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        if standing.state is not ProposalState.WAITING:
            raise _not_now(standing, "edit")
        _refuse_without_texts(standing)
        refuse(check(record))
        await self._fresh(standing, look)
        edit = Correction(self.principal.name, look, record, self.clock, reason)
        return _unless_denied(await self.settle(standing.proposal.id, approver=edit, check=check))

    async def _fresh(self, standing: Standing, look: str) -> Proposal:
        """As it would be proposed now, if that is what has this ``look``."""
        fresh = standing
        if standing.state is ProposalState.WAITING:
            fresh = await asyncio.to_thread(self.decider.fresh, standing)
        waits = fresh.state is ProposalState.WAITING or by_policy(fresh)
        if waits and look_of(fresh.proposal) != (look or look_of(standing.proposal)):
            short = fresh.proposal.id[:12]
            raise UsageError(
                f"{short}: the sink holds something else in the meantime; nothing was sent",
                hint=f"copilot actions show {short} has the proposal as it is now",
            )
        return fresh.proposal

    async def reject(self, proposal_id: str, *, reason: str = "") -> Standing:
        """Say no; also of what failed, to have done with it."""
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        if standing.state in (*_OUT, ProposalState.REJECTED):
            raise _not_now(standing, "reject")
        decision = self.decider.said("rejected", standing.proposal, reason=reason)
        return await asyncio.to_thread(self.decider.rejected, standing.proposal.id, decision)

    async def retry(self, proposal_id: str) -> Standing:
        """Send now what failed, a dead letter too, or what nobody is sending any more."""
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        if standing.state is ProposalState.DEAD:
            _refuse_without_texts(standing)
            standing = await asyncio.to_thread(self.sender.revive, standing.proposal.id)
        if standing.state not in TO_SEND:
            raise _not_now(standing, "retry")
        return await self.deliver(standing, now=True)

    async def again(
        self, proposal_id: str, word: str, *, approver: Approver | None = None
    ) -> Standing:
        """Propose the same record anew, beside what became of it: once for each ``word``."""
        standing = await self.propose_again(proposal_id, word)
        return await self.settle(standing.proposal.id, approver=approver)

    async def propose_again(self, proposal_id: str, word: str) -> Standing:
        """The same, and no more than propose."""
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        if standing.state not in _FILED:
            raise _not_now(standing, "file once more")
        there = await asyncio.to_thread(self.sink_for, standing.proposal.sink)
        propose = partial(self.proposer.once_more, word=word, warn=self.warn)
        return await asyncio.to_thread(propose, standing, there)

    async def undo(
        self, proposal_id: str, *, approver: Approver | None = None, again: bool = False
    ) -> Standing:
        """Propose to take it back, and send that as far as it goes. Where the undo stands."""
        undo = await self.propose_undo(proposal_id, again=again)
        undo = await self.settle(undo.proposal.id, approver=approver)
        if undo.state is ProposalState.SENT:  # also where a crash came between the two notes
            await asyncio.to_thread(self.sender.mark_undone, undo.proposal.undoes)
        return undo

    async def propose_undo(self, proposal_id: str, *, again: bool = False) -> Standing:
        """Propose to take it back, and no more. ``again``: also where one was rejected."""
        standing = await asyncio.to_thread(self.outbox.get, proposal_id)
        sink = await asyncio.to_thread(self.sink_for, standing.proposal.sink)
        return await asyncio.to_thread(self._undo_of, standing, sink, again=again)

    def _undo_of(self, standing: Standing, sink: Sink, *, again: bool) -> Standing:
        """The one undo of it; ``again``: another one for each that a person rejected."""
        make = partial(undo_of, standing, sink, principal=self.principal, clock=self.clock)
        undo = self.outbox.propose(make())
        rejected = 0
        while again and undo.state is ProposalState.REJECTED and not by_policy(undo):
            rejected += 1
            undo = self.outbox.propose(make(again=str(rejected)))
        return undo

    def close(self) -> None:
        """Let go of the ledger."""
        if self.writer is not None:
            self.writer.close()

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.audit, self.writer, self.principal.name, self.warn)

    @cached_property
    def proposer(self) -> Proposer:
        return Proposer(self.outbox, self.settings.sinks.get, self.principal, self.clock)

    @cached_property
    def decider(self) -> Decider:
        return Decider(
            outbox=self.outbox,
            sink_for=self.sink_for,
            policy=self.policy,
            proposer=self.proposer,
            accounts=self.accounts,
            clock=self.clock,
            step=self.step,
        )

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            outbox=self.outbox,
            sink_for=self.sink_for,
            policy=self.policy,
            accounts=self.accounts,
            clock=self.clock,
            attempts=self.settings.attempts,
            step=self.step,
        )


def _meant(reading: Reading, only: Collection[int] | None) -> list[ExtractedRecord]:
    return [one for one in reading.records if only is None or one.ordinal in only]


def exit_code(standings: Iterable[Standing]) -> ExitCode:
    """DONE when all was sent; TOOL when a sink failed, else DENIED when something waits or was."""
    states = {one.state for one in standings}
    if states & {ProposalState.DEAD, ProposalState.RETRYING, ProposalState.SENDING}:
        return ExitCode.TOOL
    return ExitCode.DENIED if states - {ProposalState.SENT} else ExitCode.DONE


def _unless_denied(standing: Standing) -> Standing:
    if by_policy(standing):
        last, short = standing.decisions[-1], standing.proposal.id[:12]
        raise DeniedError(
            f"the policy denies {short}: {last.rule}", hint=f"copilot policy explain {short}"
        )
    return standing


def _refuse_without_texts(standing: Standing) -> None:
    if standing.state is not ProposalState.SENT and lost_its_texts(standing.proposal):
        raise UsageError(
            f"{standing.proposal.id[:12]} can't be sent: its texts were deleted",
            hint="hand its source on again: copilot extract … --to " + standing.proposal.sink,
        )


def _not_now(standing: Standing, what: str) -> UsageError:
    short = standing.proposal.id[:12]
    hints = {
        ProposalState.DEAD: f"copilot actions retry {short}",
        ProposalState.WAITING: f"copilot actions approve {short}",
        ProposalState.SENT: f"copilot actions undo {short}",
        ProposalState.SENDING: f"copilot actions retry {short} finds out what became of it",
        ProposalState.REJECTED: f"copilot actions again {short} proposes it anew",
        ProposalState.UNDONE: f"copilot actions again {short} files it anew",
    }
    return UsageError(
        f"{short} is {standing.state}: there is nothing to {what}",
        hint=hints.get(standing.state, f"copilot actions show {short}"),
    )
