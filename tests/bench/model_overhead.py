"""What our path adds to a bare litellm call, to the first token.

    python -m tests.bench.model_overhead

Both talk to the same server on the loopback, in turns, after a warm-up. Ours is the whole way:
gateway, adapter, then the first piece of text. Budget: 50 ms.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime

from copilot.adapters.models import build_chat_model
from copilot.adapters.models.loading import load_litellm
from copilot.config.models import ModelSettings
from copilot.gateway import Gateway
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


async def ours(gateway: Gateway) -> float:
    request = ModelRequest(MODEL, "", (Turn("user", QUESTION),))
    started = time.perf_counter()
    first = None
    async for step in gateway.stream(request):
        if first is None and isinstance(step, ModelChunk) and step.text:
            first = time.perf_counter() - started
    assert first is not None
    return first


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
        for _ in range(3):
            await bare(server.url)
            await ours(gateway)
        pairs = [(await bare(server.url), await ours(gateway)) for _ in range(ROUNDS)]
    for name, values in (("bare litellm", [p[0] for p in pairs]), ("ours", [p[1] for p in pairs])):
        ms = sorted(1000 * v for v in values)
        middle, high = statistics.median(ms), ms[int(0.9 * len(ms))]
        print(f"{name:14} first token: median {middle:6.1f} ms, p90 {high:6.1f} ms")
    added = statistics.median(1000 * (b - a) for a, b in pairs)
    print(f"added          median of the pairs: {added:.1f} ms (budget 50 ms)")
    print(f"import of litellm, in a thread while passages are searched for: {imported:.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
