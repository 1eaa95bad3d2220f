"""A person that a system knows already is brought up to date, not entered twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.actions.mapping import material
from copilot.actions.rereading import Reading
from copilot.errors import UsageError
from copilot.extracted import ExtractedRecord, FieldValue, Json
from copilot.proposals import ProposalState, SinkEntry, SinkWrite, Standing
from copilot.testing.memory_sink import MemorySink
from tests.handed import ALLOW, ASK, Asked, World
from tests.proposed import record, source, stated


class Book(MemorySink):
    """Holds contacts, each found by its address."""

    def kind_for(self, schema: str) -> str | None:
        return "contact"

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return {"title": "full_name", "email": "email", "phone": "phone", "note": "@text"}

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        return [
            held.entry
            for held in self.held.values()
            if held.entry.values.get("email") == values.get("email")
        ]

    def _checked(self, write: SinkWrite, *, whole: bool) -> None:
        return


def contact(text: str, **fields: str | None) -> ExtractedRecord:
    stated_fields = {
        name: stated(text, said) if said else FieldValue(None) for name, said in fields.items()
    }
    return record(text, schema="crm_contact", fields=stated_fields)


async def hand(world: World, text: str, one: ExtractedRecord) -> Standing:
    [standing] = await world.of().hand_over([one], source(text), "memory")
    return standing


async def test_what_is_new_of_a_known_person_is_an_update_and_nothing_is_emptied() -> None:
    world = World(ALLOW, sink=Book())
    first = "Grace Hopper, grace@navy.example, +4930123456"
    await hand(
        world,
        first,
        contact(first, full_name="Grace Hopper", email="grace@navy.example", phone="+4930123456"),
    )
    second = "Grace Hopper now has +4930999999. grace@navy.example"
    standing = await hand(
        world,
        second,
        contact(second, full_name=None, email="grace@navy.example", phone="+4930999999"),
    )
    assert standing.proposal.write.operation == "update"
    assert standing.proposal.write.values == {"phone": "+4930999999"}
    [held] = world.memory.held.values()
    assert held.entry.values["title"] == "Grace Hopper"
    assert str(held.entry.values["note"]).startswith("Grace Hopper, grace@navy.example")


async def test_what_is_known_already_is_neither_asked_for_nor_sent() -> None:
    world = World(ASK, sink=Book())
    first = "Grace Hopper, grace@navy.example"
    fields = {"full_name": "Grace Hopper", "email": "grace@navy.example"}
    standing = await hand(world, first, contact(first, **fields))
    await world.of().approve(standing.proposal.id)
    again = await hand(world, f"{first}!", contact(f"{first}!", **fields))
    assert again.state is ProposalState.SENT
    assert again.receipt is not None
    assert again.receipt.external_id == "M-1"
    assert len(world.memory.writes) == 1


@given(
    name=st.text(min_size=1, max_size=60),
    phone=st.text(min_size=1, max_size=40) | st.sampled_from(["@text", "@source", "*", "email"]),
)
def test_what_a_text_says_changes_no_target_no_operation_and_no_other_field(
    name: str, phone: str
) -> None:
    world = World(ASK, sink=Book())
    text = f"{name}\n{phone}\ngrace@navy.example"
    one = contact(text, full_name=name, email="grace@navy.example", phone=phone)
    prepare = world.of().proposer.prepare
    proposal, _ = prepare(one, source(text), world.sink, reading=Reading((one,)))
    assert not isinstance(proposal, Standing)
    assert (proposal.sink, proposal.target) == ("memory", "memory:test")
    write = proposal.write
    assert (write.operation, write.kind, write.external_id) == ("create", "contact", "")
    assert set(write.values) == {"title", "email", "phone", "note"}
    assert write.values["title"] == name
    assert write.values["phone"] == phone
    assert write.values["email"] == "grace@navy.example"


def test_of_a_long_text_the_part_around_the_evidence_stands_in_the_proposal() -> None:
    text = "x" * 50_000 + "Grace Hopper" + "y" * 50_000
    found = material(contact(text, full_name="Grace Hopper"), source(text))
    assert len(found.text) <= 20_000
    assert found.text[50_000 - found.start :].startswith("Grace Hopper")


async def test_who_agrees_sees_what_the_entry_is_now_not_what_it_was_when_it_was_proposed() -> None:
    world = World(ALLOW, sink=Book())
    first = "Grace Hopper, grace@navy.example, +4930123456"
    said = {"full_name": "Grace Hopper", "email": "grace@navy.example"}
    await hand(world, first, contact(first, phone="+4930123456", **said))
    world.rules = ASK
    second = first.replace("123456", "999999")
    waiting = await hand(world, second, contact(second, phone="+4930999999", **said))
    somebody = SinkWrite("update", "contact", {"phone": "+4930777777"}, "x", "M-1")
    world.memory.write(somebody)
    with pytest.raises(UsageError, match="something else in the meantime"):
        await world.of().approve(waiting.proposal.id)
    assert world.memory.held["M-1"].entry.values["phone"] == "+4930777777"
    [change] = world.outbox.get(waiting.proposal.id).proposal.changes
    assert (change.before, change.after) == ("+4930777777", "+4930999999")
    world.memory.write(replace(somebody, values={"phone": "+4930888888"}))
    asked = Asked(["yes"])
    sent = await world.of().settle(waiting.proposal.id, approver=asked)
    assert asked.seen[0][0].changes[0].before == "+4930888888"
    assert sent.state is ProposalState.SENT


async def test_of_two_that_wait_with_the_same_news_the_second_has_nothing_left_to_say() -> None:
    world = World(ASK, sink=Book())
    first = "Grace Hopper, grace@navy.example"
    said = {"full_name": "Grace Hopper", "email": "grace@navy.example"}
    one = await hand(world, first, contact(first, **said))
    two = await hand(world, f"{first}!", contact(f"{first}!", **said))
    assert two.proposal.write.operation == "create"
    await world.of().approve(one.proposal.id)
    asked = Asked(["yes"])
    settled = await world.of().settle(two.proposal.id, approver=asked)
    assert (settled.state, asked.seen) == (ProposalState.SENT, [])
    assert len(world.memory.held) == len(world.memory.writes) == 1
