"""F1 in front of the settings: the keys of where one is, one of them another than by itself."""

from __future__ import annotations

from tests.tui.driving import Driver
from tests.tui.scenes import Scene, settings


def scene() -> Scene:
    made = settings.scene()

    async def play(driver: Driver) -> None:
        driver.app.set_keymap({"settings.copy": "Y,ctrl+y"})
        await made.play(driver)
        await driver.pilot.press("f1")

    return Scene(made.core, play, area="settings")
