"""Journals on a real disk: torn, damaged, full, read-only, and locked by a process that died."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copilot.adapters.outbox.journals import JournalOutbox
from copilot.adapters.outbox.lines import standing
from copilot.errors import NotFoundError, StorageError
from copilot.proposals import Change, ProposalState, Standing, without_texts
from tests.corpora import REPOSITORY
from tests.privileges import obeying_permissions
from tests.proposed import NOW, proposal

DEAD = Change(NOW, ProposalState.DEAD, error="refused")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "outbox"


@pytest.fixture
def outbox(folder: Path) -> JournalOutbox:
    return JournalOutbox(folder)


def journal(folder: Path, name: str = "one") -> Path:
    return folder / f"{proposal(name).id}.jsonl"


def test_nothing_is_made_before_the_first_proposal_and_then_for_its_owner_alone(
    outbox: JournalOutbox, folder: Path
) -> None:
    assert outbox.content().standings == ()
    with pytest.raises(NotFoundError):
        outbox.get("ab")
    assert not folder.parent.exists()
    outbox.propose(proposal())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert journal(folder).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == [journal(folder).name]


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_without_its_end_never_happened_and_the_next_takes_its_place(
    outbox: JournalOutbox, folder: Path, cut: int
) -> None:
    waiting = outbox.propose(proposal())
    whole = journal(folder).read_bytes()
    with outbox.hold(proposal().id) as held:
        held.note(DEAD)
    changed = journal(folder).read_bytes()
    journal(folder).write_bytes(changed[:-cut])
    assert outbox.get(proposal().id) == waiting
    assert outbox.content([ProposalState.WAITING]).standings == (waiting,)
    with outbox.hold(proposal().id) as held:
        assert held.standing == waiting
        dead = held.note(DEAD)
    assert journal(folder).read_bytes() == changed
    assert changed.startswith(whole)
    assert outbox.get(proposal().id) == dead


def test_a_proposal_whose_first_line_is_torn_is_none_and_can_be_proposed(
    outbox: JournalOutbox, folder: Path
) -> None:
    outbox.propose(proposal())
    whole = journal(folder).read_bytes()
    journal(folder).write_bytes(whole[:-7])
    assert outbox.content().standings == ()
    assert outbox.content(source="ab" * 32).standings == ()
    with pytest.raises(NotFoundError):
        outbox.get(proposal().id)
    with pytest.raises(NotFoundError), outbox.hold(proposal().id):
        pass
    assert outbox.propose(proposal()).state is ProposalState.WAITING
    assert journal(folder).read_bytes() == whole
    assert len(outbox.content(source="ab" * 32).standings) == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00" * 40 + b"\n",
        b"{}\n",
        b'{"v": 1, "change": {}}\n',
        b'{"v": 1, "change": {"at": "yesterday", "state": "dead"}}\n',
        b'{"v": 1, "change": {"at": "2026-11-22T09:30:00+00:00", "state": "asleep"}}\n',
        b'{"v": 2, "change": {"at": "2026-11-22T09:30:00+00:00", "state": "dead"}}\n',
        b"[" * 100_000 + b"\n",
        b"[1]\n",
    ],
)
def test_a_damaged_journal_is_named_and_the_rest_goes_on(
    outbox: JournalOutbox, folder: Path, damage: bytes
) -> None:
    for name in ("one", "two", "three"):
        outbox.propose(proposal(name, source_name=name))
    with journal(folder).open("ab") as handle:
        handle.write(damage)
    other = journal(folder, "two").read_bytes()
    journal(folder, "two").write_bytes(other.replace(b'"create"', b'"destroy"'))
    content = outbox.content()
    assert [one.proposal.source_name for one in content.standings] == ["three"]
    assert {one.place for one in content.damaged} == {
        str(journal(folder)),
        str(journal(folder, "two")),
    }
    before = journal(folder).read_bytes()
    for act in (
        lambda: outbox.get(proposal().id),
        lambda: outbox.propose(proposal()),
        lambda: outbox.hold(proposal().id).__enter__(),
    ):
        with pytest.raises(StorageError, match=str(journal(folder))):
            act()
    assert journal(folder).read_bytes() == before


def test_of_a_text_only_its_own_damaged_journals_are_told(
    outbox: JournalOutbox, folder: Path
) -> None:
    mine, other = "ab" * 32, "cd" * 32
    for name, digest in (("one", mine), ("two", other), ("three", mine)):
        outbox.propose(proposal(name, source_digest=digest))
    for name in ("one", "two"):
        with journal(folder, name).open("ab") as handle:
            handle.write(b"{}\n")
    (folder / f"{'e' * 64}.jsonl").write_bytes(b"\x00" * 40 + b"\n")
    content = outbox.content(source=mine)
    assert [one.proposal.id for one in content.standings] == [proposal("three").id]
    assert [one.place for one in content.damaged] == [str(journal(folder))]
    assert len(outbox.content().damaged) == 3


def test_what_another_process_did_since_is_seen_by_who_asks_for_a_text_again(
    outbox: JournalOutbox, folder: Path
) -> None:
    other, source = JournalOutbox(folder), "ab" * 32
    outbox.propose(proposal())
    assert len(outbox.content(source=source).standings) == 1
    other.propose(proposal("two"))
    with other.hold(proposal().id) as held:
        dead = held.note(DEAD)
    found = outbox.content(source=source).standings
    assert {one.proposal.id for one in found} == {proposal().id, proposal("two").id}
    assert dead in found
    with other.hold(proposal().id) as held:
        held.strip(without_texts(held.standing, named=lambda name: name))
    assert [one.proposal.id for one in outbox.content(source=source).standings] == [
        proposal("two").id
    ]


def test_a_text_of_many_records_costs_no_more_for_each_the_more_there_are(
    outbox: JournalOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood = 0

    def counted(content: bytes, *, brief: bool = False) -> Standing | None:
        nonlocal understood
        understood += 1
        return standing(content, brief=brief)

    monkeypatch.setattr("copilot.adapters.outbox.journals.standing", counted)
    for number in range(20):
        outbox.propose(proposal(str(number)))
        assert len(outbox.content(source="ab" * 32).standings) == number + 1
        assert outbox.get(proposal(str(number)).id).state is ProposalState.WAITING
    assert understood <= 20 * 4


def test_an_overview_reads_again_what_has_changed_and_what_nobody_asked_for_before(
    outbox: JournalOutbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [outbox.propose(proposal(name)).proposal.id for name in ("a", "b", "c")]
    with outbox.hold(ids[2]) as held:
        held.note(Change(NOW, ProposalState.SENT))
    read: list[str] = []

    def counted(content: bytes, *, brief: bool = False) -> Standing | None:
        found = standing(content, brief=brief)
        read.append(found.proposal.id if found else "")
        return found

    monkeypatch.setattr("copilot.adapters.outbox.journals.standing", counted)
    assert len(outbox.overview([ProposalState.WAITING]).standings) == 2
    assert sorted(read) == sorted(ids[:2])
    assert len(outbox.overview().standings) == 3
    assert read[2:] == [ids[2]]
    with JournalOutbox(folder).hold(ids[0]) as held:
        held.note(Change(NOW, ProposalState.DEAD))
    del read[:]
    [dead] = outbox.overview([ProposalState.DEAD]).standings
    assert (dead.proposal.id, read) == (ids[0], [ids[0]])
    (folder / f"{ids[0]}.jsonl").unlink()
    (folder / f"{ids[1]}.jsonl").write_bytes(b'{"v": 1, "proposal": {"fields": 7}}\n')
    for _ in range(2):  # damage is told each time
        told = outbox.overview()
        assert [one.proposal.id for one in told.standings] == [ids[2]]
        assert [one.id for one in told.damaged] == [ids[1]]


def test_another_proposals_journal_under_this_name_is_damage(
    outbox: JournalOutbox, folder: Path
) -> None:
    outbox.propose(proposal("two"))
    journal(folder, "two").rename(journal(folder))
    with pytest.raises(StorageError, match="journal of"):
        outbox.get(proposal().id)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_on_a_full_disk_nothing_happened_and_the_file_is_named(
    outbox: JournalOutbox, folder: Path
) -> None:
    with room_for(100), pytest.raises(StorageError, match="disk is full") as failed:
        outbox.propose(proposal())
    assert str(journal(folder)) in failed.value.message
    assert outbox.content().standings == ()
    waiting = outbox.propose(proposal())
    before = journal(folder).read_bytes()
    with outbox.hold(proposal().id) as held:
        with room_for(len(before) + 30), pytest.raises(StorageError, match="disk is full"):
            held.note(DEAD)
        assert held.standing == waiting
        assert journal(folder).read_bytes() == before
        assert held.note(DEAD).state is ProposalState.DEAD


@obeying_permissions
def test_a_folder_or_file_that_cannot_be_written_is_named_with_the_remedy(
    outbox: JournalOutbox, folder: Path
) -> None:
    outbox.propose(proposal())
    journal(folder).chmod(0o400)
    with pytest.raises(StorageError, match=str(journal(folder))), outbox.hold(proposal().id):
        pass
    assert outbox.get(proposal().id).state is ProposalState.WAITING
    journal(folder).chmod(0o600)
    folder.chmod(0o500)
    try:
        with pytest.raises(StorageError) as failed:
            outbox.propose(proposal("two"))
        assert "chmod" in failed.value.hint
    finally:
        folder.chmod(0o700)


def test_a_process_that_dies_lets_go_of_what_it_held(outbox: JournalOutbox, folder: Path) -> None:
    outbox.propose(proposal())
    holding = (
        "import sys, pathlib, time\n"
        "from copilot.adapters.outbox.journals import JournalOutbox\n"
        "outbox = JournalOutbox(pathlib.Path(sys.argv[1]))\n"
        "with outbox.hold(sys.argv[2]):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", holding, str(folder), proposal().id],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(StorageError, match="in use"), outbox.hold(proposal().id):
        pass
    process.kill()
    process.communicate()
    with outbox.hold(proposal().id) as held:
        assert held.standing.state is ProposalState.WAITING
