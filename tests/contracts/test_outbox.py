"""What every outbox promises, on disk or in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.outbox import build_outbox
from copilot.errors import NotFoundError, StorageError, UsageError
from copilot.handoff import Outbox
from copilot.proposals import (
    Change,
    Decision,
    OutboxContent,
    ProposalState,
    Receipt,
    Standing,
    in_brief,
    without_texts,
)
from copilot.testing.memory_outbox import MemoryOutbox
from tests.proposed import NOW, proposal


@pytest.fixture(params=["journals", "memory"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    return build_outbox(tmp_path / "outbox") if request.param == "journals" else MemoryOutbox()


DECISION = Decision("approved", "person", "ada", NOW, "d" * 64, reason="fine \ud83d")
CHANGES = (
    Change(NOW, ProposalState.APPROVED, decision=DECISION),
    Change(NOW, ProposalState.SENDING, attempts=1, called_at=NOW),
    Change(NOW, ProposalState.RETRYING, error="busy", hint="wait", not_before=NOW),
    Change(NOW, ProposalState.SENDING, attempts=2, called_at=NOW + timedelta(seconds=9)),
    Change(
        NOW + timedelta(seconds=10),
        ProposalState.SENT,
        receipt=Receipt("M-1", "https://desk.example/M-1", {"title": "old"}, replayed=True),
    ),
)


def test_a_proposal_comes_back_as_it_was_proposed_and_waits(outbox: Outbox) -> None:
    proposed = proposal()
    expected = Standing(proposed, ProposalState.WAITING, changed_at=proposed.created_at)
    assert outbox.propose(proposed) == expected
    assert outbox.get(proposed.id) == expected
    assert outbox.get(proposed.id[:6].upper()) == expected
    assert outbox.content().standings == (expected,)
    assert outbox.content().damaged == ()


def test_the_same_proposed_again_stays_where_it_stands(outbox: Outbox) -> None:
    first = outbox.propose(proposal())
    with outbox.hold(first.proposal.id) as held:
        rejected = held.note(Change(NOW, ProposalState.REJECTED, decision=DECISION))
    later = replace(proposal(), created_at=NOW + timedelta(days=1), principal="mallory")
    assert outbox.propose(later) == rejected
    assert len(outbox.content().standings) == 1


def test_every_change_is_told_back(outbox: Outbox) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    noted = []
    for change in CHANGES:
        with outbox.hold(proposed.id) as held:
            noted.append(held.note(change))
            assert held.standing == noted[-1]
    assert [one.state for one in noted] == [change.state for change in CHANGES]
    assert noted[2].error == "busy"
    last = outbox.get(proposed.id)
    assert last == noted[-1]
    assert last.decisions == (DECISION,)
    assert last.attempts == 2
    assert last.receipt == CHANGES[-1].receipt
    assert last.error == last.hint == ""
    assert last.not_before is None
    assert last.called_at == NOW + timedelta(seconds=9)
    assert last.changed_at == NOW + timedelta(seconds=10)


def test_an_edited_proposal_takes_the_others_place(outbox: Outbox) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    edited = replace(proposed, record={"title": "CSV export fails"})
    with outbox.hold(proposed.id) as held:
        held.note(Change(NOW, ProposalState.WAITING, proposal=edited))
    assert outbox.get(proposed.id).proposal == edited


def test_proposals_are_told_oldest_first_and_by_state(outbox: Outbox) -> None:
    for day, name in ((3, "c"), (1, "a"), (2, "b")):
        outbox.propose(proposal(name, created_at=NOW + timedelta(days=day), source_name=name))
    outbox.propose(proposal("a2", created_at=NOW + timedelta(days=1), ordinal=1, source_name="a2"))
    names = [one.proposal.source_name for one in outbox.content().standings]
    assert names == ["a", "a2", "b", "c"]
    with outbox.hold(proposal("b").id) as held:
        held.note(Change(NOW, ProposalState.DEAD))
    dead = outbox.content([ProposalState.DEAD, ProposalState.SENT]).standings
    assert [one.proposal.source_name for one in dead] == ["b"]


def test_an_overview_is_all_without_what_is_long(outbox: Outbox) -> None:
    for name in ("a", "b"):
        outbox.propose(proposal(name))
    edited = replace(proposal("a"), record={"title": "CSV export fails"})
    with outbox.hold(edited.id) as held:
        held.note(Change(NOW, ProposalState.WAITING, proposal=edited, decision=DECISION))
    for change in CHANGES:
        with outbox.hold(proposal("b").id) as held:
            held.note(change)
    for _ in range(2):
        for states in ([ProposalState.SENT], [ProposalState.DEAD], []):
            told = tuple(in_brief(one) for one in outbox.content(states).standings)
            assert outbox.overview(states) == OutboxContent(told)
    [first] = [one for one in outbox.overview().standings if one.proposal.id == edited.id]
    assert first.proposal.record == edited.record
    assert (first.proposal.source_text, first.proposal.fields, first.proposal.calls) == ("", {}, ())


def test_proposals_are_found_by_the_text_that_they_were_read_from(outbox: Outbox) -> None:
    trap = {"source_digest": "cd" * 32, "title": 'x", "source_digest": "ef'}
    for name, digest in (("a", "ab" * 32), ("b", "cd" * 32), ("c", "ab" * 32), ("d", "")):
        outbox.propose(proposal(name, source_digest=digest, source_name=name, record=trap))
    for _ in range(2):
        found = outbox.content(source="ab" * 32).standings
        assert {one.proposal.source_name for one in found} == {"a", "c"}
        [found_b] = outbox.content(source="cd" * 32).standings
        assert found_b.proposal.source_name == "b"
    with outbox.hold(proposal("a").id) as held:
        held.note(Change(NOW, ProposalState.DEAD))
    waiting = outbox.content([ProposalState.WAITING], source="ab" * 32).standings
    assert [one.proposal.source_name for one in waiting] == ["c"]
    assert outbox.content(source="ef").standings == ()


def test_a_name_that_no_or_several_proposals_have_is_an_error(outbox: Outbox) -> None:
    for number in range(17):  # of seventeen, two begin with the same digit
        outbox.propose(proposal(str(number)))
    first = {one.proposal.id[0] for one in outbox.content().standings}
    shared = next(
        digit
        for digit in first
        if sum(one.proposal.id[0] == digit for one in outbox.content().standings) > 1
    )
    with pytest.raises(UsageError):
        outbox.get(shared)
    for nobody in ("f" * 64, "", "../x", "zz"):
        with pytest.raises(NotFoundError):
            outbox.get(nobody)
    with pytest.raises(NotFoundError), outbox.hold("f" * 64):
        pass


def test_a_proposal_is_held_by_one_at_a_time(outbox: Outbox) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    with outbox.hold(proposed.id):
        with pytest.raises(StorageError, match="in use"), outbox.hold(proposed.id):
            pass
        assert outbox.get(proposed.id).state is ProposalState.WAITING  # who only reads isn't kept
    with outbox.hold(proposed.id) as held:
        assert held.standing.state is ProposalState.WAITING


def test_who_waits_long_enough_gets_it_and_sees_what_was_noted(outbox: Outbox) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    seen: list[Standing] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with outbox.hold(proposed.id, wait_s=30) as held:
            seen.append(held.standing)

    with outbox.hold(proposed.id) as held:
        waiting = threading.Thread(target=second)
        waiting.start()
        begun.wait()
        noted = held.note(Change(NOW, ProposalState.DEAD))
    waiting.join()
    assert seen == [noted]


def test_a_holder_whose_work_fails_lets_go(outbox: Outbox) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    with pytest.raises(OSError, match="mine"), outbox.hold(proposed.id):
        raise OSError("mine")
    with outbox.hold(proposed.id) as held:
        assert held.standing.state is ProposalState.WAITING


def test_of_one_text_one_at_a_time_proposes(outbox: Outbox) -> None:
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with outbox.reading("ab" * 32):
            order.append("second")

    with outbox.reading("ab" * 32):
        waiting = threading.Thread(target=second)
        waiting.start()
        begun.wait()
        outbox.propose(proposal())
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert len(outbox.content().standings) == 1


def test_one_that_is_over_is_kept_without_its_texts_and_isnt_proposed_again(
    outbox: Outbox,
) -> None:
    proposed = proposal()
    outbox.propose(proposed)
    with outbox.hold(proposed.id) as held:
        for change in CHANGES:
            held.note(change)
        full = held.standing
        bare = without_texts(full, named=lambda name: "person-1" if name == "ada" else name)
        held.strip(bare)
    assert outbox.get(proposed.id) == bare
    again = outbox.propose(proposed)
    assert (again.state, again.receipt) == (
        ProposalState.SENT,
        Receipt("M-1", "https://desk.example/M-1", replayed=True),
    )
    assert again.decisions == (Decision("approved", "person", "person-1", NOW, ""),)
    assert again.proposal.record == {} == again.proposal.write.values
    assert again.proposal.source_text == "" == again.proposal.source_digest
    with outbox.hold(proposed.id) as held:
        undone = held.note(Change(NOW, ProposalState.UNDONE))
    assert outbox.get(proposed.id) == undone
