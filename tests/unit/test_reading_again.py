"""A text that is read a second time: each record finds what it made before, in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import StorageError
from copilot.extracted import Evidence, ExtractedRecord, FieldValue
from copilot.proposals import DamagedProposal, OutboxContent, ProposalState, Standing
from copilot.testing.memory_outbox import MemoryOutbox
from tests.handed import ALLOW, ASK, Asked, World
from tests.proposed import record, source, stated

S = ProposalState
TITLES = ("export to CSV fails", "login page is blank", "printer 3 is on fire")
LINES = [f"{title}: it is critical, not low, E-10{n}.\n" for n, title in enumerate(TITLES)]
# Said of each of them, in more words than anything that tells them apart.
SENDER = "grace.brewster.murray.hopper@bureau-of-ordnance.reserve.navy.example"
TEXT = "Hi,\n" + "".join(LINES) + f"Grace, {SENDER}\n"


def issue(number: int, ordinal: int, **said: str | None) -> ExtractedRecord:
    """The text's issue of this number; ``said`` are other words of its line for one of its fields.

    Of nothing for a field that is null.
    """
    words = {"title": TITLES[number], "severity": "critical", "error_code": f"E-10{number}", **said}
    start = TEXT.index(LINES[number])
    fields = {"requester_email": stated(TEXT, SENDER)}
    for name, quote in words.items():
        if quote is None:
            fields[name] = FieldValue(None)
        else:
            at = TEXT.index(quote, start)
            fields[name] = FieldValue(quote, Evidence(quote, at, at + len(quote)), 0.9)
    return record(TEXT, fields=fields, ordinal=ordinal)


async def hand(world: World, *records: ExtractedRecord) -> list[Standing]:
    return await world.of().hand_over(records, source(TEXT), "memory")


def entries(world: World) -> dict[str, object]:
    """Severities by title."""
    held = [one.entry.values for one in world.memory.held.values()]
    return {str(values["title"]): values.get("severity") for values in held}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_reading_in_another_order_updates_each_records_own_entry(
    order: Sequence[int],
) -> None:
    world = World(ALLOW)
    await hand(world, *(issue(n, n) for n in range(3)))
    changed = [issue(n, place, severity="low", error_code=None) for place, n in enumerate(order)]
    found = await hand(world, *changed)
    assert [one.proposal.write.operation for one in found] == ["update"] * 3
    assert entries(world) == dict.fromkeys(TITLES, "low")
    assert [one.proposal.write.external_id for one in found] == [f"M-{n + 1}" for n in order]


async def test_a_record_that_an_earlier_reading_missed_is_new_wherever_it_stands() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0), issue(1, 1))
    found = await hand(world, issue(2, 0), issue(0, 1), issue(1, 2, severity="low"))
    assert [one.proposal.write.operation for one in found] == ["create", "create", "update"]
    assert [one.receipt.external_id for one in found if one.receipt] == ["M-3", "M-1", "M-2"]
    assert entries(world) == dict(zip(TITLES, ("critical", "low", "critical"), strict=True))


async def test_a_record_that_takes_a_missing_ones_place_does_not_take_its_entry() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0), issue(1, 1))
    [second, third] = await hand(world, issue(1, 0, severity="low"), issue(2, 1))
    assert second.proposal.write.external_id == "M-2"
    assert third.proposal.write.operation == "create"
    assert entries(world)[TITLES[0]] == "critical"


async def test_a_little_that_is_said_of_another_now_does_not_make_it_that_one() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0), issue(1, 1, error_code=None))
    stray = issue(2, 1)
    fields = {**stray.fields, "error_code": issue(0, 0).fields["error_code"]}
    values = {name: one.value for name, one in fields.items()}
    [_, third] = await hand(world, issue(1, 0), replace(stray, fields=fields, record=values))
    assert third.proposal.write.operation == "create"
    assert entries(world)[TITLES[0]] == "critical"


async def test_an_entry_and_what_changed_it_are_one_and_no_other_record_takes_either() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0))
    await hand(world, issue(0, 0, severity="low"))
    [new, mended] = await hand(world, issue(1, 0), issue(0, 1, severity=None, error_code=None))
    assert new.proposal.write.operation == "create"
    assert new.receipt is not None and new.receipt.external_id == "M-2"
    assert mended.proposal.write.external_id == "M-1"
    assert sorted(entries(world)) == sorted(TITLES[:2])


async def test_two_records_never_stand_for_one_entry_whatever_was_written_to_it_before() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0))
    await hand(world, issue(1, 0))  # took it for the same, being all that was read
    found = await hand(world, issue(0, 0), issue(1, 1))
    assert len({one.receipt.external_id for one in found if one.receipt is not None}) == 2


async def test_what_waits_is_replaced_by_the_same_record_and_its_sibling_goes_on_waiting() -> None:
    world = World(ASK)
    first = await hand(world, issue(0, 0), issue(1, 1))
    [mended] = await hand(world, issue(1, 0, severity="low"))
    states = {one.proposal.id: one.state for one in world.outbox.content().standings}
    assert states == {
        first[0].proposal.id: S.WAITING,
        first[1].proposal.id: S.REJECTED,
        mended.proposal.id: S.WAITING,
    }


async def test_a_text_of_one_record_keeps_its_entry_whatever_else_is_read_from_it() -> None:
    world = World(ALLOW)
    await hand(world, issue(0, 0))
    [found] = await hand(world, issue(1, 0))
    assert (found.proposal.write.operation, found.proposal.write.external_id) == ("update", "M-1")
    [third] = await hand(world, issue(2, 0))  # and an update's entry is the creation's
    assert third.proposal.write.external_id == "M-1"
    assert len(world.memory.held) == 1


@given(st.data())
async def test_whatever_is_read_in_whatever_order_each_record_keeps_its_own_entry(
    data: st.DataObject,
) -> None:
    world = World(ALLOW)
    await hand(world, *(issue(n, n) for n in range(3)))
    severities = st.sampled_from(["critical", "low", None])
    cut = st.sampled_from(["", " fails", " blank", "export to "])
    for _ in range(3):
        chosen = data.draw(st.lists(st.integers(0, 2), unique=True, min_size=1))
        found = await hand(
            world,
            *(
                issue(
                    n,
                    at,
                    severity=data.draw(severities),
                    title=TITLES[n].replace(data.draw(cut), ""),
                )
                for at, n in enumerate(chosen)
            ),
        )
        there = [one.proposal.write.external_id or one.receipt for one in found]
        assert [str(getattr(one, "external_id", one)) for one in there] == [
            f"M-{n + 1}" for n in chosen
        ]
    assert len(world.memory.held) == 3


async def test_what_was_filed_once_more_on_purpose_is_left_alone_by_another_reading() -> None:
    world = World(ALLOW)
    [first] = await hand(world, issue(0, 0))
    more = await world.of().again(first.proposal.id, "retest")
    assert more.receipt is not None and more.receipt.external_id == "M-2"
    [mended] = await hand(world, issue(0, 0, severity="low"))
    assert mended.proposal.write.external_id == "M-1"
    assert [one.entry.values["severity"] for one in world.memory.held.values()] == [
        "low",
        "critical",
    ]


async def test_beside_a_damaged_proposal_of_the_same_text_nothing_new_is_made() -> None:
    class Damaged(MemoryOutbox):
        def content(self, states: object = (), *, source: str = "") -> OutboxContent:
            return OutboxContent(damaged=(DamagedProposal("ab", "ab.jsonl", "ab.jsonl is torn"),))

    world = World(ALLOW, outbox=Damaged())
    with pytest.raises(StorageError, match="torn"):
        await hand(world, issue(0, 0))
    assert world.memory.writes == []


async def test_what_a_person_edited_stays_although_the_order_is_another() -> None:
    world = World(ASK)
    [_, second] = await hand(world, issue(0, 0), issue(1, 1))
    asked = Asked([lambda p: replace(p, record={**p.record, "severity": "low"})])
    edited = await world.of().settle(second.proposal.id, approver=asked)
    [kept, _] = await hand(world, issue(1, 0, error_code=None), issue(0, 1))
    assert kept == edited


async def test_the_records_of_a_first_reading_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*given: object) -> dict[int, str]:
        raise AssertionError

    monkeypatch.setattr("copilot.actions.rereading.paired", never)
    assert len(await hand(World(ASK), *(issue(n, n) for n in range(3)))) == 3
