"""Which model of a route is asked for JSON, and for how long."""

from __future__ import annotations

import time

from copilot.adapters.system import SystemClock
from copilot.config.models import ModelSettings
from copilot.events import ModelAttempt, ModelChosen
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.gateway import StructuredGateway
from copilot.messages import Turn
from copilot.testing.scripted_structured import Give, ScriptedStructuredModel
from tests.routes import route

REQUEST = StructuredRequest("", "", (Turn("user", "It fails."),), "ticket", {"type": "object"})
SILENT = ScriptedStructuredModel([Give(delay_s=60)])


async def test_one_that_is_silent_leaves_the_next_one_its_share_of_the_time() -> None:
    good = ScriptedStructuredModel([{"title": "It fails"}])
    settings = ModelSettings(total_timeout_s=1.0)
    gateway = StructuredGateway(route(SILENT, good, job="extract"), settings, SystemClock())
    began = time.monotonic()
    steps = [step async for step in gateway.complete(REQUEST)]
    assert time.monotonic() - began < 0.9
    assert [step.model for step in steps if isinstance(step, ModelChosen)] == ["x/y", "x/y2"]
    assert [step.reason for step in steps if isinstance(step, ModelChosen)][1] == (
        "x/y failed: x/y: the answer took longer than 0.5 s"
    )
    assert [step.outcome for step in steps if isinstance(step, ModelAttempt)] == ["ok"]
    assert [step.data for step in steps if isinstance(step, StructuredAnswer)] == [
        {"title": "It fails"}
    ]
