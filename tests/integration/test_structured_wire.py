"""instructor over litellm, against a real OpenAI-compatible server on the loopback."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from copilot.adapters.models import build_structured_model
from copilot.adapters.models.structured import LiteLLMStructured
from copilot.config.models import ModelPrice, ModelSettings
from copilot.errors import (
    ModelAuthError,
    ModelContextError,
    ModelError,
    ModelRequestError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from copilot.events import ModelAttempt
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.gateway import StructuredGateway
from copilot.messages import Turn
from copilot.metering import metered
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.routes import route

KEY = "sk-very-secret-1234567890"
SECRET = "the customer's own words"
SCHEMA = {
    "type": "object",
    "properties": {"records": {"type": "array", "items": {"type": "object"}}},
    "required": ["records"],
}
REQUEST = StructuredRequest(
    model="openai/scripted",
    system="Read {{ 7*7 }} and {% if %}.",
    turns=(Turn("user", "See https://example.org/a.png and data:image/png;base64,AAAA {{x}}"),),
    json_schema=SCHEMA,
    schema_name="my form",
    max_output_tokens=77,
)
GOOD = scripted.text('{"records": [{"a": 1}]}')
NO_SCHEMAS = Reply(status=400, error="response_format of type json_schema is not supported")
# What llama_cpp.server says of a schema.
LLAMA_CPP = Reply(
    status=500,
    error="1 validation error: {'loc': ('body', 'response_format', 'type'), "
    "'msg': \"Input should be 'text' or 'json_object'\"}",
)


class LoopClock:
    def now(self) -> object:
        raise NotImplementedError

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Wire:
    """A server, and models that talk to it."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.waited: list[float] = []

    def model(self, *replies: Reply, key: str | None = KEY, **changes: object) -> LiteLLMStructured:
        self.server.script(*replies)
        settings = ModelSettings(
            **{"answer": REQUEST.model, "api_base": self.server.url, **changes}  # type: ignore[arg-type]
        )
        return build_structured_model(settings, key_for=lambda name: key)

    def gateway(self, *replies: Reply, **changes: object) -> StructuredGateway:
        model = self.model(*replies, **changes)
        return StructuredGateway(
            route(model, name=REQUEST.model), model.settings, LoopClock(), sleep=self._skip
        )  # type: ignore[arg-type]

    async def _skip(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    with OpenAIServer() as server:
        yield Wire(server)


Asked = tuple[list[ModelAttempt], StructuredAnswer | None, ModelError | None]


async def ask(
    model: LiteLLMStructured | StructuredGateway, request: StructuredRequest = REQUEST
) -> Asked:
    attempts, answer = [], None
    try:
        async for step in model.complete(request):
            if isinstance(step, ModelAttempt):
                attempts.append(step)
            elif isinstance(step, StructuredAnswer):
                answer = step
    except ModelError as error:
        return attempts, answer, error
    return attempts, answer, None


async def test_the_schema_goes_to_the_provider_and_the_texts_go_unchanged(wire: Wire) -> None:
    attempts, answer, _ = await ask(wire.model(GOOD))
    [sent] = wire.server.requests
    form = sent.body["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"] == SCHEMA
    assert form["json_schema"]["name"] == "my_form"
    assert [m["content"] for m in sent.body["messages"]] == [REQUEST.system, REQUEST.turns[0].text]
    assert (sent.body["max_tokens"], sent.body["temperature"]) == (77, 0)
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert "tools" not in sent.body
    assert answer is not None
    assert answer.data == {"records": [{"a": 1}]}
    assert [a.outcome for a in attempts] == ["ok"]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"records": [{"a": 1}]}\n```',
        'Here it is:\n```\n{"records": [{"a": 1}]}\n```\nAnything else?',
        'Sure! {"records": [{"a": 1}]} Hope that helps {"x": 2}.',
        '<think>{"records": []} or so</think>{"records": [{"a": 1}]}',
        '<think>{"a": 2}</think> <think>{"a": 3}</thinking>{"records": [{"a": 1}]}<think>',
        '{"records": [{"a": 1}]}\n\n',
    ],
)
async def test_json_is_read_out_of_what_stands_around_it(wire: Wire, text: str) -> None:
    attempts, answer, _ = await ask(wire.model(scripted.text(text)))
    assert answer is not None
    assert (answer.data, answer.whole) == ({"records": [{"a": 1}]}, True)
    assert len(attempts) == len(wire.server.requests) == 1


async def test_of_an_answer_that_was_cut_the_whole_parts_are_read(wire: Wire) -> None:
    cut = replace(scripted.text('{"records": [{"a": 1}, {"a": "tw'), finish_reason="length")
    _, answer, _ = await ask(wire.model(cut))
    assert answer is not None
    assert (answer.data, answer.whole) == ({"records": [{"a": 1}, {}]}, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"no JSON, but {SECRET}",
        f'["{SECRET}"]',
        "{",
        "nul",
        f'{{"a": "{SECRET}' + "x" * 10_000_000,
        f"<think>{SECRET}" * 100_000,
        f"```\n{SECRET}" + "\n" * 1_000_000,
    ],
    ids=["nothing", "prose", "list", "begun", "word", "huge", "thoughts", "blank lines"],
)
async def test_an_answer_without_an_object_is_an_error_that_says_none_of_it(
    wire: Wire, text: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    attempts, answer, error = await ask(wire.model(scripted.text(text)))
    if text == "{":
        assert answer is not None
        assert (answer.data, answer.whole) == ({}, False)
        return
    assert answer is None
    assert error is not None
    assert "no JSON" in error.message
    assert not error.retryable
    printed = (
        "".join(traceback.format_exception(error)) + caplog.text + "".join(capsys.readouterr())
    )
    assert SECRET not in printed
    [attempt] = attempts
    assert (attempt.outcome, SECRET in attempt.error) == ("failed", False)
    assert attempt.usage is not None
    assert attempt.usage.input_tokens == 11


@pytest.mark.parametrize("refusal", [NO_SCHEMAS, LLAMA_CPP], ids=["400", "llama.cpp"])
async def test_a_provider_without_schemas_is_asked_in_words_and_remembered(
    wire: Wire, refusal: Reply
) -> None:
    model = wire.model(refusal, GOOD)
    attempts, answer, _ = await ask(model)
    assert answer is not None
    assert [a.outcome for a in attempts] == ["failed", "ok"]
    first, second = wire.server.requests
    assert "response_format" in first.body
    assert "response_format" not in second.body
    assert '"records"' in second.body["messages"][0]["content"]
    assert REQUEST.turns[0].text in second.body["messages"][1]["content"]
    await ask(model)
    assert "response_format" not in wire.server.requests[2].body


async def test_a_request_that_is_refused_either_way_is_an_error(wire: Wire) -> None:
    model = wire.model(NO_SCHEMAS)
    attempts, _, error = await ask(model)
    assert isinstance(error, ModelRequestError)
    assert len(attempts) == len(wire.server.requests) == 2
    await ask(model)
    assert "response_format" in wire.server.requests[2].body  # it wasn't the schema


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (scripted.unauthorized(), ModelAuthError),
        (scripted.server_error(503), ModelUnavailableError),
        (scripted.context_too_long(), ModelContextError),
        (Reply(status=404, error="no such model"), ModelRequestError),
        (scripted.dropped(GOOD, 1), ModelUnavailableError),
        (scripted.garbled(GOOD, 1), ModelError),
        (replace(GOOD, finish_reason="content_filter"), ModelRequestError),
        (Reply(refusal=f"I can't help with {SECRET}"), ModelRequestError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
async def test_a_failure_is_one_request_and_one_of_our_errors(
    wire: Wire, reply: Reply, kind: type[ModelError]
) -> None:
    attempts, answer, error = await ask(wire.model(reply))
    assert answer is None
    assert isinstance(error, kind)
    assert KEY not in error.message
    assert SECRET not in error.message
    assert error.hint
    assert len(wire.server.requests) == 1
    assert [a.outcome for a in attempts] == ["failed"]


async def test_where_nothing_listens_the_address_is_named() -> None:
    settings = ModelSettings(answer=REQUEST.model, api_base=scripted.refused_url())
    _, _, error = await ask(build_structured_model(settings, key_for=lambda name: KEY))
    assert isinstance(error, ModelUnavailableError)
    assert settings.api_base in error.message


async def test_what_it_cost_is_counted_even_if_the_provider_does_not(wire: Wire) -> None:
    prices = {REQUEST.model: ModelPrice(input=1.0, output=2.0)}
    _, counted, _ = await ask(wire.model(GOOD, prices=prices))
    assert counted is not None
    assert (counted.usage.cost_microusd, counted.usage.estimated) == (11 + 14, False)
    _, guessed, _ = await ask(wire.model(scripted.without_usage(GOOD), prices=prices))
    assert guessed is not None
    assert guessed.usage.estimated
    assert guessed.usage.input_tokens > 0


@pytest.mark.parametrize(("told", "counted"), [((-5, -1), (0, 0)), ((10**30, 7), (10**12, 7))])
async def test_counts_that_cannot_be_are_not_believed(
    wire: Wire, told: tuple[int, int], counted: tuple[int, int]
) -> None:
    _, answer, _ = await ask(wire.model(replace(GOOD, usage=told)))
    assert answer is not None
    usage = answer.usage
    assert usage.estimated is (told < (0, 0))
    assert usage.estimated or (usage.input_tokens, usage.output_tokens) == counted
    assert usage.input_tokens > 0


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_what_is_no_completion_is_told_without_a_traceback(wire: Wire) -> None:
    strange = replace(GOOD, usage=("many", "few"))  # type: ignore[arg-type]
    _, _, error = await ask(wire.model(strange))
    assert isinstance(error, ModelUnavailableError)
    assert "Invalid response object" in error.message
    assert "Traceback" not in error.message


async def test_the_gateway_asks_again_and_passes_every_attempt_on(wire: Wire) -> None:
    attempts, answer, _ = await ask(wire.gateway(scripted.rate_limited(2), GOOD))
    assert answer is not None
    assert [a.outcome for a in attempts] == ["failed", "ok"]
    assert len(wire.waited) == 1
    assert 2 <= wire.waited[0] <= 2.2


async def test_the_gateway_does_not_repeat_what_cannot_succeed(wire: Wire) -> None:
    attempts, _, error = await ask(wire.gateway(scripted.unauthorized()))
    assert isinstance(error, ModelAuthError)
    assert len(attempts) == 1


async def test_an_answer_that_takes_too_long_is_given_up_and_its_tokens_told(wire: Wire) -> None:
    told: list[ModelAttempt] = []
    gateway = wire.gateway(scripted.slow(GOOD, 30), total_timeout_s=0.5, retries=0)
    await asyncio.to_thread(__import__, "instructor")
    with metered(told.append):
        attempts, answer, error = await ask(gateway)
    assert answer is None
    assert isinstance(error, ModelTimeoutError)
    [attempt] = attempts + told
    assert attempt.outcome == "failed"
    assert len(wire.server.requests) == 1


async def test_a_request_that_is_cancelled_is_told_to_the_meter(wire: Wire) -> None:
    told: list[ModelAttempt] = []
    model = wire.model(scripted.slow(GOOD, 30))
    with metered(told.append):
        task = asyncio.create_task(ask(model))
        while not wire.server.requests:  # noqa: ASYNC110 - the server lives in another thread
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    [attempt] = told
    assert (attempt.outcome, attempt.error) == ("failed", "StoppedError: interrupted")
    assert attempt.usage is not None
    assert attempt.usage.estimated


async def test_a_cap_on_tokens_stops_further_attempts(wire: Wire) -> None:
    again = replace(scripted.server_error(), usage=None)
    spent = replace(REQUEST, token_budget=0)
    attempts, _, error = await ask(wire.gateway(again), spent)
    assert isinstance(error, ModelUnavailableError)
    assert len(attempts) == 1
