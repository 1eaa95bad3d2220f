"""What the core answers about figures, in a process of its own over a real ledger."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.calls.dashboard import LookOver
from copilot.codec import from_plain, to_plain
from copilot.errors import StorageError, UsageError
from copilot.figures import Overview
from copilot.serving.client import Client
from tests.paged import QUESTION, paged_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture
async def core(home: Path) -> AsyncIterator[Client]:
    made = Client(env={**os.environ, "COPILOT_HOME": str(home)})
    yield made
    await made.stop()


async def test_a_run_that_ended_is_in_the_next_look(core: Client) -> None:
    before = await core.call(LookOver("today"), Overview)
    assert (before.now.every.runs, before.now.asks.runs, before.ever) == (1, 0, True)
    assert before.standing.synced_at is not None
    async with aclosing(core.stream(calls.Ask(QUESTION, "talk"))) as steps:
        async for _ in steps:
            pass
    after = await core.call(LookOver("today", "kind"), Overview)
    assert [group.every.group for group in after.groups] == ["ask", "index"]
    assert (after.now.every.runs, after.now.asks.answered) == (2, 1)
    assert from_plain(Overview, json.loads(json.dumps(to_plain(after)))) == after


async def test_what_there_is_not_is_refused(core: Client) -> None:
    with pytest.raises(UsageError, match="chat"):
        await core.call(LookOver(kind="chat"), Overview)


async def test_a_ledger_that_is_none_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "ledger"
    folder.mkdir(parents=True)
    (folder / "ledger.duckdb").write_bytes(b"no database" * 9_999)
    core = Client(env={**os.environ, "COPILOT_HOME": str(tmp_path / "home")})
    with pytest.raises(StorageError, match="ledger") as caught:
        await core.call(LookOver(), Overview)
    await core.stop()
    assert caught.value.hint
