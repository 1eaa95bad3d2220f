"""The double of a core tells apart what was answered and what was left."""

from __future__ import annotations

from contextlib import aclosing

from copilot import calls
from copilot.events import Warned
from copilot.testing.scripted_core import ScriptedCore


async def test_a_scripted_reply_that_was_taken_is_not_left() -> None:
    core = ScriptedCore(replies={calls.Rate: [Warned("wait"), calls.Done()]})
    assert await core.call(calls.Rate("run-1", "good"), calls.Done) == calls.Done()
    assert core.left == []


async def test_what_is_closed_before_its_reply_is_left() -> None:
    core = ScriptedCore(replies={calls.Rate: [Warned("wait"), calls.Done()]})
    rating = calls.Rate("run-1", "good")
    async with aclosing(core.stream(rating)) as steps:
        assert await anext(steps) == Warned("wait")
    assert core.left == [rating]
