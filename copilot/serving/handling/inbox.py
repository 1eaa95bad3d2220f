"""Answers calls about proposals.

Invariant: a decision goes the way that one from the command line goes. Who leaves a call stops
what would be tried again; what was begun is finished and written down first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from copilot.bootstrap import Copilot
from copilot.calls import Call, Reply, inbox
from copilot.errors import CopilotError, StoppedError, UsageError
from copilot.events import Event, Warned
from copilot.proposals import DamagedProposal, Proposal, ProposalState, Standing
from copilot.serving.handling.core import Core, Handler, blocking

if TYPE_CHECKING:
    from copilot.actions.handover import Handover

PAGE = 400
_FIRST = {ProposalState.WAITING: 0, ProposalState.DEAD: 1, ProposalState.RETRYING: 1}
_ON_ITS_WAY = (ProposalState.APPROVED, ProposalState.SENDING)
Act = Callable[["Handover"], Awaitable[Standing]]


@dataclass(frozen=True, slots=True)
class _Listing:
    """What there was at a moment, in order, so that its pages fit together."""

    name: str
    rows: tuple[inbox.ProposalRow, ...]
    counts: Mapping[str, int]
    damaged: tuple[DamagedProposal, ...]


_listings: WeakKeyDictionary[Core, _Listing] = WeakKeyDictionary()
_names = count(1)


async def _list(core: Core, call: inbox.ListProposals) -> AsyncGenerator[Event | Reply]:
    listing, page = _listings.get(core), call.page
    if listing is None or not call.listing or listing.name != call.listing:
        listing, page = await asyncio.to_thread(lambda: _listed(core.ready())), 0
        _listings[core] = listing
    yield inbox.Proposals(
        rows=listing.rows[page * PAGE : (page + 1) * PAGE],
        total=len(listing.rows),
        listing=listing.name,
        counts=listing.counts,
        damaged=() if page else listing.damaged,
    )


def _listed(copilot: Copilot) -> _Listing:
    content = copilot.delivery.outbox.overview()
    rows = [_row(one) for one in content.standings]
    rows.sort(key=lambda one: one.at, reverse=True)
    rows.sort(key=lambda one: _FIRST.get(one.state, 2 if one.state in _ON_ITS_WAY else 3))
    counts = Counter(one.state.value for one in rows)
    return _Listing(str(next(_names)), tuple(rows), counts, content.damaged)


def _row(standing: Standing) -> inbox.ProposalRow:
    from copilot.actions.telling import title_of, what_of

    proposal = standing.proposal
    waits = standing.state is ProposalState.WAITING
    at = proposal.created_at if waits else standing.changed_at or proposal.created_at
    return inbox.ProposalRow(
        id=proposal.id,
        state=standing.state,
        sink=proposal.sink,
        what=what_of(proposal),
        title=title_of(proposal)[:200],
        at=at.isoformat(),
        error=standing.error[:200],
        suspicious=proposal.taint.injection,
    )


def _show(copilot: Copilot, call: inbox.ShowProposal) -> inbox.ShownProposal:
    return _shown(copilot, copilot.delivery.outbox.get(call.id))


def _shown(copilot: Copilot, standing: Standing) -> inbox.ShownProposal:
    from copilot.actions.identity import look_of
    from copilot.actions.telling import acts_on, warnings_of

    proposal = standing.proposal
    return inbox.ShownProposal(
        row=_row(standing),
        standing=standing,
        warnings=tuple(warnings_of(proposal)),
        changes=_changes(proposal),
        ruled=_ruled(copilot, standing),
        may=acts_on(standing),
        look=look_of(proposal),
    )


def _changes(proposal: Proposal) -> tuple[inbox.ShownChange, ...]:
    from copilot.actions.telling import made_of

    found = []
    for change in proposal.changes:
        fields = made_of(proposal, change)
        at = proposal.source_start
        evidence = tuple(
            replace(one.evidence, start=one.evidence.start - at, end=one.evidence.end - at)
            for one in fields
            if one.evidence is not None
        )
        sure = min((one.confidence for one in fields), default=None)
        read_by = ", ".join(dict.fromkeys(one.read_by for one in fields))
        found.append(inbox.ShownChange(change, evidence, sure, read_by))
    return tuple(found)


def _ruled(copilot: Copilot, standing: Standing) -> inbox.Ruled:
    from copilot.actions.deciding import missing
    from copilot.actions.policy import evaluate

    try:
        verdict = evaluate(copilot.delivery.policy(), standing.proposal)
    except CopilotError as error:
        return inbox.Ruled("", "", error.message)
    left = missing(verdict, standing)
    return inbox.Ruled(verdict.ruling, verdict.rule, verdict.reason, left, verdict.passed_over)


# --- deciding -----------------------------------------------------------------------------


def _acting(act_of: Callable[[Core, Any], Act], *, verdict: str = "") -> Handler:
    """The handler of a call that does something to a proposal."""

    async def handle(core: Core, call: Any) -> AsyncGenerator[Event | Reply]:
        deciding = _Deciding(core, call.id, act_of(core, call), verdict)
        async with aclosing(deciding.steps()) as steps:
            async for step in steps:
                yield step

    return handle


def _approve(core: Core, call: inbox.ApproveProposal) -> Act:
    return lambda handover: handover.approve(call.id, reason=call.reason, look=call.look)


def _correct(core: Core, call: inbox.CorrectProposal) -> Act:
    async def act(handover: Handover) -> Standing:
        from copilot.operations.extractors import Extractors

        standing = await asyncio.to_thread(handover.outbox.get, call.id)
        schema = standing.proposal.schema
        check = await asyncio.to_thread(Extractors(core.ready()).check_for, schema)
        if check is None:
            raise UsageError(
                f"it can't be edited: the schema {schema} isn't at hand",
                hint="Reject it, and extract its text anew.",
            )
        return await handover.correct(
            call.id, call.record, check, look=call.look, reason=call.reason
        )

    return act


def _reject(core: Core, call: inbox.RejectProposal) -> Act:
    return lambda handover: handover.reject(call.id, reason=call.reason)


def _retry(core: Core, call: inbox.RetryProposal) -> Act:
    return lambda handover: handover.retry(call.id)


def _undo(core: Core, call: inbox.UndoProposal) -> Act:
    return lambda handover: handover.propose_undo(call.id, again=call.again)


def _repeat(core: Core, call: inbox.RepeatProposal) -> Act:
    word = call.word.strip()
    if not word:
        raise UsageError("the word is empty", hint="Such as 2, or a date.")
    return lambda handover: handover.propose_again(call.id, word)


@dataclass
class _Deciding:
    """One act on one proposal. ``verdict``: what is said with it, if anything is."""

    core: Core
    id: str
    act: Act
    verdict: str = ""
    _told: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    _left: asyncio.Event = field(default_factory=asyncio.Event)

    async def steps(self) -> AsyncGenerator[Event | Reply]:
        """What is worth telling meanwhile, then where it stands."""
        copilot = await asyncio.to_thread(self.core.ready)
        handover = await asyncio.to_thread(lambda: copilot.delivery.handover(self._warn))
        handover = replace(handover, sleep=self._pause)
        acting: asyncio.Future[Standing] | None = None
        try:
            said = await asyncio.to_thread(self._said, handover)
            acting = asyncio.ensure_future(self.act(handover))
            acting.add_done_callback(lambda _: self._told.put_nowait(None))
            while (event := await self._told.get()) is not None:
                yield event
            standing = acting.result()
            shown = await asyncio.to_thread(_shown, copilot, standing)
            yield inbox.Settled(shown, ours=self._counted(standing, said, handover))
        finally:
            self._left.set()
            if acting is not None:
                with suppress(CopilotError):
                    await acting
            await asyncio.to_thread(handover.close)

    def _warn(self, message: str) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._told.put_nowait, Warned(message))

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    async def _pause(self, seconds: float) -> None:
        """Until it is tried again; who has left doesn't wait for that."""
        said = f"it is tried again in {max(1, round(seconds))} s"
        with suppress(CopilotError):
            copilot = self.core.ready()
            standing = await asyncio.to_thread(copilot.delivery.outbox.get, self.id)
            said = f"{standing.error or 'it failed'}; {said}"
        self._warn(said)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._left.wait(), seconds)
        if self._left.is_set():
            raise StoppedError("what was to be tried again waits")

    def _said(self, handover: Handover) -> int:
        standing = handover.outbox.get(self.id)
        return self._by_us(standing, handover)

    def _by_us(self, standing: Standing, handover: Handover) -> int:
        return sum(
            one.verdict == self.verdict and one.by == "person"
            for one in standing.decisions
            if one.principal == handover.principal.name
        )

    def _counted(self, standing: Standing, said: int, handover: Handover) -> bool:
        """Whether one more decision of ours stands there, or none was to be made."""
        return not self.verdict or self._by_us(standing, handover) > said


HANDLERS: Mapping[type[Call], Handler] = {
    inbox.ListProposals: _list,
    inbox.ShowProposal: blocking(_show),
    inbox.ApproveProposal: _acting(_approve, verdict="approved"),
    inbox.CorrectProposal: _acting(_correct, verdict="approved"),
    inbox.RejectProposal: _acting(_reject, verdict="rejected"),
    inbox.RetryProposal: _acting(_retry),
    inbox.UndoProposal: _acting(_undo),
    inbox.RepeatProposal: _acting(_repeat),
}
