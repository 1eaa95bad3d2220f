"""Embeddings by API: what they cost is in the ledger, to the micro-dollar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Received
from tests.cli.conftest import Cli, Finished

# Dollars a million tokens, so micro-dollars a token; no whole number of either.
EMBEDDING, READ, WROTE = 0.37, 1.13, 2.13
COUNTED = (901, 13)
CONFIG = f"""
[embedding]
model = "litellm:openai/embedder"

[models]
answer = "openai/scripted"
retries = 0
prices = {{ "openai/embedder" = {{ input = {EMBEDDING}, output = 0 }}, \
"openai/scripted" = {{ input = {READ}, output = {WROTE} }} }}
"""
ANSWER = scripted.Reply(pieces=("Refunds take ", "three days [1]."), usage=COUNTED)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer([ANSWER]) as running:
        yield running


@pytest.fixture
def paid(cli: Cli, server: OpenAIServer, tmp_path: Path) -> Cli:
    """``copilot`` with a chat model and an embedder at one provider, and one document indexed."""
    env = {"OPENAI_API_KEY": "sk-" + "0" * 20, "OPENAI_API_BASE": server.url}
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "refunds.md").write_text("# Refunds\n\nRefunds take three days.\n", "utf-8")

    def run(*arguments: str, **options: Any) -> Finished:
        return cli(*arguments, **{"env": env, **options})

    done = run("index", "add", str(tmp_path / "refunds.md"))
    assert done.code == 0, done.err
    return run


def bill(requests: list[Received]) -> int:
    """What a provider would bill for these requests, each rounded by itself."""
    return sum(
        round(scripted.words(request.body["input"]) * EMBEDDING)
        if request.path.endswith("/embeddings")
        else round(COUNTED[0] * READ + COUNTED[1] * WROTE)
        for request in requests
    )


def told(paid: Cli, query: str) -> list[dict[str, Any]]:
    done = paid("sql", query, "--json")
    assert done.code == 0, done.err
    return [line["row"] for line in done.lines]


def test_attempts_runs_and_the_bill_are_one_sum_for_index_search_and_ask(
    paid: Cli, server: OpenAIServer
) -> None:
    assert paid("search", "how many days until a refund arrives").code == 0
    assert paid("ask", "How long do refunds take?").code == 0
    billed = bill(server.requests)
    assert any(not request.path.endswith("/embeddings") for request in server.requests)
    by_kind = told(paid, "SELECT kind, cost_microusd AS cost FROM v_runs ORDER BY kind")
    assert [row["kind"] for row in by_kind] == ["ask", "index", "search"]
    assert all(row["cost"] > 0 for row in by_kind)
    assert sum(row["cost"] for row in by_kind) == billed
    [attempts] = told(
        paid,
        "SELECT sum(cost_microusd)::BIGINT AS cost, count(*) AS requests, "
        "bool_or(estimated) AS estimated FROM v_attempts",
    )
    assert attempts == {"cost": billed, "requests": len(server.requests), "estimated": False}
    [model] = told(paid, "SELECT model FROM v_runs WHERE kind = 'ask'")
    assert model == {"model": "openai/scripted"}


def test_an_embedding_that_fails_is_a_request_of_the_run_that_it_failed(
    paid: Cli, server: OpenAIServer
) -> None:
    server.script(scripted.server_error())
    assert paid("ask", "How long do refunds take?").code == 4
    shown = paid("runs", "show", "last").out
    assert "failed" in shown
    assert "openai/embedder (embeddings) failed" in shown
    [run] = told(paid, "SELECT status, cost_microusd AS cost FROM v_runs WHERE kind = 'ask'")
    assert run == {"status": "failed", "cost": 0}


def test_where_the_provider_counts_nothing_the_ledger_says_that_it_estimates(
    paid: Cli, server: OpenAIServer
) -> None:
    server.script(scripted.without_usage(ANSWER))
    assert paid("search", "refunds").code == 0
    [attempt] = told(
        paid,
        "SELECT DISTINCT a.input_tokens > 0 AS counted, a.estimated FROM v_attempts a "
        "JOIN v_runs r USING (run_id) WHERE r.kind = 'search'",
    )
    assert attempt == {"counted": True, "estimated": True}
