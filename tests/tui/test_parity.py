"""The command line and the application, given the same scripted model, report the same answer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from copilot.codec import to_plain
from copilot.messages import Answer
from copilot.serving.client import Client
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.cli.conftest import Finished, run_cli
from tests.paged import QUESTION, paged_home
from tests.tui.driving import driven

CONFIG = """
[models]
answer = "openai/scripted"
api_base = "{url}"
key = "scripted"
retries = 0
[models.prices."openai/scripted"]
input = 1.0
output = 10.0
# each front end has the model asked
[cache]
enabled = false
"""
KEY = {"COPILOT_KEY_SCRIPTED": "none", "OPENAI_API_KEY": "none"}
TRUE = "You have 45 minutes to acknowledge a page [1]."
UNKNOWN = "What is a kumquat?"
# What is asked, what the model says, how it ends.
CASES: dict[str, tuple[str, tuple[Reply, ...], str]] = {
    "borne out": (QUESTION, (scripted.text(TRUE),), "answered"),
    "made up in part": (
        QUESTION,
        (scripted.text(f"{TRUE} Then the moon is paged [1]."),),
        "answered",
    ),
    "down": (QUESTION, (scripted.server_error(503),), "degraded"),
    "not in the documents": (UNKNOWN, (scripted.text("NO_ANSWER"),), "abstained"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("parity"))


@pytest.fixture
def home(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "home"))


def cli(home: Path, *arguments: str) -> Finished:
    done = run_cli(*arguments, home=home, env=KEY)
    assert done.code in (0, 10), done.err
    return done


def as_printed(answer: Answer) -> dict[str, Any]:
    """The part of the envelope that is about the answer, made of the answer itself."""
    usage = answer.usage
    return {
        "status": answer.status.value,
        "text": answer.text,
        "sentences": to_plain(answer.sentences),
        "citations": to_plain(answer.citations),
        "searched": to_plain(answer.searched),
        "notes": list(answer.notes),
        "usage": {
            "model": usage.model,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
            "saved_tokens": usage.saved_tokens,
        },
    }


async def test_both_report_the_same_answer_citations_verdicts_status_and_usage(
    home: Path, tmp_path: Path
) -> None:
    config = cli(home, "config", "path", "config").out.strip()
    core = Client(env={**os.environ, **KEY, "COPILOT_HOME": str(home)})
    with OpenAIServer() as server:
        Path(config).write_text(CONFIG.format(url=server.url), "utf-8")  # noqa: ASYNC240
        async with driven(core, tmp_path) as driver:
            for name, (question, replies, status) in CASES.items():
                server.script(*replies)
                printed = cli(home, "ask", "--json", question).envelope
                asked = [request.body["messages"] for request in server.requests]
                server.script(*replies)
                turn = await driver.ask(question)
                assert [request.body["messages"] for request in server.requests] == asked, name
                assert turn.answer is not None, name
                assert as_printed(turn.answer) == {
                    key: printed[key] for key in as_printed(turn.answer)
                }, name
                assert (turn.answer.status.value, turn.text) == (status, printed["text"]), name
                ours, theirs = (
                    cli(home, "runs", "show", run, "--json").envelope["run"]
                    for run in (turn.run_id, printed["run_id"])
                )
                assert ours["verdicts"] == theirs["verdicts"], name
                assert ours["hits"] == theirs["hits"], name
                assert ours["summary"]["cost_microusd"] == theirs["summary"]["cost_microusd"]
                await driver.pilot.press("ctrl+n")
                await driver.settled()
