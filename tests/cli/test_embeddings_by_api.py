"""Embeddings by API: what they cost is in the ledger, to the micro-dollar."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Received
from tests.cli.conftest import Cli, Finished
from tests.corpora import REPOSITORY

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


def env_of(server: OpenAIServer) -> dict[str, str]:
    return {"OPENAI_API_KEY": "sk-" + "0" * 20, "OPENAI_API_BASE": server.url}


@pytest.fixture
def paid(cli: Cli, server: OpenAIServer, tmp_path: Path) -> Cli:
    """``copilot`` with a chat model and an embedder at one provider, and one document indexed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "refunds.md").write_text("# Refunds\n\nRefunds take three days.\n", "utf-8")

    def run(*arguments: str, **options: Any) -> Finished:
        return cli(*arguments, **{"env": env_of(server), **options})

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


def test_a_reader_who_closes_the_pipe_amid_an_answer_has_paid_for_what_was_written(
    paid: Cli, server: OpenAIServer, tmp_path: Path
) -> None:
    written = "Refunds take three days [1]. They are made"
    server.script(scripted.Reply(pieces=(written, ""), piece_delay_s=600, break_after=2))
    reader, writer = os.pipe()
    os.close(reader)
    home = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "ask", "How long do refunds take?"],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "HOME": home, "COPILOT_HOME": home, **env_of(server)},
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 0
    [run] = told(paid, "SELECT status, cost_microusd FROM v_runs WHERE kind = 'ask'")
    attempts = told(
        paid,
        "SELECT operation, a.error_type, estimated, a.output_tokens > 0 AS wrote, a.cost_microusd "
        "FROM v_attempts a JOIN v_runs r USING (run_id) WHERE r.kind = 'ask' ORDER BY attempt",
    )
    assert run["status"] == "interrupted"
    assert sum(attempt.pop("cost_microusd") for attempt in attempts) == run["cost_microusd"]
    assert {attempt["operation"] for attempt in attempts[:-1]} == {"embeddings"}
    stopped = {"operation": "chat", "error_type": "StoppedError", "estimated": True, "wrote": True}
    assert attempts[-1] == stopped
