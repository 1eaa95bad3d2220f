"""A dialog of the settings: a value that was refused, with the reason, to be typed on."""

from __future__ import annotations

from copilot.calls.settings import ChangeSetting
from copilot.errors import ConfigError
from tests.tui.driving import Driver
from tests.tui.scenes import Scene, settings


def scene() -> Scene:
    made = settings.scene()
    made.core._replies[ChangeSetting] = ConfigError(
        "models.temperature must be a number from 0 to 2.",
        hint="It is 0 by itself, which repeats itself best.",
    )

    async def play(driver: Driver) -> None:
        await made.play(driver)
        await driver.pilot.press(*("down",) * 6, "enter")
        await driver.pilot.pause()
        await driver.pilot.press("end", "backspace", "backspace", *"hot", "enter")

    return Scene(made.core, play, area="settings")
