"""A follow-up that a model was asked twice for, step by step, in a list of the day's runs.

The run is a recorded one, over PagerDuty's incident response documentation (Apache-2.0); of its
hits the first five are kept.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from copilot.calls.runs import ExplainRun, ListRuns, RunExplained, Runs
from copilot.codec import from_plain
from copilot.runs import ExplainedRun, RunSummary
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

# Question, kind, status, whether a model wrote, milliseconds, minutes before.
_OTHERS = (
    ("How long should a postmortem meeting last?", "ask", "degraded", False, 2_974, 0),
    ("Who has to be told of a SEV-1?", "ask", "answered", True, 5_570, 7),
    ("What is the capital of Mongolia?", "ask", "abstained", False, 416, 19),
    ("What is a SEV-1 incident?", "ask", "answered", False, 623, 20),
    ("Who runs the call when the incident commander is away?", "ask", "failed", True, 9, 64),
    ("postmortem meeting", "search", "answered", False, 883, 66),
    ("When do we page the customer liaison?", "ask", "interrupted", True, None, 190),
    ("/srv/handbook", "index", "answered", False, 11_804, 1_512),
)


@cache
def recorded() -> ExplainedRun:
    """The run of the picture."""
    text = Path(__file__).with_name("run.json").read_text("utf-8")
    return from_plain(ExplainedRun, json.loads(text))


def listed() -> tuple[RunSummary, ...]:
    """It, and those of before."""
    one = recorded().run.summary
    others = tuple(
        replace(
            one,
            id=f"01a2037a-{n:04x}-7000-8000-000000000000",
            kind=kind,
            status=status,
            started_at=one.started_at - timedelta(minutes=minutes, seconds=n),
            question=question,
            model=one.model if written else "quoting" if kind == "ask" else "",
            latency_ms=took,
            cost_microusd=4_800 + 100 * n if written and took != 9 else 0,
        )
        for n, (question, kind, status, written, took, minutes) in enumerate(_OTHERS, start=1)
    )
    return (one, *others)


def scripted() -> ScriptedCore:
    """A core that tells these runs."""
    told = {ListRuns: Runs(listed(), more=False), ExplainRun: RunExplained(recorded())}
    return ScriptedCore(replies=told)


def scene() -> Scene:
    async def play(driver: Driver) -> None:
        await driver.pilot.press("enter")
        await driver.settled()
        await driver.pilot.press("down", "down")

    return Scene(scripted(), play)
