"""Each area at two sizes, dark and light, as it was last looked at and found good.

A picture that differs is looked at before it is accepted:
``pytest tests/tui/test_looks.py --snapshot-update``.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from copilot.tui.app import CopilotApp
from copilot.tui.areas import PLACES
from tests.tui.driving import NARROW, WIDE, Driver
from tests.tui.scenes import Scene

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_utc_and_true_colours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("COLORTERM", "truecolor")
        patch.delenv("NO_COLOR", raising=False)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("theme", ["copilot-dark", "copilot-light"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("area", [place.name for place in PLACES])
def test_an_area_looks_as_it_did(
    area: str,
    size: tuple[int, int],
    theme: str,
    tmp_path: Path,
    snap_compare: Callable[..., bool],
) -> None:
    scene: Scene = importlib.import_module(f"tests.tui.scenes.{area}").scene()
    app = CopilotApp(scene.core, log=tmp_path / "copilot.log", now=lambda: NOW)

    async def play(pilot: Pilot[Any]) -> None:
        app.theme = theme
        driver = Driver(pilot, scene.core)
        await driver.settled()
        await app.action_go(area)
        await driver.settled()
        await scene.play(driver)
        for field in [*app.screen.query(Input), *app.screen.query(TextArea)]:
            field.cursor_blink = False
        await driver.settled()

    assert snap_compare(app, terminal_size=size, run_before=play)
