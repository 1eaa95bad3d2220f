"""What every ports.ChatModel does: the real adapter over the wire, and the shipped double."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, cast

import pytest

from copilot.adapters.models import build_chat_model
from copilot.adapters.models.local_chat import LocalChat
from copilot.config.models import ModelSettings
from copilot.errors import ModelRateLimitError, ModelStreamError
from copilot.messages import ModelChunk, ModelRequest, Turn
from copilot.ports import ChatModel
from copilot.testing import openai_server
from copilot.testing.openai_server import OpenAIServer
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.local_engines import MODEL, Forced, ScriptedEngine, needs_llama

REQUEST = ModelRequest("openai/scripted", "Be brief.", (Turn("user", "How long?"),))
TEXT = "You have 45 minutes. Then the backup is paged."
SCRIPTS: dict[str, tuple[openai_server.Reply, Say]] = {
    "answers": (openai_server.text(TEXT), Say(TEXT)),
    "is cut by the limit": (
        openai_server.Reply(pieces=("You have",), finish_reason="length"),
        Say("You have", finish_reason="length"),
    ),
    "is refused": (
        openai_server.rate_limited(3),
        Say(fail=ModelRateLimitError("slow down", retry_after=3)),
    ),
    "breaks off": (
        openai_server.dropped(openai_server.text(TEXT), 2),
        Say("You have 45 minutes. The", fail=ModelStreamError("gone")),
    ),
}
Maker = Callable[[str], AbstractAsyncContextManager[ChatModel]]


@asynccontextmanager
async def real(script: str) -> AsyncIterator[ChatModel]:
    with OpenAIServer([SCRIPTS[script][0]]) as server:
        settings = ModelSettings(answer=REQUEST.model, api_base=server.url)
        model = build_chat_model(settings, key_for=lambda name: "sk-test")
        yield model


@asynccontextmanager
async def double(script: str) -> AsyncIterator[ChatModel]:
    yield ScriptedModel([SCRIPTS[script][1]])


async def _local(script: str, engine: Callable[..., Any]) -> ChatModel:
    said = SCRIPTS[script][1]
    if isinstance(said.fail, ModelRateLimitError):
        pytest.skip("a model of this process has no provider that tells it to wait")
    made = engine(said.text, endless=said.finish_reason == "length", fail=said.fail)
    return LocalChat(MODEL, load=made)


@asynccontextmanager
async def local(script: str) -> AsyncIterator[ChatModel]:
    yield await _local(script, ScriptedEngine)


@asynccontextmanager
async def compiled(script: str) -> AsyncIterator[ChatModel]:
    yield await _local(script, Forced)


@pytest.fixture(
    params=[real, double, local, pytest.param(compiled, marks=needs_llama)],
    ids=["litellm", "scripted", "local", "llama.cpp"],
)
def make(request: pytest.FixtureRequest) -> Maker:
    return cast("Maker", request.param)


async def _all(model: ChatModel) -> list[ModelChunk]:
    return [chunk async for chunk in model.stream(REQUEST)]


async def test_the_pieces_are_the_answer(make: Maker) -> None:
    async with make("answers") as model:
        assert "".join(chunk.text for chunk in await _all(model)) == TEXT


async def test_the_last_chunk_and_no_other_ends_the_answer(make: Maker) -> None:
    async with make("answers") as model:
        *pieces, last = await _all(model)
    assert last.finish_reason == "stop"
    assert last.usage is not None
    assert last.usage.model == REQUEST.model
    assert last.usage.input_tokens > 0
    assert not any(piece.finish_reason or piece.usage for piece in pieces)


async def test_an_answer_cut_by_its_limit_says_so(make: Maker) -> None:
    async with make("is cut by the limit") as model:
        assert (await _all(model))[-1].finish_reason == "length"


async def test_a_refusal_says_when_it_can_be_tried_again(make: Maker) -> None:
    async with make("is refused") as model:
        with pytest.raises(ModelRateLimitError) as caught:
            await _all(model)
    assert caught.value.retry_after == 3


async def test_a_stream_that_breaks_off_raises_after_its_text(make: Maker) -> None:
    seen: list[ModelChunk] = []
    async with make("breaks off") as model:
        with pytest.raises(ModelStreamError):
            async for chunk in model.stream(REQUEST):
                seen.append(chunk)  # noqa: PERF401 - keeps what came before the error
    assert "".join(chunk.text for chunk in seen) == "You have 45 minutes. The"
    assert not any(chunk.finish_reason for chunk in seen)


async def test_what_a_model_read_and_wrote_can_be_counted_without_its_provider(
    make: Maker,
) -> None:
    async with make("answers") as model:
        nothing, something = (model.estimate(REQUEST, text) for text in ("", "You have"))
    assert (nothing.model, nothing.output_tokens) == (REQUEST.model, 0)
    assert nothing.input_tokens == something.input_tokens > 0
    assert something.output_tokens == 2
    assert nothing.estimated
    assert something.estimated


async def test_a_stream_can_be_closed_before_its_end(make: Maker) -> None:
    async with make("answers") as model:
        stream = cast("Any", model.stream(REQUEST))
        async with aclosing(stream):
            while not (await anext(stream)).text:
                pass
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


async def test_a_model_can_be_asked_twice(make: Maker) -> None:
    async with make("answers") as model:
        assert await _all(model) == await _all(model)
