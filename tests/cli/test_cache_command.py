"""``copilot cache`` and ``ask --no-cache``, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli

SAID = "You have 45 minutes to acknowledge a page [1]."
ASKS = ("How long do I have to ack a page?",) * 2


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([scripted.text(SAID)]) as server:
        yield server


@pytest.fixture
def asking(server: OpenAIServer, tmp_path: Path, cli: Cli) -> Cli:
    """``copilot`` with a document and a model."""
    docs, home = tmp_path / "docs", tmp_path / "home"
    docs.mkdir()
    docs.joinpath("a.md").write_text("# Paging\n\nYou have 45 minutes to acknowledge a page.\n")
    home.mkdir()
    home.joinpath("config.toml").write_text(
        f'[models]\nanswer = "openai/x"\napi_base = "{server.url}"\n'
        '[models.prices]\n"openai/x" = { input = 100, output = 100 }\n'
    )
    assert cli("index", "add", str(docs)).code == 0
    return cli


def test_what_is_asked_twice_costs_once_and_the_status_tells_what_that_saved(
    asking: Cli, server: OpenAIServer
) -> None:
    lines = "".join(json.dumps({"question": text}) + "\n" for text in ASKS)
    first, second = asking("ask", "--batch", "-", stdin=lines).lines
    assert len(server.requests) == 1
    assert first["text"] == second["text"]
    assert (first["usage"]["cost_usd"], second["usage"]["cost_usd"]) == (0.0018, 0.0)
    assert second["notes"][0].startswith("from the cache, of ")

    shown = asking("ask", ASKS[0])
    assert "copilot: from the cache, of " in shown.err
    assert "saved $0.0018 and" in shown.err
    assert len(server.requests) == 1

    fresh = asking("ask", "--no-cache", ASKS[0])
    assert "from the cache" not in fresh.err
    assert len(server.requests) == 2

    told = asking("cache", "status").out
    assert "2 of 3 (67%): 2 by the same words, 0 by others" in told
    assert "$0.0036" in told
    status = asking("cache", "status", "--json").envelope
    assert (status["entries"], status["looks"], status["exact"]) == (1, 3, 2)
    assert status["saved_microusd"] == 3600
    assert (status["exact_on"], status["semantic_on"]) == (True, True)
    assert asking("cache", "clear").out == "1 answers deleted\n"


def test_an_empty_cache_says_why_it_answers_nothing(cli: Cli) -> None:
    assert "off: no chat model is configured" in cli("cache", "status").out
    assert cli("cache", "clear", "--json").envelope["entries"] == 0
    switched = cli("cache", "on", "--json").envelope
    assert not switched["semantic_on"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("similarity = 1.5", "cache.similarity"),
        ("treshold = 0.9", "treshold"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(
    cli: Cli, tmp_path: Path, line: str, says: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.joinpath("config.toml").write_text(f"[cache]\n{line}\n")
    done = cli("cache", "status")
    assert done.code == 2
    assert says in done.err
    assert "config.toml" in done.err
