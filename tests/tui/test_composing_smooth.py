"""Typing waits for nothing: not for 10,000 documents, and not for a long text that is pasted."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Paste

from copilot.bootstrap import build
from copilot.messages import PassageVectors
from tests.index_documents import document
from tests.tui.composed import chips, composing_core
from tests.tui.driving import driven, real_core
from tests.tui.steps import watched

_MOST_S = 0.05


async def test_what_holds_the_loop_is_noticed() -> None:
    with watched() as steps:
        await asyncio.sleep(0)
        end = time.thread_time() + _MOST_S
        while time.thread_time() < end:
            pass
        await asyncio.sleep(0)
    assert steps.longest >= _MOST_S


def home_of_many(home: Path, many: int) -> None:
    """Ten thousand documents of a few words each."""
    import numpy as np

    copilot = build()
    copilot.index.bind(copilot.embedder.identity)
    vector = np.zeros(copilot.embedder.identity.dimension, dtype=np.float32)
    vector[0] = 1.0
    vectors = PassageVectors(vector, vector.reshape(1, -1), ((0, 4),))
    upserts = []
    for number in range(many):
        path = f"/docs/area-{number % 37}/runbook-{number}-restart.md"
        state, pairs = document(path, f"words of {number}", title=f"Restart service {number}")
        upserts.append((replace(state, source="/docs"), [(pairs[0][0], vectors)]))
    copilot.index.apply(upserts)


async def test_typing_waits_for_none_of_ten_thousand_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = real_core(tmp_path / "home", monkeypatch)
    home_of_many(tmp_path / "home", 10_000)
    async with driven(core, tmp_path) as driver:
        await driver.type("/x")  # styles load once
        await driver.pilot.press("backspace", "backspace")
        await driver.type("@")
        await driver.settled()  # the index is opened
        assert "9,992 more" in driver.screen_text()
        with watched() as steps:
            await driver.type("77r")
            await driver.settled()
        assert steps.longest < _MOST_S
        await driver.pilot.press("enter")
        await driver.settled()
        assert chips(driver) == ["@runbook-77-restart.md"]


async def test_a_long_text_is_pasted_and_typed_after_without_holding_the_loop(
    tmp_path: Path,
) -> None:
    text = "\n".join(f"12:00 line {number} of a log that is long" for number in range(45_000))
    async with driven(composing_core(), tmp_path) as driver:
        driver.app.post_message(Paste("x\n" * 20))
        await driver.settled()
        with watched() as steps:
            driver.app.post_message(Paste(text))
            await driver.type("why?")
            await driver.settled()
        assert chips(driver)[1:] == ["pasted 2: 45,000 lines"]
        assert steps.longest < _MOST_S
