"""Each area, and what stands in front of one, as it was last looked at and found good: at two
sizes, dark and light.

A picture that differs is looked at before it is accepted:
``pytest tests/tui/test_looks.py --snapshot-update``.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.widgets import Input, TextArea

from copilot.tui.areas import PLACES
from tests.tui.driving import NARROW, WIDE, driven
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


class Picture(SingleFileSnapshotExtension):
    """An SVG, without the number that each export of one makes up for itself."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **kwargs: Any) -> str:
        return re.sub(r"\bterminal-\d+-", "terminal-", str(data))


@pytest.mark.parametrize("theme", ["copilot-dark", "copilot-light"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "name",
    [*(place.name for place in PLACES), "welcome", "sessions", "help", "palette", "changing"],
)
async def test_an_area_looks_as_it_did(
    name: str, size: tuple[int, int], theme: str, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    scene: Scene = importlib.import_module(f"tests.tui.scenes.{name}").scene()
    async with driven(scene.core, tmp_path, size=size, now=lambda: NOW) as driver:
        driver.app.theme = theme
        await driver.settled()
        await driver.app.action_go(scene.area or name)
        await driver.settled()
        await scene.play(driver)
        for field in [*driver.app.screen.query(Input), *driver.app.screen.query(TextArea)]:
            field.cursor_blink = False
        await driver.settled()
        assert driver.app.export_screenshot(title="copilot") == snapshot(extension_class=Picture)
