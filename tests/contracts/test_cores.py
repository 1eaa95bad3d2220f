"""What every core does for a front end: the real one, in a process of its own or in ours, or a
scripted one. What a process adds is looked at in tests/integration/test_core_process.py.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.errors import NotFoundError
from copilot.events import Event, RunFinished, RunStarted
from copilot.serving.client import Client
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.core import Core
from tests.paged import QUESTION, paged_home
from tests.tui.driving import real_core

IN_A_PROCESS = pytest.mark.parametrize("core", ["process", "scripted"], indirect=True)


@pytest.fixture(params=["real", "scripted"])
async def core(
    request: pytest.FixtureRequest, page_home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Core]:
    made: Core = ScriptedCore()
    if request.param == "process":
        made = Client(env={**os.environ, "COPILOT_HOME": str(page_home)})
    elif request.param == "real":
        made = real_core(page_home, monkeypatch)
    await made.start()
    yield made
    await made.stop()


async def turn(core: Core, name: str = "talk") -> list[Event | calls.Reply]:
    async with aclosing(core.stream(calls.Ask(QUESTION, name))) as steps:
        return [step async for step in steps]


async def test_it_says_where_things_stand(core: Core) -> None:
    told = await core.call(calls.Standing(), calls.Stands)
    assert (told.model, told.spent_usd) == ("", 0.0)
    assert told.principal


async def test_a_turn_is_a_runs_events_and_then_its_reply(core: Core) -> None:
    first, *_, finished, done = await turn(core)
    assert isinstance(first, RunStarted)
    assert first.question == QUESTION
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    assert finished.answer.citations
    assert done == calls.Done()


async def test_a_turn_is_kept_in_its_conversation(core: Core) -> None:
    finished = (await turn(core))[-2]
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    loaded = await core.call(calls.LoadSession("talk"), calls.Loaded)
    assert [(one.question, one.answer) for one in loaded.said] == [(QUESTION, finished.answer.text)]
    await turn(core, "another")
    listed = await core.call(calls.ListSessions(), calls.Sessions)
    assert [(one.name, one.title) for one in listed.found] == [
        ("another", QUESTION),
        ("talk", QUESTION),
    ]
    assert listed.total == 2
    second = await core.call(calls.ListSessions(start=1, limit=1), calls.Sessions)
    assert second == calls.Sessions(listed.found[1:], total=2)


async def test_a_conversation_that_is_not_there_is_named(core: Core) -> None:
    with pytest.raises(NotFoundError, match="'nobody'"):
        await core.call(calls.LoadSession("nobody"), calls.Loaded)
    assert await core.call(calls.ListSessions(), calls.Sessions) == calls.Sessions((), total=0)


async def test_an_answer_can_be_rated(core: Core) -> None:
    finished = (await turn(core))[-2]
    assert isinstance(finished, RunFinished)
    rated = calls.Rate(finished.run_id, "bad", "stale", "Ten minutes.")
    assert await core.call(rated, calls.Done) == calls.Done()


@IN_A_PROCESS
async def test_a_turn_that_is_left_is_not_kept_and_the_next_one_runs(core: Core) -> None:
    async with aclosing(core.stream(calls.Ask(QUESTION, "talk"))) as steps:
        await anext(steps)
    assert (await turn(core, "later"))[-1] == calls.Done()
    with pytest.raises(NotFoundError):
        await core.call(calls.LoadSession("talk"), calls.Loaded)


@IN_A_PROCESS
async def test_stopping_twice_is_stopping_once_and_the_next_call_is_answered(core: Core) -> None:
    before = await core.call(calls.Standing(), calls.Stands)
    await core.stop()
    await core.stop()
    assert await core.call(calls.Standing(), calls.Stands) == before


@pytest.fixture(scope="module")
def page_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture
def page_home(page_source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(page_source, tmp_path / "home"))
