"""What is over in the outbox loses its texts, and is known all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.outbox import build_outbox
from copilot.handoff import Outbox
from copilot.keeping import Cutoffs, pseudonym
from copilot.ledger.erasing import forget, hold, purge
from copilot.proposals import Change, Decision, Proposal, ProposalState, Receipt
from tests.integration.people_in_ledgers import MARK, FixedClock, made_home, records
from tests.proposed import proposal

NOW = FixedClock().now()
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


@pytest.fixture
def outbox(home: Path) -> Outbox:
    return build_outbox(home / "outbox")


def marked(name: str, *, by: str) -> Proposal:
    """A proposal of this person's with the mark in each of its texts."""
    plain = proposal(name)
    return replace(
        plain,
        principal=by,
        record={"title": MARK},
        write=replace(plain.write, values={"title": MARK, "body": f"{MARK} is broken"}),
        source_name=f"{MARK}.eml",
        source_text=f"{MARK} wrote",
        created_at=LONG_AGO,
    )


def sent(outbox: Outbox, one: Proposal, *, decided_by: str) -> None:
    outbox.propose(one)
    yes = Decision("approved", "person", decided_by, LONG_AGO, "d" * 64, reason=MARK)
    receipt = Receipt("T-1", before={"title": MARK})
    with outbox.hold(one.id) as held:
        held.note(Change(LONG_AGO, ProposalState.APPROVED, decision=yes))
        held.note(Change(LONG_AGO, ProposalState.SENT, receipt=receipt, called_at=LONG_AGO))


def on_disk(home: Path, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in (home / "outbox").iterdir())


@pytest.mark.parametrize(("by", "decided_by"), [("alice", "bob"), ("bob", "alice")])
def test_forgetting_a_person_leaves_no_text_of_what_they_proposed_or_decided(
    home: Path, outbox: Outbox, by: str, decided_by: str
) -> None:
    one = marked("one", by=by)
    sent(outbox, one, decided_by=decided_by)
    assert on_disk(home, MARK) and on_disk(home, "alice")
    done = forget(records(home), "alice")
    assert (done.proposals, done.whole) == (1, True)
    assert not on_disk(home, MARK) and not on_disk(home, "alice")
    known = outbox.propose(one)  # the same script again
    assert known.state is ProposalState.SENT
    assert known.receipt is not None and known.receipt.external_id == "T-1"
    names = (known.proposal.principal, known.decisions[0].principal)
    assert names == tuple(pseudonym(x) if x == "alice" else x for x in (by, decided_by))


def test_what_is_not_over_stays_until_somebody_decides(home: Path, outbox: Outbox) -> None:
    outbox.propose(marked("one", by="alice"))
    done = forget(records(home), "alice")
    assert (done.proposals, done.undecided, done.whole) == (0, 1, False)
    assert on_disk(home, MARK)
    with outbox.hold(proposal("one").id) as held:
        held.note(Change(NOW, ProposalState.REJECTED))
    assert forget(records(home), "alice").whole
    assert not on_disk(home, MARK)


def test_a_proposal_that_can_not_be_read_is_named_and_the_person_not_yet_forgotten(
    home: Path, outbox: Outbox
) -> None:
    sent(outbox, marked("one", by="alice"), decided_by="bob")
    sent(outbox, marked("two", by="alice"), decided_by="bob")
    broken = home / "outbox" / f"{proposal('two').id}.jsonl"
    with broken.open("ab") as handle:
        handle.write(b"{}\n")
    done = forget(records(home), "alice")
    assert (done.proposals, done.damaged, done.whole) == (1, (str(broken),), False)
    assert b"alice" in broken.read_bytes()
    broken.unlink()
    assert not on_disk(home, MARK) and not on_disk(home, "alice")


def test_others_proposals_are_left_alone(home: Path, outbox: Outbox) -> None:
    sent(outbox, marked("one", by="bob"), decided_by="carol")
    sent(outbox, marked("two", by="alice"), decided_by="alice")
    before = outbox.get(proposal("one").id)
    forget(records(home), "alice")
    assert outbox.get(proposal("one").id) == before


def test_a_dry_run_counts_and_changes_nothing(home: Path, outbox: Outbox) -> None:
    sent(outbox, marked("one", by="alice"), decided_by="bob")
    assert forget(records(home), "alice", dry_run=True).proposals == 1
    limits = Cutoffs(proposals=NOW)
    assert purge(records(home), limits, dry_run=True).proposals == 1
    assert on_disk(home, MARK)


def test_purging_takes_texts_by_age_but_not_of_people_on_hold(home: Path, outbox: Outbox) -> None:
    sent(outbox, marked("one", by="alice"), decided_by="bob")
    sent(outbox, marked("two", by="carol"), decided_by="carol")
    outbox.propose(marked("three", by="bob"))
    kept = records(home)
    hold(kept, "Carol", "a lawsuit")
    assert purge(kept, Cutoffs(proposals=LONG_AGO), dry_run=False).proposals == 0
    assert purge(kept, Cutoffs(proposals=NOW), dry_run=False).proposals == 1
    assert purge(kept, Cutoffs(proposals=NOW), dry_run=False).proposals == 0
    assert outbox.get(proposal("one").id).proposal.principal == "alice"
    assert outbox.get(proposal("one").id).proposal.record == {}
    for name in ("two", "three"):
        assert outbox.get(proposal(name).id).proposal.record == {"title": MARK}
