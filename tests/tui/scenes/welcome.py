"""The first run: three steps in an empty chat, the sample being read."""

from __future__ import annotations

from copilot.calls.knowledge import ListSources, Sources
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene


def scene() -> Scene:
    return Scene(ScriptedCore(replies={ListSources: Sources(())}), _play, area="chat")


async def _play(driver: Driver) -> None:
    await driver.pilot.press("escape", "down")
