"""Budgets through the installed command: what is refused, what is left, what is granted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from tests.cli.conftest import Cli

QUESTION = "How many days does a refund take?"
ANSWER = scripted.Reply(pieces=("Refunds take ", "three days [1]."), usage=(1_000, 100))
# 1,000 tokens read and 100 written cost 2,000 micro-dollars; at most, 8,000 more are written.
CONFIG = """
[models]
answer = "openai/scripted"
api_base = "{url}"
retries = 0
prices = {{ "openai/scripted" = {{ input = 1.0, output = 10.0 }} }}
[cache]
enabled = false
[budgets]
{budgets}
"""


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([ANSWER]) as running:
        yield running


def configure(folder: Path, server: OpenAIServer, budgets: str) -> None:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    text = CONFIG.format(url=server.url, budgets=budgets)
    (home / "config.toml").write_text(text, encoding="utf-8")


def test_over_budget_the_answer_is_quoted_until_somebody_grants_more(
    cli: Cli, server: OpenAIServer, tmp_path: Path
) -> None:
    (tmp_path / "refunds.md").write_text("# Refunds\n\nRefunds take three days.\n", "utf-8")
    configure(tmp_path, server, "day_usd = 0.0095")
    assert cli("index", "add", str(tmp_path / "refunds.md")).code == 0
    told = cli("ask", QUESTION, "--estimate", "--json").envelope
    assert (told["kind"], [one["model"] for one in told["models"]]) == (
        "estimate",
        ["openai/scripted"],
    )
    [estimate] = told["models"]
    assert 0 < estimate["probable"]["cost_usd"] < estimate["most"]["cost_usd"] <= 0.0095
    assert estimate["most"]["output_tokens"] == 800
    assert server.requests == []
    first = cli("ask", QUESTION, "--json")
    assert (first.code, first.envelope["status"]) == (0, "answered")
    second = cli("ask", QUESTION, "--json")
    assert (second.code, second.envelope["status"]) == (8, "limited")
    assert second.envelope["citations"]
    assert "budgets.day_usd: $0.002 of $0.0095 are spent" in second.envelope["notes"][0]
    assert "the answer is quoted" in second.err
    assert len(server.requests) == 1
    reason = "the quarter's report"
    more = cli("models", "grant", "day", "--usd", "1", "--reason", reason, "--json")
    assert more.envelope["granted_microusd"] == 1_000_000
    assert cli("ask", QUESTION).code == 0
    [row] = cli("models", "budget", "--json").lines
    assert (row["budget"], row["spent_microusd"], row["reserved_microusd"]) == ("day", 4_000, 0)
    trail = cli("audit", "export").out
    entries = [json.loads(line) for line in trail.splitlines() if "budget.grant" in line]
    assert [_detail(entry)["reason"] for entry in entries] == [reason]
    changes = cli("sql", "SELECT change, count(*) AS n FROM v_budget GROUP BY ALL", "--json").lines
    counted = {line["row"]["change"]: line["row"]["n"] for line in changes}
    assert counted == {"reserved": 2, "settled": 2, "refused": 1}


def test_over_budget_and_without_a_quote_the_exit_code_is_that_of_the_budget(
    cli: Cli, server: OpenAIServer, tmp_path: Path
) -> None:
    (tmp_path / "refunds.md").write_text("# Refunds\n\nRefunds take three days.\n", "utf-8")
    configure(tmp_path, server, "day_usd = 0.0")
    assert cli("index", "add", str(tmp_path / "refunds.md")).code == 0
    told = cli("ask", "Who won the world cup of 1966?", "--json")
    assert (told.code, told.envelope["status"]) == (8, "limited")
    assert told.envelope["citations"] == []
    assert "budgets.day_usd" in told.envelope["notes"][0]
    assert server.requests == []


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    found = entry.get("entry", entry)["detail"]
    assert isinstance(found, dict)
    return found


def test_a_record_over_budget_is_read_by_rules(
    cli: Cli, server: OpenAIServer, tmp_path: Path
) -> None:
    configure(tmp_path, server, 'call_tokens = 20\n[extraction]\nmodel = "openai/scripted"')
    told = cli("extract", "ticket", "-", "--estimate", stdin="The printer is broken.\n").envelope
    assert told["models"][0]["most"]["cost_usd"] > told["models"][0]["probable"]["cost_usd"] > 0
    done = cli("extract", "ticket", "-", stdin="The printer in room 4 is broken since Monday.\n")
    assert done.code == 8
    assert done.envelope["kind"] == "record"
    assert "over budget: budgets.call_tokens is 20" in done.err
    assert server.requests == []


def test_a_sync_that_meets_its_limit_ends_and_goes_on_later(
    cli: Cli, server: OpenAIServer, tmp_path: Path
) -> None:
    configure(tmp_path, server, 'day_tokens = 12\n[embedding]\nmodel = "litellm:openai/embedder"')
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.md").write_text(f"# Refunds {n}\n\nRefunds take {n} days.\n", "utf-8")
    env = {"OPENAI_API_KEY": "sk-" + "0" * 20, "OPENAI_API_BASE": server.url}
    stopped = cli("index", "add", str(folder), env=env)
    assert stopped.code == 8, stopped.err
    assert "budgets.day_tokens" in stopped.err
    assert cli("index", "sync", env={**env, "COPILOT_BUDGETS__DAY_TOKENS": "5000"}).code == 0
    assert len(cli("index", "list", "--json").lines) == 3


@pytest.mark.parametrize(
    ("budgets", "says"),
    [
        ("day_usd = -1", "budgets.day_usd must be at least 0"),
        ("day_tokens = 1.5", "budgets.day_tokens must be a whole number"),
        ("soft = 2", "budgets.soft must be at most 1"),
        ("dya_usd = 1", "there is no setting budgets.dya_usd"),
        ("principal = { day_usd = -1 }", "budgets.principal must have at least 0 for day_usd"),
    ],
)
def test_a_wrong_budget_is_one_clear_error(
    cli: Cli, server: OpenAIServer, tmp_path: Path, budgets: str, says: str
) -> None:
    configure(tmp_path, server, budgets)
    done = cli("ask", QUESTION)
    assert done.code == 2
    assert says in done.err
    assert "config.toml" in done.err
    assert server.requests == []
