"""Esc in the application ends a model's work at the provider, and the ledger knows of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from copilot.calls.runs import ExplainRun, RunExplained
from copilot.serving.client import Client
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import run_cli
from tests.paged import QUESTION, paged_home
from tests.tui.driving import driven
from tests.tui.test_parity import CONFIG, KEY

# Goes on for a minute, unless somebody hangs up.
ENDLESS = replace(scripted.text("You have 45 minutes to " * 200, pieces=600), piece_delay_s=0.1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(paged_home(tmp_path), tmp_path / "copy"))


def is_asked(server: OpenAIServer) -> bool:
    """Once a request has come."""
    for _ in range(600):
        if server.requests:
            return True
        time.sleep(0.1)
    return False


async def test_escape_hangs_up_at_the_provider_while_it_still_writes(
    home: Path, tmp_path: Path
) -> None:
    config = run_cli("config", "path", "config", home=home).out.strip()
    core = Client(env={**os.environ, **KEY, "COPILOT_HOME": str(home)})
    with OpenAIServer([ENDLESS]) as server:
        Path(config).write_text(CONFIG.format(url=server.url), "utf-8")  # noqa: ASYNC240
        async with driven(core, tmp_path) as driver:
            await driver.type(QUESTION)
            await driver.pilot.press("enter")
            assert await asyncio.to_thread(is_asked, server)
            await asyncio.sleep(0.5)
            assert not server.disconnected.is_set()
            await driver.pilot.press("escape")
            assert await asyncio.to_thread(server.disconnected.wait, 20)
            await driver.settled()
            assert any("stopped" in line for line in driver.turns[-1].told)
            told = (await core.call(ExplainRun("last"), RunExplained)).told
    assert (told.run.summary.status, told.steps[-1].kind) == ("interrupted", "end")
    [request] = [step for step in told.steps if step.kind == "request"]
    assert request.input_tokens > 0
    assert request.start_ms is not None
    assert told.steps[-1].failed
