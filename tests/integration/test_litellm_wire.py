"""litellm behind ports.ChatModel, against a real OpenAI-compatible server on the loopback."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from copilot.adapters.models import build_chat_model
from copilot.adapters.models.litellm_chat import LiteLLMChat
from copilot.config.models import ModelPrice, ModelSettings
from copilot.errors import (
    ModelAuthError,
    ModelContextError,
    ModelError,
    ModelRateLimitError,
    ModelRequestError,
    ModelStreamError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from copilot.events import ModelAttempt, ModelChosen
from copilot.gateway import Gateway
from copilot.messages import ModelChunk, ModelRequest, Turn
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.corpora import REPOSITORY
from tests.routes import route

KEY = "sk-very-secret-1234567890"
TEXT = "You have 45 minutes. Then the backup is paged."
REQUEST = ModelRequest("openai/scripted", "Be brief.", (Turn("user", "How long?"),))


class Wire:
    """A server, and models that talk to it."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server

    def model(self, *replies: Reply, key: str | None = KEY, **changes: object) -> LiteLLMChat:
        self.server.script(*replies)
        settings = ModelSettings(
            **{"answer": REQUEST.model, "api_base": self.server.url, **changes}  # type: ignore[arg-type]
        )
        return build_chat_model(settings, key_for=lambda name: key)

    def gateway(self, *replies: Reply, **changes: object) -> Gateway:
        model = self.model(*replies, **changes)
        return Gateway(
            route(model, name=REQUEST.model), model.settings, LoopClock(), sleep=self._skip
        )

    async def _skip(self, seconds: float) -> None:
        self.waited = [*getattr(self, "waited", []), seconds]


class LoopClock:
    def now(self) -> object:
        raise NotImplementedError

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    with OpenAIServer() as server:
        yield Wire(server)


async def _all(model: LiteLLMChat, request: ModelRequest = REQUEST) -> list[ModelChunk]:
    return [chunk async for chunk in model.stream(request)]


async def _fails(model: LiteLLMChat, request: ModelRequest = REQUEST) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await _all(model, request)
    return caught.value


# --- what is sent, what comes back -----------------------------------------------------


async def test_a_stream_arrives_piece_by_piece_with_the_servers_own_counts(wire: Wire) -> None:
    taken, *chunks = await _all(wire.model(scripted.text(TEXT)))
    assert taken == ModelChunk()
    assert [c.text for c in chunks[:-1]] == list(scripted.text(TEXT).pieces)
    usage = chunks[-1].usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (11, 7, False)


async def test_the_request_carries_system_turns_limits_and_asks_for_usage(wire: Wire) -> None:
    request = replace(REQUEST, max_output_tokens=55, temperature=0.5)
    await _all(wire.model(scripted.text(TEXT)), request)
    [received] = wire.server.requests
    assert received.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How long?"},
    ]
    assert received.body["max_tokens"] == 55
    assert received.body["temperature"] == 0.5
    assert received.body["stream_options"] == {"include_usage": True}
    assert received.headers["authorization"] == f"Bearer {KEY}"


async def test_a_server_of_ones_own_gets_no_key_from_the_environment(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-someone-else")
    await _all(wire.model(scripted.text(TEXT), key=None))
    assert "someone-else" not in wire.server.requests[0].headers["authorization"]


@pytest.mark.parametrize("counted", [None, (0, 0)])
async def test_without_usage_from_the_server_the_counts_are_marked_as_estimated(
    wire: Wire, counted: tuple[int, int] | None
) -> None:
    chunks = await _all(wire.model(replace(scripted.text(TEXT), usage=counted)))
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.estimated
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0


@pytest.mark.parametrize(
    ("model", "prices", "cost"),
    [
        ("openai/scripted", {}, 0),  # nobody's price list knows it, and it runs here
        ("openai/scripted", {"openai/scripted": ModelPrice(input=1, output=10)}, 81),
        ("openai/gpt-4o", {"openai/gpt-4o": ModelPrice(input=0, output=0)}, 0),
    ],
)
async def test_the_cost_is_in_whole_micro_dollars(
    wire: Wire, model: str, prices: dict[str, ModelPrice], cost: int
) -> None:
    chunks = await _all(
        wire.model(scripted.text(TEXT), prices=prices), replace(REQUEST, model=model)
    )
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.cost_microusd == cost


async def test_a_model_that_the_price_list_knows_costs_what_it_says(wire: Wire) -> None:
    reply = replace(scripted.text(TEXT), usage=(1_000_000, 1_000_000))
    chunks = await _all(wire.model(reply), replace(REQUEST, model="openai/gpt-4o-mini"))
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.cost_microusd is not None
    assert usage.cost_microusd > 100_000


# --- failures --------------------------------------------------------------------------


async def test_a_rate_limit_names_the_seconds_to_wait(wire: Wire) -> None:
    error = await _fails(wire.model(scripted.rate_limited(7)))
    assert isinstance(error, ModelRateLimitError)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    ("header", "value", "low", "high"),
    [
        ("Retry-After-Ms", "1500", 1.5, 1.5),
        ("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT", 1e6, 1e11),
    ],
)
async def test_a_time_to_wait_is_read_in_the_forms_that_providers_send(
    wire: Wire, header: str, value: str, low: float, high: float
) -> None:
    reply = replace(scripted.rate_limited(), headers={header: value})
    error = await _fails(wire.model(reply))
    assert isinstance(error, ModelRateLimitError)
    assert error.retry_after is not None
    assert low <= error.retry_after <= high


async def test_a_rate_limit_without_a_readable_time_has_none(wire: Wire) -> None:
    reply = replace(scripted.rate_limited(), headers={"Retry-After": "soon"})
    error = await _fails(wire.model(reply))
    assert isinstance(error, ModelRateLimitError)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (scripted.unauthorized(), ModelAuthError),
        (Reply(status=403, error="no access"), ModelAuthError),
        (Reply(status=404, error="no such model"), ModelRequestError),
        (scripted.context_too_long(), ModelContextError),
        (Reply(status=422, error="bad parameter"), ModelRequestError),
        (scripted.server_error(500), ModelUnavailableError),
        (scripted.server_error(502), ModelUnavailableError),
        (scripted.server_error(503), ModelUnavailableError),
        (scripted.server_error(529), ModelUnavailableError),
    ],
)
async def test_a_status_becomes_its_error_after_one_request(
    wire: Wire, reply: Reply, kind: type[ModelError]
) -> None:
    error = await _fails(wire.model(reply))
    assert type(error) is kind
    assert reply.error[:20] in error.message
    assert len(wire.server.requests) == 1


async def test_the_key_never_stands_in_a_message(wire: Wire) -> None:
    error = await _fails(wire.model(Reply(status=401, error=f"Incorrect API key: {KEY}")))
    assert KEY not in error.message
    assert error.hint == "copilot keys set openai"


async def test_a_refused_connection_is_told_from_a_server_error(wire: Wire) -> None:
    url = scripted.refused_url()
    error = await _fails(wire.model(api_base=url))
    assert isinstance(error, ModelUnavailableError)
    assert url in error.message
    assert "can't be reached" in error.message


async def test_a_missing_key_is_told_from_a_server_error(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    error = await _fails(wire.model(api_base="", key=None))
    assert isinstance(error, ModelAuthError)
    assert error.hint == "copilot keys set openai"


async def test_a_model_without_a_provider_is_a_wrong_request(wire: Wire) -> None:
    error = await _fails(wire.model(), replace(REQUEST, model="nameless"))
    assert isinstance(error, ModelRequestError)
    assert "provider" in error.message


@pytest.mark.parametrize("model", ["openai/scripted", "hosted_vllm/scripted"])
@pytest.mark.parametrize("how", ["abort", "close"])
@pytest.mark.parametrize("after", [0, 2, 4])
async def test_a_dropped_stream_is_never_a_whole_answer(
    wire: Wire, model: str, how: str, after: int
) -> None:
    reply = scripted.dropped(scripted.text(TEXT), after, how=how)  # type: ignore[arg-type]
    error = await _fails(wire.model(reply), replace(REQUEST, model=model))
    assert isinstance(error, ModelStreamError)


async def test_an_end_mark_without_done_is_a_whole_answer(wire: Wire) -> None:
    chunks = await _all(wire.model(replace(scripted.text(TEXT), done=False)))
    assert "".join(c.text for c in chunks) == TEXT


async def test_a_malformed_chunk_is_an_error(wire: Wire) -> None:
    error = await _fails(wire.model(scripted.garbled(scripted.text(TEXT), 2)))
    assert isinstance(error, ModelStreamError)


async def test_a_content_filter_is_never_a_whole_answer(wire: Wire) -> None:
    error = await _fails(wire.model(Reply(pieces=("You",), finish_reason="content_filter")))
    assert isinstance(error, ModelRequestError)


async def test_a_slow_first_token_is_a_timeout(wire: Wire) -> None:
    model = wire.model(scripted.slow(scripted.text(TEXT), 5), first_token_timeout_s=0.2)
    assert isinstance(await _fails(model), ModelTimeoutError)


async def test_a_stall_in_mid_stream_is_a_broken_stream(wire: Wire) -> None:
    reply = replace(scripted.text(TEXT), piece_delay_s=5)
    model = wire.model(reply, first_token_timeout_s=0.3)
    assert isinstance(await _fails(model), ModelStreamError)


async def test_cancelling_closes_the_connection(wire: Wire) -> None:
    reply = replace(scripted.text(TEXT, pieces=20), piece_delay_s=0.05)
    model, first = wire.model(reply), asyncio.Event()

    async def read() -> None:
        async for _ in model.stream(REQUEST):
            first.set()

    task = asyncio.create_task(read())
    await asyncio.wait_for(first.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(wire.server.disconnected.wait, 5)


# --- through the gateway ---------------------------------------------------------------


async def test_a_rate_limit_is_waited_for_and_then_answered(wire: Wire) -> None:
    gateway = wire.gateway(scripted.rate_limited(2), scripted.text(TEXT))
    steps = [step async for step in gateway.stream(REQUEST)]
    attempts = [step for step in steps if isinstance(step, ModelAttempt)]
    assert [a.outcome for a in attempts] == ["failed", "ok"]
    assert attempts[0].error.startswith("ModelRateLimitError")
    assert wire.waited[0] >= 2
    assert "".join(s.text for s in steps if isinstance(s, ModelChunk)) == TEXT
    assert [a.first_token_ms is not None for a in attempts] == [False, True]


async def test_a_stream_dropped_after_its_first_token_is_not_tried_again(wire: Wire) -> None:
    gateway = wire.gateway(scripted.dropped(scripted.text(TEXT), 2), scripted.text(TEXT))
    seen: list[ModelAttempt | ModelChunk | ModelChosen] = []
    with pytest.raises(ModelStreamError):
        async for step in gateway.stream(REQUEST):
            seen.append(step)  # noqa: PERF401 - keeps what came before the error
    assert [s.outcome for s in seen if isinstance(s, ModelAttempt)] == ["failed"]
    assert len(wire.server.requests) == 1


async def test_a_stream_dropped_before_its_first_token_is_tried_again(wire: Wire) -> None:
    gateway = wire.gateway(scripted.dropped(scripted.text(TEXT), 0), scripted.text(TEXT))
    steps = [step async for step in gateway.stream(REQUEST)]
    assert [s.outcome for s in steps if isinstance(s, ModelAttempt)] == ["failed", "ok"]


# --- a quiet guest ---------------------------------------------------------------------


@pytest.mark.slow
def test_loading_litellm_prints_nothing_and_reads_no_dotenv(tmp_path: object) -> None:
    (tmp_path / ".env").write_text("LEAKED_BY_DOTENV=yes\n")  # type: ignore[operator]
    code = (
        "import os, sys\n"
        "import copilot.adapters.models.litellm_chat\n"
        "assert 'litellm' not in sys.modules\n"
        "from copilot.adapters.models.loading import load_litellm\n"
        "load_litellm()\n"
        "assert 'LEAKED_BY_DOTENV' not in os.environ\n"
        "import warnings\n"
        "warnings.warn('Pydantic serializer warnings:\\n what the model wrote')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=str(tmp_path),
        env={"PYTHONPATH": ":".join(p for p in sys.path if p) + ":" + _checkout(), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _checkout() -> str:
    from tests.corpora import REPOSITORY

    return str(REPOSITORY)


_ENDING_AT_ONCE = """
import sys, types
from pathlib import Path
from copilot.adapters.models import loading
loading._loaded.append(types.ModuleType("litellm"))
loading._FIRST_CALL = ("slow_to_import", "never_imported")
sys.path.insert(0, str(Path.cwd()))
loading.warm()
"""


def test_an_import_that_the_end_overtakes_says_nothing(tmp_path: Path) -> None:
    # what litellm's import does, which is refused once the main thread has ended
    late = (
        "import atexit, threading, time\n"
        "threading.main_thread().join()\n"
        "time.sleep(0.3)\n"
        "threading._register_atexit(print)\n"
    )
    (tmp_path / "slow_to_import.py").write_text(late, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _ENDING_AT_ONCE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_process_ends_after_the_import_under_way_and_begins_no_other(tmp_path: Path) -> None:
    slow = "import time; from pathlib import Path; time.sleep(0.5); Path('{}').touch()"
    for name in ("slow_to_import", "never_imported"):
        (tmp_path / f"{name}.py").write_text(slow.format(name), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _ENDING_AT_ONCE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert (tmp_path / "slow_to_import").exists()
    assert not (tmp_path / "never_imported").exists()
