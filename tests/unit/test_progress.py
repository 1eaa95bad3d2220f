"""Where work stands, on stderr."""

from __future__ import annotations

import pytest

from copilot.cli.console import Progress


def test_off_a_terminal_short_work_says_nothing_and_long_work_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("copilot.cli.console.time.monotonic", lambda: now)
    shown = Progress()
    shown.update("2 read")
    assert capsys.readouterr().err == ""
    now += 6
    shown.update("40 read")
    shown.update("41 read")
    assert capsys.readouterr().err == "40 read\n"
