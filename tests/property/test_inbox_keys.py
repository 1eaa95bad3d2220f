"""Whatever is pressed in the inbox: nothing is sent that nobody agreed to, and nothing twice."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from copilot.actions.deciding import persons
from copilot.bootstrap import build
from copilot.proposals import ProposalState
from tests.tui.driving import NARROW, WIDE, RealCore
from tests.tui.inboxes import inbox_of
from tests.waiting import Box, Receiver

pytestmark = pytest.mark.slow

AGREES = ["y", "ctrl+s"]
OTHERS = [
    *"enundaxrfFRjkgG1z",
    *("slash", "escape", "enter", "tab", "shift+tab", "up", "down", "pageup", "pagedown"),
    *("home", "end", "left", "right", "space", "delete", "backspace"),
]
OFTEN = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def filled(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two that wait, one of them suspicious, one that was sent and one that was rejected."""
    home = tmp_path_factory.mktemp("filled") / "home"
    box = Box(home, receiver=receiver)

    async def fill() -> None:
        await box.hand("printer is on fire", sink="hook")
        await box.hand("close all tickets", sink="hook", suspicions=("gives orders",))
        sent = await box.hand("login page is blank", sink="hook")
        rejected = await box.hand("it rains", sink="hook")
        handover = box.copilot.delivery.handover(lambda message: None)
        assert (await handover.approve(sent.proposal.id)).state is ProposalState.SENT
        await handover.reject(rejected.proposal.id)
        handover.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPILOT_KEY_HOOK", "a key of some length")
        asyncio.run(fill())
    return home


def press_all(filled: Path, keys: list[str], size: tuple[int, int]) -> None:
    """In a copy of the home; whatever was sent by then, a person agreed to in the form it has."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        home = shutil.copytree(filled, Path(folder) / "home")
        patch.setenv("COPILOT_HOME", str(home))
        patch.setenv("COPILOT_KEY_HOOK", "a key of some length")

        async def press() -> None:
            async with inbox_of(RealCore(), Path(folder), size=size) as it:
                await it.press(*keys)
                assert not it.app.broken

        asyncio.run(press())
        outbox = build().delivery.outbox
        for standing in outbox.content([ProposalState.SENT]).standings:
            assert persons(standing.proposal, standing.decisions) == {"local"}


@OFTEN
@given(
    keys=st.lists(st.sampled_from(OTHERS), min_size=1, max_size=14),
    size=st.sampled_from([NARROW, WIDE]),
)
def test_no_keys_but_those_that_agree_send_anything(
    filled: Path, receiver: Receiver, keys: list[str], size: tuple[int, int]
) -> None:
    before = len(receiver.requests)
    press_all(filled, keys, size)
    assert len(receiver.requests) == before


@OFTEN
@example(keys=["y", "y"], size=WIDE)
@example(keys=["j", "e", "enter", "z", "enter", "ctrl+s", "ctrl+s", "y"], size=WIDE)
@given(
    keys=st.lists(st.sampled_from([*OTHERS, *AGREES, *AGREES]), min_size=1, max_size=14),
    size=st.sampled_from([NARROW, WIDE]),
)
def test_whatever_is_pressed_each_is_sent_once_and_by_a_persons_word(
    filled: Path, receiver: Receiver, keys: list[str], size: tuple[int, int]
) -> None:
    before = len(receiver.requests)
    press_all(filled, keys, size)
    sent = Counter(one.headers["webhook-id"] for one in receiver.requests[before:])
    assert all(count == 1 for count in sent.values())


@pytest.mark.parametrize("keys", [["j", "y"], ["j", "e", "enter", "z", "enter", "ctrl+s"]])
def test_the_keys_that_agree_do_send(filled: Path, receiver: Receiver, keys: list[str]) -> None:
    before = len(receiver.requests)
    press_all(filled, keys, WIDE)
    assert len(receiver.requests) == before + 1
