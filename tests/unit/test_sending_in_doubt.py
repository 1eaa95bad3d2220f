"""What is in doubt: an answer that got lost, a disk that is full, a sink that tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from copilot.config.records import ActionSettings
from copilot.errors import SinkUnavailableError, StorageError, UsageError
from copilot.handoff import HeldProposal
from copilot.proposals import Change, ProposalState, SinkEntry, Standing, without_texts
from copilot.testing.memory_outbox import MemoryOutbox
from copilot.testing.memory_sink import MemorySink
from tests.handed import ALLOW, ASK, DENY, Asked, World
from tests.proposed import record, source

S = ProposalState


async def hand(world: World) -> Standing:
    [standing] = await world.of().hand_over([record()], source(), "memory")
    return standing


class BlindSink(MemorySink):
    """Can't be asked what it has; it takes a key that it knows for the same."""

    def find(self, kind: str, key: str) -> SinkEntry | None:
        return None


async def test_a_sink_that_tells_nothing_is_sent_the_same_key_again_and_has_one_entry() -> None:
    world = World(ALLOW, sink=BlindSink())
    world.memory.lose_next_answer()
    standing = await hand(world)
    assert standing.state is S.SENT
    assert standing.receipt is not None and standing.receipt.replayed
    assert [one.key for one in world.memory.writes] == [standing.proposal.id] * 2
    assert len(world.memory.held) == 1


async def test_a_sink_that_can_not_be_asked_for_now_is_sent_nothing_until_it_can() -> None:
    class DownSink(MemorySink):
        down = True

        def find(self, kind: str, key: str) -> SinkEntry | None:
            if self.down:
                raise SinkUnavailableError("memory is down", retry_after=3600)
            return super().find(kind, key)

    sink = DownSink()
    world = World(ALLOW, sink=sink)
    sink.lose_next_answer()
    standing = await hand(world)
    assert (standing.state, standing.error) == (S.SENDING, "memory is down")
    assert (await world.of().retry(standing.proposal.id)).state is S.SENDING
    assert len(sink.writes) == 1
    sink.down = False
    assert (await world.of().retry(standing.proposal.id)).state is S.SENT
    assert len(sink.writes) == 1


class FullOutbox(MemoryOutbox):
    """A disk that is full as soon as a proposal is to be in ``full_at``."""

    full_at: ProposalState | None = None

    @contextmanager
    def hold(self, proposal_id: str, *, wait_s: float = 0.0) -> Iterator[HeldProposal]:  # type: ignore[override]
        with super().hold(proposal_id, wait_s=wait_s) as held:
            yield FullHeld(held, self.full_at)


class FullHeld:
    def __init__(self, held: HeldProposal, full_at: ProposalState | None) -> None:
        self._held, self._full_at = held, full_at

    @property
    def standing(self) -> Standing:
        return self._held.standing

    def note(self, change: Change) -> Standing:
        if change.state is self._full_at:
            raise StorageError("one.jsonl can't be written: the disk is full.", hint="make room")
        return self._held.note(change)

    def strip(self, bare: Standing) -> None:
        self._held.strip(bare)


@pytest.mark.parametrize("full_at", [S.APPROVED, S.SENDING, S.SENT])
async def test_whenever_the_disk_is_full_it_is_one_entry_once_there_is_room(
    full_at: ProposalState,
) -> None:
    outbox = FullOutbox()
    world = World(ALLOW, outbox=outbox)
    outbox.full_at = full_at
    with pytest.raises(StorageError, match="disk is full") as failed:
        await hand(world)
    there = full_at is S.SENT
    assert len(world.memory.held) == there
    assert ("memory has it, M-1" in failed.value.message) is there
    assert ("copilot actions retry" in failed.value.hint) is there
    assert "make room" in failed.value.hint
    outbox.full_at = None
    assert (await hand(world)).state is S.SENT
    assert len(world.memory.held) == len(world.memory.writes) == 1


async def test_an_undo_whose_end_was_not_written_down_is_ended_by_the_next() -> None:
    outbox = FullOutbox()
    world = World(ALLOW, outbox=outbox)
    sent = await hand(world)
    outbox.full_at = S.UNDONE
    with pytest.raises(StorageError):
        await world.of().undo(sent.proposal.id)
    assert outbox.get(sent.proposal.id).state is S.SENT
    outbox.full_at = None
    await world.of().undo(sent.proposal.id)
    assert outbox.get(sent.proposal.id).state is S.UNDONE
    assert [one.operation for one in world.memory.writes] == ["create", "close"]


async def test_a_lost_answer_to_a_dead_letter_is_looked_for_when_it_is_tried_again() -> None:
    world = World(ALLOW, settings=ActionSettings(attempts=1))
    world.memory.lose_next_answer()
    dead = await hand(world)
    assert dead.state is S.DEAD
    assert (await world.of().retry(dead.proposal.id)).state is S.SENT
    assert len(world.memory.writes) == 1


async def test_what_may_be_there_can_not_be_filed_by_another_reading_either() -> None:
    world = World(ASK, sink=MemorySink(settles_s=600.0))
    world.memory.lose_next_answer()
    [left] = await world.of().hand_over([record()], source(), "memory", approver=Asked(["yes"]))
    assert left.state is S.SENDING
    better = record(fields={**record().fields, "severity": record().fields["product"]})
    [found] = await world.of().hand_over([better], source(), "memory", approver=Asked(["yes"]))
    assert found.proposal.id == left.proposal.id
    assert len(world.memory.writes) == 1


def strip(world: World, standing: Standing) -> None:
    with world.outbox.hold(standing.proposal.id) as held:
        held.strip(without_texts(held.standing, named=lambda name: name))


async def test_what_was_denied_and_lost_its_texts_is_sent_whole_once_the_rules_allow_it() -> None:
    world = World(DENY)
    denied = await hand(world)
    strip(world, denied)
    world.rules = ALLOW
    with pytest.raises(UsageError, match="texts were deleted"):
        await world.of().approve(denied.proposal.id)
    sent = await hand(world)
    assert (sent.state, sent.proposal.id) == (S.SENT, denied.proposal.id)
    assert world.memory.held["M-1"].entry.title == "export to CSV fails"


async def test_a_dead_letter_without_its_texts_is_sent_only_by_who_brings_them() -> None:
    world = World(ALLOW, settings=ActionSettings(attempts=1))
    world.memory.lose_next_answer()
    dead = await hand(world)
    strip(world, dead)
    with pytest.raises(UsageError, match="texts were deleted"):
        await world.of().retry(dead.proposal.id)
    assert world.outbox.get(dead.proposal.id).state is S.DEAD
    assert (await hand(world)).state is S.SENT
    assert len(world.memory.writes) == 1  # it had arrived after all


async def test_what_a_person_rejected_stays_so_without_its_texts() -> None:
    world = World(ASK)
    [rejected] = await world.of().hand_over([record()], source(), "memory", approver=Asked(["no"]))
    strip(world, rejected)
    assert (await hand(world)).state is S.REJECTED
    assert world.outbox.get(rejected.proposal.id).proposal.record == {}
