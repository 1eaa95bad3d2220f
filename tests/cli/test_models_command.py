"""``copilot models``: what is configured, and whether it answers, at real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def routed(server: OpenAIServer, tmp_path: Path) -> OpenAIServer:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    home.joinpath("config.toml").write_text(
        f"""
[models]
breaker_failures = 1
answer = "anthropic/claude-haiku-4-5"
[models.routes.answer]
then = ["here"]
[models.at.here]
model = "openai/scripted"
api_base = "{server.url}"
context_tokens = 4096
""",
        encoding="utf-8",
    )
    return server


def test_models_are_listed_in_the_order_in_which_they_are_asked(
    routed: OpenAIServer, cli: Cli
) -> None:
    done = cli("models", "list", "--json")
    first, second = done.lines
    assert (first["job"], first["place"], first["name"]) == (
        "answer",
        1,
        "anthropic/claude-haiku-4-5",
    )
    assert first["facts"]["context_tokens"] >= 100_000
    assert 0 < first["facts"]["input_usd"] < first["facts"]["output_usd"]
    assert (second["place"], second["name"], second["model"]) == (2, "here", "openai/scripted")
    assert second["facts"] == {"context_tokens": 4096, "input_usd": 0.0, "output_usd": 0.0}
    shown = cli("models", "list").out.splitlines()
    assert shown[1].split()[:3] == ["answer", "1", "anthropic/claude-haiku-4-5"]
    assert "no anthropic" in shown[1]
    assert "here (openai/scripted)" in shown[2]
    assert routed.requests == []


def test_tiers_and_what_is_asked_beside_an_answer_are_listed_and_looked_at(
    routed: OpenAIServer, cli: Cli, tmp_path: Path
) -> None:
    with (tmp_path / "home" / "config.toml").open("a", encoding="utf-8") as file:
        file.write(
            """
[models.at.small]
model = "openai/small"
api_base = "http://127.0.0.1:9/v1"
[models.routes.judge]
models = ["cohere/x"]
"""
        )
    text = (tmp_path / "home" / "config.toml").read_text()
    (tmp_path / "home" / "config.toml").write_text(
        text.replace('then = ["here"]', 'cheap = ["small"]\nthen = ["here"]\nrouter = "small"')
    )
    listed = cli("models", "list", "--json")
    assert [(one["job"], one["name"], one["tier"]) for one in listed.lines] == [
        ("answer", "small", "cheap"),
        ("answer", "anthropic/claude-haiku-4-5", "strong"),
        ("answer", "here", ""),
        ("judge", "cohere/x", ""),
        ("router", "small", ""),
    ]
    found = [one for one in cli("doctor", "--json").envelope["findings"] if one["status"] != "ok"]
    told = [(one["status"], one["detail"]) for one in found if one["check"] == "chat model"]
    assert ("skipped", "cohere/x (judge) is configured; not asked") in told
    assert ("skipped", "small (answer, router) is configured; not asked") in told


def test_each_model_is_asked_for_a_word_and_one_that_fails_is_named_with_its_remedy(
    routed: OpenAIServer, cli: Cli
) -> None:
    routed.script(scripted.text("Yes."))
    done = cli("models", "test")
    assert done.code == 4
    assert "✗ anthropic/claude-haiku-4-5: no key for anthropic" in done.out
    assert "  copilot keys set anthropic" in done.out
    assert "✓ here: " in done.out
    assert "it said: Yes." in done.out
    assert len(routed.requests) == 1
    runs = cli("runs", "list", "--kind", "test", "--json").lines
    assert [(one["run"]["question"], one["run"]["status"]) for one in runs] == [
        ("here (openai/scripted)", "answered"),
        ("anthropic/claude-haiku-4-5", "failed"),
    ]
    [row] = cli("stats", "--kind", "test", "--json").envelope["rows"]
    assert (row["input_tokens"], row["output_tokens"]) == (11, 7)
    here = cli("models", "list", "--json").lines[1]
    assert here["took"]["latency_ms"] > 0


def test_one_model_is_asked_by_name_and_an_unknown_name_asks_nobody(
    routed: OpenAIServer, cli: Cli
) -> None:
    routed.script(scripted.text("Yes."))
    done = cli("models", "test", "here", "--json")
    [told] = done.lines
    assert (done.code, told["name"], told["said"], told["error"]) == (0, "here", "Yes.", None)
    assert told["attempt"]["usage"]["input_tokens"] == 11
    assert told["attempt"]["first_token_ms"] > 0
    unknown = cli("models", "test", "there")
    assert unknown.code == 3
    assert "there is no model 'there'" in unknown.err
    assert "here" in unknown.err
    assert len(routed.requests) == 1


def test_a_model_that_rests_says_until_when_and_answers_again_once_a_test_went_well(
    routed: OpenAIServer, cli: Cli
) -> None:
    routed.script(scripted.server_error())
    assert cli("models", "test", "here").code == 4
    assert [one["rests_until"] is not None for one in cli("models", "list", "--json").lines] == [
        False,
        True,
    ]
    routed.script(scripted.text("Yes."))
    assert cli("models", "test", "here").code == 0
    assert not [one for one in cli("models", "list", "--json").lines if one["rests_until"]]


def test_without_a_model_it_says_how_to_have_one(cli: Cli) -> None:
    for command in ("list", "test"):
        done = cli("models", command)
        assert (done.code, done.out) == (0, "")
        assert "set models.answer" in done.err
