"""What our path adds to a bare litellm call, to the first token.

    python -m tests.bench.model_overhead

All talk to the same server on the loopback, in turns, after a warm-up. Ours is the whole way:
gateway, adapter, then the first piece of text; "ours, routed" besides with what a configuration
brings: two tiers and the features of the question, models' health in SQLite, and a budget for the
day in money, set aside before the request and settled after it. Budget: 50 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.models import build_chat_model
from copilot.adapters.models.loading import load_litellm
from copilot.bootstrap import Copilot
from copilot.config.budgets import BudgetSettings
from copilot.config.models import DeploymentSettings, ModelPrice, ModelSettings, RouteSettings
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.gateway import Features, Gateway
from copilot.messages import ModelChunk, ModelRequest, Turn
from copilot.testing.openai_server import OpenAIServer, text
from tests.routes import route

ROUNDS = 60
MODEL = "openai/scripted"
QUESTION = "How long do I have to acknowledge a page? " * 40


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


async def bare(url: str) -> float:
    litellm = load_litellm()
    started = time.perf_counter()
    stream = await litellm.acompletion(
        model=MODEL,
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
        api_base=url,
        api_key="none",
        max_retries=0,
    )
    first = None
    async for chunk in stream:
        if first is None and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - started
    assert first is not None
    return first


async def ours(gateway: Gateway, known: Features | None = None) -> float:
    request = ModelRequest(MODEL, "", (Turn("user", QUESTION),))
    started = time.perf_counter()
    first = None
    async for step in gateway.stream(request, features=known):
        if first is None and isinstance(step, ModelChunk) and step.text:
            first = time.perf_counter() - started
    assert first is not None
    return first


def routed(url: str, folder: Path) -> Gateway:
    """As a person has it who configures all of it."""
    at = {
        name: DeploymentSettings(model=MODEL, api_base=url) for name in ("cheap", "strong", "spare")
    }
    models = ModelSettings(
        answer="strong",
        at=at,
        routes={"answer": RouteSettings(cheap=("cheap",), then=("spare",))},
        prices={MODEL: ModelPrice(input=1, output=10)},
    )
    settings = Settings(models=models, budgets=BudgetSettings(day_usd=1000))
    paths = Paths.from_environment({"COPILOT_HOME": str(folder), "HOME": str(folder)})
    gateway = Copilot(settings=settings, paths=paths).routes.chat("answer")
    assert gateway is not None
    return gateway


async def main() -> None:
    with OpenAIServer(
        [text("You have 45 minutes to acknowledge a page, then the backup is paged.")]
    ) as server:
        settings = ModelSettings(answer=MODEL, api_base=server.url)
        model = build_chat_model(settings, key_for=lambda name: None)
        gateway = Gateway(route(model, name=MODEL), settings, _Clock())
        started = time.perf_counter()
        await asyncio.to_thread(load_litellm)
        imported = time.perf_counter() - started
        with tempfile.TemporaryDirectory() as folder:
            whole, known = routed(server.url, Path(folder)), Features(documents=1)
            for _ in range(3):
                await bare(server.url)
                await ours(gateway)
                await ours(whole, known)
            rounds = [
                (await bare(server.url), await ours(gateway), await ours(whole, known))
                for _ in range(ROUNDS)
            ]
    for place, name in enumerate(("bare litellm", "ours", "ours, routed")):
        values = [one[place] for one in rounds]
        ms = sorted(1000 * v for v in values)
        middle, high = statistics.median(ms), ms[int(0.9 * len(ms))]
        print(f"{name:14} first token: median {middle:6.1f} ms, p90 {high:6.1f} ms")
    for place, name in ((1, "ours"), (2, "ours, routed")):
        added = statistics.median(1000 * (one[place] - one[0]) for one in rounds)
        print(f"added: {name:12}  median over the rounds: {added:.1f} ms (budget 50 ms)")
    print(f"import of litellm, in a thread while passages are searched for: {imported:.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
