"""What the core answers about runs, in a process of its own over a real index and ledger."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from copilot import calls
from copilot.calls import runs
from copilot.codec import to_plain
from copilot.errors import NotFoundError, UsageError
from copilot.events import RetrievalFinished, RunFinished, RunStarted
from copilot.serving.client import Client
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import run_cli
from tests.paged import QUESTION, paged_home

CONFIG = """
[models]
answer = "openai/scripted"
api_base = "{url}"
key = "scripted"
[models.prices."openai/scripted"]
input = 1.0
output = 10.0
"""
ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
KEY = {"COPILOT_KEY_SCRIPTED": "none", "OPENAI_API_KEY": "none"}


@dataclass(frozen=True)
class Shared:
    core: Client
    home: Path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def home(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "home"))


@pytest.fixture
async def core(home: Path) -> AsyncIterator[Client]:
    made = Client(env={**os.environ, **KEY, "COPILOT_HOME": str(home)})
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(source: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    """A core for tests that mind no other runs beside theirs."""
    home = Path(shutil.copytree(source, tmp_path_factory.mktemp("shared") / "home"))
    made = Client(env={**os.environ, **KEY, "COPILOT_HOME": str(home)})
    yield Shared(made, home)
    await made.stop()


def configure(home: Path, server: OpenAIServer) -> None:
    config = run_cli("config", "path", "config", home=home).out.strip()
    Path(config).write_text(CONFIG.format(url=server.url), "utf-8")


async def asked(core: Client, question: str = QUESTION, talk: str = "talk") -> str:
    async with aclosing(core.stream(calls.Ask(question, talk))) as steps:
        found = [step.run_id async for step in steps if isinstance(step, RunFinished)]
    return found[0]


async def listed(core: Client, choice: str = "", **page: object) -> runs.Runs:
    return await core.call(runs.ListRuns(choice, **page), runs.Runs)  # type: ignore[arg-type]


async def test_runs_are_listed_newest_first_page_by_page_and_by_choice(core: Client) -> None:
    [indexed] = (await listed(core)).found
    assert indexed.kind == "index"
    ids = [await asked(core, question) for question in (QUESTION, "What is a kumquat?", QUESTION)]
    first = await listed(core, limit=2)
    assert ([run.id for run in first.found], first.more) == (ids[:0:-1], True)
    rest = await listed(core, limit=2, after=first.found[-1])
    assert ([run.id for run in rest.found], rest.more) == ([ids[0], indexed.id], False)
    assert not (await listed(core, "kind=ask", limit=3)).more
    assert [run.id for run in (await listed(core, "kumquat status=abstained")).found] == [ids[1]]
    assert (await listed(core, "kumquat status=answered")).found == ()
    with pytest.raises(UsageError, match="no status soon"):
        await listed(core, "status=soon")


async def test_a_run_is_explained_as_the_command_line_explains_it(core: Client, home: Path) -> None:
    with OpenAIServer() as server:
        configure(home, server)
        server.script(scripted.text("You have 45 minutes to acknowledge a page [1]."))
        run_id = await asked(core)
    told = (await core.call(runs.ExplainRun(run_id[:18]), runs.RunExplained)).told
    shown = run_cli("runs", "show", run_id, "--json", home=home).envelope
    assert shown["run"] == to_plain(told.run)
    assert shown["steps"] == to_plain(told.steps)
    kinds = [step.kind for step in told.steps]
    for kind in ("asked", "search", "prompt", "model", "request", "first text", "check", "end"):
        assert kind in kinds, kind
    [request] = [step for step in told.steps if step.kind == "request"]
    assert (request.input_tokens, request.output_tokens, request.cost_microusd) == (11, 7, 81)
    timed = [step for step in told.steps if step.start_ms is not None]
    assert all(step.start_ms + (step.took_ms or 0) <= told.took_ms for step in timed)  # type: ignore[operator]
    written = run_cli("runs", "show", run_id, home=home).out
    for step in told.steps:
        for part in step.parts if step.kind in ("check", "decision", "feedback") else ():
            assert part.head in written


@ONE_LOOP
async def test_a_passage_is_shown_as_the_run_saw_it(shared: Shared) -> None:
    core = shared.core
    told = (await core.call(runs.ExplainRun(await asked(core)), runs.RunExplained)).told
    cited = told.run.citations[0]
    call = runs.ShowPassage(told.run.summary.id, cited.passage_id)
    passage = await core.call(call, runs.PassageShown)
    assert passage.path == cited.path
    assert passage.text[cited.quote_start : cited.quote_end] == cited.quote
    with pytest.raises(NotFoundError, match="isn't there any more"):
        await core.call(runs.ShowPassage(told.run.summary.id, "0000"), runs.PassageShown)


@ONE_LOOP
async def test_a_run_is_made_again_with_its_events_on_the_way(shared: Shared) -> None:
    core = shared.core
    run_id = await asked(core)
    async with aclosing(core.stream(runs.ReplayRun(run_id))) as steps:
        *events, last = [step async for step in steps]
    assert isinstance(last, runs.RunReplayed)
    assert last.told.comparison.same
    assert last.told.comparison.then.run_id == run_id
    assert isinstance(events[0], RunStarted)
    assert events[0].kind == "replay"
    assert any(isinstance(event, RetrievalFinished) for event in events)
    newest = (await listed(core)).found[0]
    assert (newest.kind, newest.id) == ("replay", last.told.comparison.now.run_id)


@ONE_LOOP
async def test_a_run_is_written_out_once_redacted_and_for_its_owner_alone(
    shared: Shared, tmp_path: Path
) -> None:
    core = shared.core
    run_id = await asked(core, f"{QUESTION} I am jane.doe@example.com", "another")
    path = tmp_path / "run.json"
    call = runs.ExportRun(run_id, str(path))
    assert await core.call(call, runs.RunExported) == runs.RunExported(str(path), written=True)
    envelope = json.loads(path.read_text("utf-8"))
    assert (envelope["kind"], envelope["run"]["summary"]["id"]) == ("run_detail", run_id)
    assert "jane.doe" not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("mine")
    assert not (await core.call(call, runs.RunExported)).written
    assert path.read_text() == "mine"
    trail = run_cli("audit", "verify", home=shared.home)
    assert trail.code == 0, trail.err


@ONE_LOOP
async def test_a_run_that_is_not_there_is_named(shared: Shared) -> None:
    with pytest.raises(NotFoundError, match="no run feed"):
        await shared.core.call(runs.ExplainRun("feed"), runs.RunExplained)
