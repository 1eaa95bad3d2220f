"""What the core answers about proposals, over real outboxes, sinks and policies."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot.calls import Standing, Stands, inbox
from copilot.errors import DeniedError, NotFoundError, UsageError
from copilot.events import Warned
from copilot.proposals import ProposalState
from copilot.serving.client import Client
from copilot.testing.http_server import HttpReply
from copilot.tui.core import Core
from tests.tui.driving import real_core
from tests.waiting import Box, Receiver

ALLOW = '[[rule]]\nname = "all"\ndecision = "allow"\n'
TWO = '[[rule]]\nname = "two"\ndecision = "two_persons"\n'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def box(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("COPILOT_KEY_HOOK", "a key of some length")
    return Box(tmp_path / "home", receiver=receiver)


@pytest.fixture
def core(box: Box, monkeypatch: pytest.MonkeyPatch) -> Core:
    return real_core(box.home, monkeypatch)


async def shown(core: Core, proposal_id: str) -> inbox.ShownProposal:
    return await core.call(inbox.ShowProposal(proposal_id), inbox.ShownProposal)


async def settled(core: Core, call: inbox.Call) -> inbox.Settled:
    return await core.call(call, inbox.Settled)


async def test_what_waits_comes_first_and_says_what_it_is(core: Core, box: Box) -> None:
    first = (await box.hand("printer is on fire")).proposal.id
    odd = (await box.hand("close all", suspicions=("gives orders",))).proposal.id
    look = (await shown(core, first)).look
    assert (await settled(core, inbox.ApproveProposal(first, look))).ours
    told = await core.call(inbox.ListProposals(), inbox.Proposals)
    assert [(one.id, one.state.value, one.suspicious) for one in told.rows] == [
        (odd, "waiting", True),
        (first, "sent", False),
    ]
    assert (told.rows[1].title, told.rows[1].what, told.rows[1].sink) == (
        "printer is on fire",
        "create ticket",
        "desk",
    )
    (box.home / "outbox" / f"{'a' * 64}.jsonl").write_bytes(b"{}\n")
    damaged = await core.call(inbox.ListProposals(), inbox.Proposals)
    assert [one.id for one in damaged.damaged] == ["a" * 64]
    assert (damaged.total, damaged.counts) == (2, {"waiting": 1, "sent": 1})
    stands = await core.call(Standing(), Stands)
    assert stands.waiting == 1


async def test_a_page_of_a_listing_that_is_gone_begins_a_new_one(core: Core, box: Box) -> None:
    await box.hand()
    first = await core.call(inbox.ListProposals(), inbox.Proposals)
    past = await core.call(inbox.ListProposals(first.listing, 1), inbox.Proposals)
    assert (past.rows, past.total, past.listing) == ((), 1, first.listing)
    anew = await core.call(inbox.ListProposals("another", 1), inbox.Proposals)
    assert len(anew.rows) == 1
    assert anew.listing != first.listing


async def test_a_proposal_has_its_words_in_the_text_and_what_the_policy_says(
    core: Core, box: Box
) -> None:
    told = await shown(core, (await box.hand()).proposal.id)
    text = told.standing.proposal.source_text
    by_name = {one.change.field: one for one in told.changes}
    [words] = by_name["title"].evidence
    assert text[words.start : words.end] == words.quote == "export to CSV fails"
    assert (told.ruled.ruling, told.ruled.rule, told.ruled.missing) == ("ask", "all", 1)
    assert told.may == ("approve", "edit", "reject")
    assert told.standing.proposal.calls
    (box.home / "policy.toml").write_text("[[rule]\n", encoding="utf-8")
    broken = await shown(core, told.standing.proposal.id)
    assert (broken.ruled.ruling, "policy.toml" in broken.ruled.reason) == ("", True)
    with pytest.raises(NotFoundError):
        await shown(core, "f" * 64)


async def test_an_approval_sends_once_and_leaves_the_trail_that_the_command_leaves(
    core: Core, box: Box, receiver: Receiver
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    look = (await shown(core, proposal_id)).look
    done = await settled(core, inbox.ApproveProposal(proposal_id, look, "seen"))
    assert (done.shown.standing.state, done.ours) == (ProposalState.SENT, True)
    assert done.shown.may == ("undo", "again")
    [decision] = done.shown.standing.decisions
    assert (decision.by, decision.reason, decision.principal) == ("person", "seen", "local")
    again = await settled(core, inbox.ApproveProposal(proposal_id, look))
    assert (again.shown.standing.state, again.ours) == (ProposalState.SENT, False)
    assert len(receiver.requests) == 1
    by_command = (await box.hand("it rains", sink="hook")).proposal.id
    handover = box.copilot.delivery.handover(lambda message: None)
    await handover.approve(by_command)
    handover.close()
    trail = box.audited()
    assert trail[:2] == trail[2:] == [("action.approve", "local"), ("action.send", "local")]


async def test_two_who_agree_at_the_same_time_send_it_once(
    box: Box, receiver: Receiver, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    other = real_core(box.home, monkeypatch)
    look = (await shown(core, proposal_id)).look
    call = inbox.ApproveProposal(proposal_id, look)
    both = await asyncio.gather(settled(core, call), settled(other, call))
    assert [one.shown.standing.state for one in both] == [ProposalState.SENT] * 2
    assert len(receiver.requests) == 1
    assert len(box.standing(proposal_id).decisions) == 1


async def test_what_looks_otherwise_than_it_was_seen_is_not_sent(
    core: Core, box: Box, receiver: Receiver
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    before = await shown(core, proposal_id)
    record = {**before.standing.proposal.record, "severity": "low"}
    with pytest.raises(UsageError, match="nothing was sent"):
        await settled(core, inbox.CorrectProposal(proposal_id, "another look", record))
    (box.home / "policy.toml").write_text(TWO, encoding="utf-8")
    edited = await settled(core, inbox.CorrectProposal(proposal_id, before.look, record))
    assert edited.shown.standing.state is ProposalState.WAITING
    with pytest.raises(UsageError, match="nothing was sent"):
        await settled(core, inbox.ApproveProposal(proposal_id, before.look))
    assert receiver.requests == []


async def test_an_edit_is_checked_kept_and_sent_as_it_was_made(
    core: Core, box: Box, receiver: Receiver
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    before = await shown(core, proposal_id)
    record = {**before.standing.proposal.record, "requester_email": 7}
    with pytest.raises(UsageError, match="requester_email"):
        await settled(core, inbox.CorrectProposal(proposal_id, before.look, record))
    record["requester_email"] = "ada@navy.example"
    done = await settled(core, inbox.CorrectProposal(proposal_id, before.look, record))
    assert done.ours
    assert done.shown.standing.state is ProposalState.SENT
    assert [one.verdict for one in done.shown.standing.decisions] == ["edited", "approved"]
    [request] = receiver.requests
    assert request.body["data"]["values"]["requester_email"] == "ada@navy.example"
    actions = [action for action, _ in box.audited()]
    assert actions == ["action.edit", "action.approve", "action.send"]


async def test_a_rejection_has_its_reason_and_what_is_over_is_not_rejected(
    core: Core, box: Box
) -> None:
    proposal_id = (await box.hand()).proposal.id
    done = await settled(core, inbox.RejectProposal(proposal_id, "not ours"))
    assert (done.shown.standing.state, done.ours) == (ProposalState.REJECTED, True)
    assert done.shown.standing.decisions[-1].reason == "not ours"
    assert done.shown.may == ("again",)
    with pytest.raises(UsageError, match="nothing to reject"):
        await settled(core, inbox.RejectProposal(proposal_id))
    assert box.desk() == []


async def test_an_undo_and_one_more_are_only_proposed_whatever_the_rules_allow(
    core: Core, box: Box
) -> None:
    proposal_id = (await box.hand()).proposal.id
    look = (await shown(core, proposal_id)).look
    await settled(core, inbox.ApproveProposal(proposal_id, look))
    (box.home / "policy.toml").write_text(ALLOW, encoding="utf-8")
    undo = (await settled(core, inbox.UndoProposal(proposal_id))).shown
    more = (await settled(core, inbox.RepeatProposal(proposal_id, "2"))).shown
    for one in (undo, more):
        assert one.standing.state is ProposalState.WAITING
    assert (undo.row.what, undo.standing.proposal.undoes) == ("undo: close T-1", proposal_id)
    assert [one.open for one in box.desk()] == [True]
    await settled(core, inbox.ApproveProposal(undo.standing.proposal.id, undo.look))
    assert box.standing(proposal_id).state is ProposalState.UNDONE
    assert [one.open for one in box.desk()] == [False]
    with pytest.raises(UsageError, match="empty"):
        await settled(core, inbox.RepeatProposal(proposal_id, " "))


async def test_what_the_policy_denies_is_not_sent_and_the_rule_is_named(
    core: Core, box: Box
) -> None:
    proposal_id = (await box.hand()).proposal.id
    look = (await shown(core, proposal_id)).look
    (box.home / "policy.toml").write_text(ALLOW.replace("allow", "deny"), encoding="utf-8")
    with pytest.raises(DeniedError, match="all"):
        await settled(core, inbox.ApproveProposal(proposal_id, look))
    assert box.desk() == []


async def test_what_failed_is_tried_again_when_somebody_says_so(
    core: Core, box: Box, receiver: Receiver
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    look = (await shown(core, proposal_id)).look
    receiver.fail_write(HttpReply(400, {"error": "no such project"}))
    failed = (await settled(core, inbox.ApproveProposal(proposal_id, look))).shown
    assert (failed.standing.state, failed.may) == (ProposalState.DEAD, ("reject", "retry"))
    done = (await settled(core, inbox.RetryProposal(proposal_id))).shown
    assert done.standing.state is ProposalState.SENT
    assert list(receiver.taken) == [proposal_id]


async def test_who_leaves_stops_what_would_be_tried_again_and_nothing_is_lost(
    core: Core, box: Box, receiver: Receiver
) -> None:
    proposal_id = (await box.hand(sink="hook")).proposal.id
    look = (await shown(core, proposal_id)).look
    receiver.fail_write(HttpReply(429, {"error": "busy"}, {"Retry-After": "15"}))
    told = []
    async with aclosing(core.stream(inbox.ApproveProposal(proposal_id, look))) as steps:
        async for step in steps:
            told.append(step)
            break
    [warned] = told
    assert isinstance(warned, Warned)
    assert "tried again in 1" in warned.message
    assert box.standing(proposal_id).state is ProposalState.RETRYING
    assert receiver.taken == {}
    done = (await settled(core, inbox.RetryProposal(proposal_id))).shown
    assert done.standing.state is ProposalState.SENT
    assert list(receiver.taken) == [proposal_id]


@pytest.fixture
async def process(box: Box) -> AsyncIterator[Core]:
    client = Client(env={**os.environ, "COPILOT_HOME": str(box.home)})
    yield client
    await client.stop()


async def test_it_is_the_same_from_a_core_in_a_process_of_its_own(process: Core, box: Box) -> None:
    proposal_id = (await box.hand()).proposal.id
    told = await process.call(inbox.ListProposals(), inbox.Proposals)
    assert [one.id for one in told.rows] == [proposal_id]
    look = (await shown(process, proposal_id)).look
    done = await settled(process, inbox.ApproveProposal(proposal_id, look))
    assert done.shown.standing.state is ProposalState.SENT
    assert [one.external_id for one in box.desk()] == ["T-1"]
