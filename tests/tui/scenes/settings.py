"""Models: what is configured, by whom, and what the setting under the cursor means."""

from __future__ import annotations

from copilot.calls import settings as calls
from copilot.calls.asking import Stands
from copilot.config.example import toml
from copilot.config.fields import leaves
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

_FILE = "/home/ana/.config/copilot/config.toml"
_SET = {
    "models.answer": ('"openai/gpt-5-mini"', f"user file {_FILE}:62"),
    "answer.max_words": ("80", f"user file {_FILE}:51"),
    "models.temperature": ("0.2", "environment COPILOT_MODELS__TEMPERATURE"),
    "models.prices": (
        '{ "openai/gpt-5-mini" = { input = 0.25, output = 2.0 } }',
        f"user file {_FILE}:90",
    ),
}


def scene() -> Scene:
    settings = []
    for leaf in leaves().values():
        default = "" if leaf.default is None else toml(leaf.default)
        value, origin = _SET.get(leaf.key, (default, "default"))
        settings.append(
            calls.Setting(
                leaf.key, value, origin, default, leaf.kind, leaf.description, leaf.choices
            )
        )
    core = ScriptedCore(
        stands=Stands("openai/gpt-5-mini", "ana", 0.41, "2026-11-20T13:50:00+00:00"),
        replies={
            calls.ReadSettings: calls.SettingsRead(tuple(settings), _FILE, {"home": "/home/ana"}),
        },
    )
    return Scene(core, _play)


async def _play(driver: Driver) -> None:
    await driver.pilot.press("down")
    await driver.settled()
    await driver.pilot.press("enter")
    await driver.settled()
