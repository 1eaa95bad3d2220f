"""A question whose core dies is asked once more where nothing of its turn had come, else never."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.errors import CoreStoppedError, InternalError, ModelUnavailableError
from copilot.events import RunFinished, RunStarted
from copilot.serving.client import Client
from copilot.testing.run_events import quoted_run
from copilot.testing.scripted_core import ScriptedCore, Step
from copilot.tui.asking import asked
from tests.paged import QUESTION, paged_home
from tests.tui.driving import driven

DIED = CoreStoppedError("the core has stopped", hint="Ask again: it starts anew.")
WHOLE: Sequence[Step] = quoted_run("run-2")
# Takes down that it was started; the first one dies, before or after it told that a turn began.
_DIES = """
import os, signal, sys
with open({starts!r}, "a") as starts:
    starts.write("x")
if os.path.getsize({starts!r}) == 1:
    if {first}:
        sys.stdin.readline()
        os._exit(3)
    from copilot import metering
    from copilot.knowledge.search import Searcher
    Searcher.search = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from copilot.serving import host
host.main()
"""


async def test_a_question_that_came_when_the_core_died_is_answered_by_the_next_one(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore([DIED], WHOLE), tmp_path) as driver:
        turn = await driver.ask("how?")
        assert driver.says(turn).startswith("✓")
        heard = [one for one in driver.core.heard if isinstance(one, calls.Ask)]
        assert len(heard) == 2
        assert heard[0] == heard[1]
        assert len(driver.turns) == 1


@pytest.mark.parametrize(
    ("call", "first", "times"),
    [
        (calls.Ask("how?", "talk"), [DIED], 2),
        (calls.Ask("how?", "talk"), [WHOLE[0], DIED], 1),
        (calls.Ask("how?", "talk", attached=("file-1",)), [DIED], 1),
        (calls.Ask("how?", "talk"), [InternalError("a bug: KeyError: 'x'")], 1),
        (calls.Ask("how?", "talk"), [ModelUnavailableError("the provider is away")], 1),
    ],
    ids=["again and again", "after it began", "about a file", "of a bug", "of a provider"],
)
async def test_what_ends_otherwise_or_twice_is_told(
    call: calls.Ask, first: Sequence[Step], times: int
) -> None:
    core = ScriptedCore(first, [DIED], WHOLE)
    with pytest.raises(InternalError if first[-1] is DIED else type(first[-1])):  # type: ignore[arg-type]
        async with aclosing(asked(core, call)) as steps:
            async for _ in steps:
                pass
    assert len(core.heard) == times


@pytest.mark.parametrize("first", [True, False], ids=["at once", "while it searches"])
async def test_a_real_core_that_dies_is_started_again_once_and_only_before_the_turn_began(
    tmp_path: Path, first: bool
) -> None:
    home, starts = paged_home(tmp_path), tmp_path / "starts"
    code = _DIES.format(starts=str(starts), first=first)
    env = {**os.environ, "COPILOT_HOME": str(home)}
    client = Client(command=[sys.executable, "-c", code], env=env)
    told = []
    try:
        async with aclosing(asked(client, calls.Ask(QUESTION, "talk"))) as steps:
            async for step in steps:
                told.append(step)  # noqa: PERF401 (what comes before an error counts)
    except CoreStoppedError:
        assert not first
    await client.stop()
    assert isinstance(told[0], RunStarted)
    assert any(isinstance(step, RunFinished) for step in told) == first
    assert len(starts.read_text()) == (2 if first else 1)
