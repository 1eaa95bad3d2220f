"""What every handoff.StructuredModel does: the real adapter over the wire, and the double."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest

from copilot.adapters.models import build_structured_model
from copilot.adapters.models.local_structured import LocalStructured
from copilot.config.models import ModelSettings
from copilot.errors import ModelError, ModelRateLimitError
from copilot.events import ModelAttempt
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.handoff import StructuredModel
from copilot.messages import Turn
from copilot.testing import openai_server
from copilot.testing.openai_server import OpenAIServer
from copilot.testing.scripted_structured import Give, ScriptedStructuredModel
from tests.local_engines import MODEL, Forced, ScriptedEngine, needs_llama

REQUEST = StructuredRequest(
    model="openai/scripted",
    system="Read.",
    turns=(Turn("user", "A text."),),
    json_schema={"type": "object", "properties": {"records": {"type": "array"}}},
    schema_name="records",
)
DATA = {"records": [{"name": {"value": "Zoë", "quote": "Zoë"}}]}
TEXT = json.dumps(DATA, ensure_ascii=False)
SCRIPTS: dict[str, tuple[openai_server.Reply, Give]] = {
    "answers": (openai_server.text(TEXT), Give(DATA)),
    "is cut by the limit": (
        replace(openai_server.text(TEXT[:-4]), finish_reason="length"),
        Give(DATA, whole=False),
    ),
    "is refused": (
        openai_server.rate_limited(3),
        Give(fail=ModelRateLimitError("slow down", retry_after=3)),
    ),
    "says no JSON": (
        openai_server.text("I can't do that."),
        Give(fail=ModelError("openai/scripted: the answer is no JSON")),
    ),
}
Maker = Callable[[str], AbstractAsyncContextManager[StructuredModel]]


@asynccontextmanager
async def real(script: str) -> AsyncIterator[StructuredModel]:
    with OpenAIServer([SCRIPTS[script][0]]) as server:
        settings = ModelSettings(answer=REQUEST.model, api_base=server.url)
        yield build_structured_model(settings, key_for=lambda name: "sk-test")


@asynccontextmanager
async def double(script: str) -> AsyncIterator[StructuredModel]:
    yield ScriptedStructuredModel([SCRIPTS[script][1]])


def _local(script: str, engine: Callable[..., Any]) -> StructuredModel:
    reply, given = SCRIPTS[script]
    if isinstance(given.fail, ModelRateLimitError):
        pytest.skip("a model of this process has no provider that tells it to wait")
    made = engine("".join(reply.pieces), endless=not given.whole)
    return LocalStructured(MODEL, load=made)


@asynccontextmanager
async def local(script: str) -> AsyncIterator[StructuredModel]:
    yield _local(script, partial(ScriptedEngine, tokens=7))


@asynccontextmanager
async def compiled(script: str) -> AsyncIterator[StructuredModel]:
    yield _local(script, Forced)


@pytest.fixture(
    params=[real, double, local, pytest.param(compiled, marks=needs_llama)],
    ids=["litellm", "scripted", "local", "llama.cpp"],
)
def make(request: pytest.FixtureRequest) -> Maker:
    return cast("Maker", request.param)


async def _fails(model: StructuredModel) -> tuple[ModelError, list[ModelAttempt]]:
    attempts = []
    with pytest.raises(ModelError) as caught:
        async for step in model.complete(REQUEST):
            assert isinstance(step, ModelAttempt)
            attempts.append(step)
    return caught.value, attempts


async def test_a_request_is_reported_and_then_its_answer_comes(make: Maker) -> None:
    async with make("answers") as model:
        attempt, answer = [step async for step in model.complete(REQUEST)]
    assert isinstance(attempt, ModelAttempt)
    assert isinstance(answer, StructuredAnswer)
    assert (attempt.model, attempt.outcome) == (REQUEST.model, "ok")
    assert attempt.usage == answer.usage
    told = (answer.usage.input_tokens, answer.usage.output_tokens)
    assert told == (11, 7) or (make is compiled and min(told) > 0)
    assert answer.data == DATA
    assert answer.whole


async def test_an_answer_that_was_cut_says_so(make: Maker) -> None:
    async with make("is cut by the limit") as model:
        answer = [step async for step in model.complete(REQUEST)][-1]
    assert isinstance(answer, StructuredAnswer)
    assert not answer.whole
    assert answer.data["records"]


async def test_a_refusal_is_reported_before_it_is_raised(make: Maker) -> None:
    async with make("is refused") as model:
        error, attempts = await _fails(model)
    assert isinstance(error, ModelRateLimitError)
    assert error.retry_after == 3
    assert [attempt.outcome for attempt in attempts] == ["failed"]
    assert attempts[0].error == f"ModelRateLimitError: {error.message}"


async def test_an_answer_without_json_is_an_error(make: Maker) -> None:
    async with make("says no JSON") as model:
        error, attempts = await _fails(model)
    assert "no JSON" in error.message
    assert [attempt.outcome for attempt in attempts] == ["failed"]


async def test_a_model_can_be_asked_twice(make: Maker) -> None:
    async with make("answers") as model:
        answers = [
            step
            for _ in range(2)
            async for step in model.complete(REQUEST)
            if isinstance(step, StructuredAnswer)
        ]
    assert answers == [answers[0]] * 2
