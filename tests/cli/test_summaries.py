"""A long conversation through the installed command, its older turns summed up by a model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.messages import Turn
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Received, Reply
from tests.cli.conftest import Cli, Finished
from tests.corpora import REPOSITORY

ANSWER = scripted.Reply(pieces=("You have 45 minutes ", "to acknowledge [1]."), usage=(100, 10))
SUMMARY = "The person wants to know how long there is to acknowledge."
SUMS = scripted.Reply(pieces=(SUMMARY,), usage=(50, 5))
CONFIG = """
[models]
answer = "big"
retries = 0
breaker_failures = 0
[models.at]
big = {{ model = "openai/writes", api_base = "{writes}" }}
nano = {{ model = "openai/sums", api_base = "{sums}" }}
[models.prices]
"openai/writes" = {{ input = 1.0, output = 10.0 }}
"openai/sums" = {{ input = 1.0, output = 10.0 }}
[answer]
history_turns = 4
{more}
"""
ROUTE = '[models.routes.summarise]\nmodels = ["nano"]\ntimeout_s = {within_s}\n'
KEY = {"OPENAI_API_KEY": "sk-" + "0" * 20}


class Desk:
    """A home with one document, a model that writes and one that sums up."""

    def __init__(self, cli: Cli, folder: Path, writes: OpenAIServer, sums: OpenAIServer) -> None:
        self._cli, self.home, self.writes, self.sums = cli, folder / "home", writes, sums
        self.home.mkdir()
        document = folder / "on-call.md"
        document.write_text("# Being on call\n\nYou have 45 minutes to acknowledge a page.\n")
        self.configure()
        self("index", "add", str(document))
        self.writes.script(ANSWER)
        self.sums.script(SUMS)

    def __call__(self, *arguments: str, **options: Any) -> Finished:
        done = self._cli(*arguments, env={**KEY, **options.pop("env", {})}, **options)
        assert done.code == 0, done.err
        return done

    def configure(self, *, route: bool = True, within_s: float = 15, more: str = "") -> None:
        more += ROUTE.format(within_s=within_s) if route else ""
        text = CONFIG.format(writes=self.writes.url, sums=self.sums.url, more=more)
        self.home.joinpath("config.toml").write_text(text)

    def told(self, turns: int) -> None:
        """Have said as much."""
        kept = FileConversations(self.home / "sessions")
        for number in range(1, turns + 1):
            asked = Turn("user", f"Question {number}: how long do I have to acknowledge?")
            answer = Turn("assistant", "You have 45 minutes to acknowledge. [1]")
            kept.append("talk", [asked, answer], by="local")

    def ask(self, number: int, name: str = "talk") -> dict[str, Any]:
        text = f"Question {number}: how long do I have to acknowledge?"
        return self("ask", "-s", name, "--json", text).envelope

    def given(self, at: int = -1) -> list[dict[str, str]]:
        """The messages of a request to the model that writes, without its instructions."""
        return messages(self.writes.requests[at])

    @property
    def sessions(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted((self.home / "sessions").iterdir()))


def messages(received: Received) -> list[dict[str, str]]:
    return [one for one in received.body["messages"] if one["role"] != "system"]


@pytest.fixture
def desk(cli: Cli, tmp_path: Path) -> Iterator[Desk]:
    with OpenAIServer() as writes, OpenAIServer() as sums:
        yield Desk(cli, tmp_path, writes, sums)


def test_in_a_long_conversation_older_turns_are_given_as_a_summary_that_is_made_in_batches(
    desk: Desk,
) -> None:
    made, used = [], []
    for number in range(1, 11):
        envelope = desk.ask(number)
        assert (envelope["status"], envelope["notes"]) == ("answered", [])
        made.append(len(desk.sums.requests))
        used.append(envelope["usage"]["input_tokens"])
        earlier = number >= 4
        assert (f"<earlier>\n{SUMMARY}\n</earlier>" in desk.given()[0]["content"]) is earlier
        assert [one["role"] for one in desk.given()][::2] == ["user"] * min(number, 3)
    assert made == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert used == [100 + 50 * more for more in (0, 0, 1, 0, 1, 0, 1, 0, 1, 0)]
    assert desk.given()[0]["content"].endswith("Question 8: how long do I have to acknowledge?")
    second = messages(desk.sums.requests[1])[0]["content"]
    assert SUMMARY in second
    assert "Question 2:" not in second
    assert "Person: Question 3:" in second
    assert "Person: Question 4:" in second
    rows = desk("sql", "SELECT model, count(*) AS n FROM v_attempts GROUP BY ALL", "--json").lines
    counted = {one["row"]["model"]: one["row"]["n"] for one in rows}
    assert counted == {"openai/writes": 10, "openai/sums": 4}
    # The answer's model and prompt are the run's, not those of what was asked beside it.
    models = desk("sql", "SELECT DISTINCT model FROM v_runs WHERE kind = 'ask'", "--json").lines
    assert [one["row"]["model"] for one in models] == ["big"]


def test_a_run_that_was_given_a_summary_says_so_and_is_made_again_with_it(desk: Desk) -> None:
    desk.told(2)
    desk.ask(3)
    run_id = desk.ask(4)["run_id"]
    shown = desk("runs", "show", run_id, "--json").envelope["run"]
    assert shown["summarised"] == {"text": SUMMARY}
    assert [one["role"] for one in shown["history"]] == ["user", "assistant"] * 2
    assert shown["prompt"]["id"] == "answering/write"
    ids = [one["version"]["id"] for one in shown["prompts"]]
    assert ids == ["answering/earlier", "answering/write"]
    then = desk.given()
    desk.configure(route=False)  # what is made again is given what it was given
    again = desk("runs", "replay", run_id, "--json").envelope
    assert again["same"]
    assert len(desk.writes.requests) == 3
    assert desk.given() == then


def test_without_the_route_a_conversation_is_as_it_was(desk: Desk) -> None:
    desk.configure(route=False)
    desk.told(5)
    desk.ask(6)
    assert desk.sums.requests == []
    assert "earlier" not in json.dumps([one.body for one in desk.writes.requests])
    assert b"summary" not in desk.sessions


@pytest.mark.parametrize(
    "reply",
    [
        scripted.server_error(503),
        scripted.unauthorized(),
        scripted.slow(SUMS, 20),
        scripted.dropped(SUMS, 1),
        scripted.garbled(scripted.text(SUMMARY), 1),
    ],
    ids=["error", "key", "silent", "broken", "garbled"],
)
def test_where_the_model_fails_the_answers_are_as_without_it(desk: Desk, reply: Reply) -> None:
    desk.told(2)
    desk.ask(3)
    assert len(desk.sums.requests) == 1
    desk.told(1)
    desk.configure(within_s=1.0 if reply.first_delay_s else 15)
    desk.sums.script(reply)
    envelope = desk.ask(5)
    assert (envelope["status"], envelope["notes"]) == ("answered", [])
    assert len(desk.sums.requests) == 1
    # The one from before is still given.
    assert SUMMARY in desk.given()[0]["content"]
    [failed] = desk("sql", "SELECT * FROM v_attempts WHERE outcome = 'failed'", "--json").lines
    assert failed["row"]["model"] == "openai/sums"


@pytest.mark.slow
def test_ctrl_c_while_a_summary_is_waited_for_ends_at_once_and_keeps_the_answer(
    desk: Desk,
) -> None:
    desk.told(2)
    desk.configure(within_s=60)
    desk.sums.script(scripted.slow(SUMS, 60))
    path = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    env = {**path, **KEY, "HOME": str(desk.home), "COPILOT_HOME": str(desk.home)}
    question = "Question 3: how long do I have to acknowledge?"
    with subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "ask", "-s", "talk", question],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY, env=env,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = b""
        while b"[1]" not in shown and (more := os.read(process.stdout.fileno(), 4096)):
            shown += more
        deadline = time.monotonic() + 30
        while not desk.sums.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(1)  # past the last of the text, where nothing but the summary is under way
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        rest, said = process.communicate(timeout=50)
        took_s = time.monotonic() - stopped
    assert process.returncode == 130, said
    assert b"interrupted" in said
    assert took_s < 20
    assert b"on-call.md" in shown + rest  # its sources too
    turns = FileConversations(desk.home / "sessions").load("talk")
    assert [one.text for one in turns[4:]] == [question, "You have 45 minutes to acknowledge. [1]"]
    runs = desk("sql", "SELECT status FROM v_runs WHERE kind = 'ask'", "--json").lines
    assert [one["row"]["status"] for one in runs] == ["answered"]
    asked = desk("sql", "SELECT model, outcome FROM v_attempts ORDER BY model", "--json").lines
    assert [tuple(one["row"].values()) for one in asked] == [
        ("openai/sums", "failed"),
        ("openai/writes", "ok"),
    ]
    assert b"summary" not in desk.sessions


def test_switched_off_nobody_is_asked_and_the_summary_that_is_there_stays(desk: Desk) -> None:
    desk.told(2)
    desk.ask(3)
    desk("flags", "set", "summarise", "off", "--reason", "it costs too much")
    desk.sums.script(SUMS)
    desk.told(2)
    desk.ask(6)
    assert desk.sums.requests == []
    assert SUMMARY in desk.given()[0]["content"]
    desk("flags", "set", "summarise", "on", "--reason", "it doesn't")
    desk.ask(7)
    assert len(desk.sums.requests) == 1


def test_over_budget_nobody_is_asked_and_the_answer_is_written(desk: Desk) -> None:
    price = '\n"openai/dear" = { input = 1000.0, output = 1000.0 }\n'
    desk.configure(more="[budgets]\ncall_usd = 0.02\n")
    text = desk.home.joinpath("config.toml").read_text()
    text = text.replace('model = "openai/sums"', 'model = "openai/dear"')
    desk.home.joinpath("config.toml").write_text(text.replace("\n[answer]", f"{price}[answer]"))
    desk.told(2)
    assert desk.ask(3)["status"] == "answered"
    assert desk.sums.requests == []
    assert len(desk.writes.requests) == 1
    changes = "SELECT count(*) AS n FROM v_budget WHERE change = 'refused'"
    assert [one["row"]["n"] for one in desk("sql", changes, "--json").lines] == [1]


def test_what_it_costs_is_set_against_the_budgets(desk: Desk) -> None:
    desk.configure(more="[budgets]\nday_usd = 1.0\n")
    desk.told(2)
    desk.ask(3)
    [row] = desk("models", "budget", "--json").lines
    # An answer of 100 tokens read and 10 written, and a summary of 50 and 5.
    assert row["spent_microusd"] == 200 + 100


def test_the_models_of_the_job_are_listed_and_the_estimate_counts_the_summary(desk: Desk) -> None:
    listed = desk("models", "list", "--json").lines
    assert [one["name"] for one in listed if one["job"] == "summarise"] == ["nano"]
    desk.told(2)
    desk.ask(3)
    estimate = ("ask", "-s", "talk", "--estimate", "--json", "Question 4: how long do I have?")
    [told] = desk(*estimate).envelope["models"]
    desk.configure(route=False)
    [without] = desk(*estimate).envelope["models"]
    more = told["probable"]["input_tokens"] - without["probable"]["input_tokens"]
    assert more > len(SUMMARY.split())


def test_forgetting_who_talked_leaves_no_byte_of_the_summary(desk: Desk) -> None:
    desk.told(2)
    desk.ask(3)
    desk.ask(4)
    desk("runs", "list")
    word = b"wants to know how long"
    assert word in desk.sessions
    desk("ledger", "forget", "local")
    held = [path for path in desk.home.rglob("*") if path.is_file() and word in path.read_bytes()]
    assert held == []


def test_a_release_covers_the_prompt_and_the_models_of_the_job(desk: Desk) -> None:
    first = desk("release", "show", "--json").envelope["id"]
    desk.configure(route=False)
    assert desk("release", "show", "--json").envelope["id"] != first
    desk.configure()
    assert desk("release", "show", "--json").envelope["id"] == first
    desk("prompts", "copy", "answering/summarise")
    own = Path(desk("config", "path", "prompts").out.strip(), "answering", "summarise.md")
    own.write_text(own.read_text().replace("You keep a summary", "You keep a short summary"))
    assert desk("release", "show", "--json").envelope["id"] != first
