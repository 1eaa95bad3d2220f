"""A sender that is killed, anywhere, and run again: each ticket is there once."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from copilot.adapters.outbox import build_outbox
from copilot.proposals import ProposalState
from tests.bench.exactly_once import at_desk, at_github, at_tracker
from tests.integration.sending_processes import STEPS, start
from tests.tracker import tracker


@pytest.mark.parametrize("step", [one for one in STEPS["send"] if one != "looked up"])
def test_killed_right_after_a_step_and_run_again_it_makes_one_ticket(
    step: str, tmp_path: Path
) -> None:
    with tracker(1, trouble=0.0) as there:
        home = tmp_path / "home"
        first = start("send", home, there.url, ["a ticket"], step=step)
        first.communicate(timeout=60)
        assert first.returncode == -9
        second = start("send", home, there.url, ["a ticket"])
        second.communicate(timeout=60)
        assert second.returncode == 0
        assert there.titles() == {"a ticket": 1}


def test_killed_while_it_looks_for_what_the_first_kill_left_it_makes_one_ticket(
    tmp_path: Path,
) -> None:
    with tracker(1, trouble=0.0) as there:
        home = tmp_path / "home"
        for step, code in (("written", -9), ("looked up", -9), ("looked up", -9), ("-", 0)):
            process = start("send", home, there.url, ["a ticket"], step=step)
            process.communicate(timeout=60)
            assert process.returncode == code
        assert there.titles() == {"a ticket": 1}


@pytest.mark.parametrize("job", ["send", "ask"])
def test_several_that_send_or_agree_at_once_make_one_ticket(job: str, tmp_path: Path) -> None:
    with tracker(1, trouble=0.0) as there:
        home = tmp_path / "home"
        names = [f"ticket {number}" for number in range(3)]
        crowd = [start(job, home, there.url, names) for _ in range(3)]
        for process in crowd:
            process.communicate(timeout=120)
        assert [process.returncode for process in crowd] == [0, 0, 0]
        assert there.titles() == Counter(names)
        decided = build_outbox(home / "outbox").content([ProposalState.SENT]).standings
        assert [len(one.decisions) for one in decided] == [1] * len(names)


@pytest.mark.slow
@pytest.mark.parametrize("job", ["send", "ask"])
def test_killed_before_or_within_any_call_it_makes_one_ticket_when_it_is_run_again(
    job: str, tmp_path: Path
) -> None:
    with tracker(1, trouble=0.0) as there:
        process = start("everywhere", tmp_path, there.url, [], step=job)
        process.communicate(timeout=300)
        assert process.returncode == 0
        calls = int((tmp_path / "calls").read_text())
        assert calls > 40
        assert there.titles() == {f"ticket {number}": 1 for number in range(calls + 2)}


@pytest.mark.slow
def test_of_many_random_kills_none_doubles_or_loses_a_ticket() -> None:
    seed = random.randrange(10_000)
    found = at_tracker("send", 20, seed)
    assert (found.duplicates, found.losses) == (0, 0), f"seed {seed}"
    naive = at_tracker("naive", 20, seed)
    assert naive.duplicates > 0, f"the tracker spares whoever is careless, seed {seed}"


@pytest.mark.slow
def test_a_github_that_hangs_up_has_each_issue_once() -> None:
    seed = random.randrange(10_000)
    found = at_github(10, seed)
    assert (found.duplicates, found.losses) == (0, 0), f"seed {seed}"


@pytest.mark.slow
def test_the_desk_keeps_each_ticket_once_too() -> None:
    seed = random.randrange(10_000)
    found = at_desk(8, seed)
    assert (found.duplicates, found.losses) == (0, 0), f"seed {seed}"
