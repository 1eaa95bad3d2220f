"""A record that a person edits and agrees to in one word: sent as they saw it, or not at all."""

from __future__ import annotations

import pytest

from copilot.actions.identity import look_of
from copilot.errors import DeniedError, UsageError
from copilot.extracted import FieldError, FieldValue, Json
from copilot.proposals import ProposalState, Standing
from tests.handed import ALLOW, ASK, DENY, TWO, World
from tests.proposed import record, source, stated

S = ProposalState
OTHER = "import of PDF hangs, it is normal. grace@navy.example E-1042"


async def waiting(world: World) -> Standing:
    fields = {
        "title": stated(OTHER, "import of PDF hangs"),
        "severity": stated(OTHER, "normal"),
        "requester_email": stated(OTHER, "grace@navy.example"),
        "error_code": stated(OTHER, "E-1042"),
        "product": FieldValue(None),
    }
    one = record(OTHER, fields=fields)
    [standing] = await world.of().hand_over([one], source(OTHER), "memory")
    assert standing.state is S.WAITING
    return standing


async def correct(world: World, standing: Standing, *, look: str = "", **values: Json) -> Standing:
    changed = {**standing.proposal.record, **values}
    return await world.of().correct(
        standing.proposal.id,
        changed,
        lambda given: (),
        look=look or look_of(standing.proposal),
        reason="seen",
    )


async def test_it_is_edited_agreed_to_and_sent() -> None:
    world = World(ASK)
    sent = await correct(world, await waiting(world), title="PDF import hangs")
    assert sent.state is S.SENT
    assert [(one.verdict, one.reason) for one in sent.decisions] == [
        ("edited", ""),
        ("approved", "seen"),
    ]
    assert world.memory.held["M-1"].entry.title == "PDF import hangs"
    assert world.audited() == ["action.edit", "action.approve", "action.send"]


async def test_where_the_edit_makes_it_another_write_it_waits_to_be_looked_at() -> None:
    world = World(ALLOW)
    [known] = await world.of().hand_over([record()], source(), "memory")
    assert known.state is S.SENT
    world.rules = ASK
    standing = await waiting(world)
    assert standing.proposal.write.operation == "create"
    left = await correct(world, standing, title="export to CSV fails")
    assert left.state is S.WAITING
    assert (left.proposal.write.operation, left.proposal.write.external_id) == ("comment", "M-1")
    assert [one.verdict for one in left.decisions] == ["edited"]
    assert len(world.memory.writes) == 1
    look = look_of(left.proposal)
    assert (await world.of().approve(standing.proposal.id, look=look)).state is S.SENT


async def test_it_is_not_sent_where_it_is_not_what_was_seen() -> None:
    world = World(ASK)
    standing = await waiting(world)
    with pytest.raises(UsageError, match="nothing was sent"):
        await correct(world, standing, look="another", title="PDF import hangs")
    with pytest.raises(UsageError, match="nothing was sent"):
        await world.of().approve(standing.proposal.id, look="another")
    assert world.outbox.get(standing.proposal.id) == standing
    assert world.memory.writes == []


async def test_what_the_schema_refuses_changes_nothing() -> None:
    world = World(ASK)
    standing = await waiting(world)
    with pytest.raises(UsageError, match="title: is too long"):
        await world.of().correct(
            standing.proposal.id,
            standing.proposal.record,
            lambda given: (FieldError("title", "is too long"),),
            look=look_of(standing.proposal),
        )
    assert world.outbox.get(standing.proposal.id) == standing


async def test_the_rules_have_their_say_on_what_it_became() -> None:
    world = World(ASK)
    standing = await waiting(world)
    world.rules = TWO
    half = await correct(world, standing, title="PDF import hangs")
    assert half.state is S.WAITING
    assert "1 more person must agree" in half.error
    world.rules = DENY
    with pytest.raises(DeniedError):
        await correct(world, half, title="PDF")
    assert world.memory.writes == []


async def test_what_does_not_wait_is_not_edited() -> None:
    world = World(ASK)
    standing = await waiting(world)
    await world.of().approve(standing.proposal.id)
    with pytest.raises(UsageError, match="nothing to edit"):
        await correct(world, standing, title="PDF import hangs")
    assert len(world.memory.writes) == 1
