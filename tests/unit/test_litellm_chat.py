"""What the litellm adapter does when litellm's own stream ends badly, and where it reads a key."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import httpx
import pytest

from copilot.adapters.models import build_chat_model, loading
from copilot.adapters.models.litellm_chat import LiteLLMChat
from copilot.config.models import ModelPrice, ModelSettings
from copilot.errors import ModelRequestError, ModelStreamError
from copilot.messages import ModelRequest, Turn

REQUEST = ModelRequest("openai/scripted", "", (Turn("user", "How long?"),))
PRICES = {REQUEST.model: ModelPrice(input=1, output=1)}


class Stream:
    """One piece of text, as litellm streams it; closing it fails."""

    messages: tuple[object, ...] = ()
    intermittent_finish_reason = None

    def __init__(self, finish_reason: str | None, fail: Exception | None = None) -> None:
        self.received_finish_reason = finish_reason
        self.chunks: list[object] = []
        self._fail = fail

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> object:
        if self.chunks:
            if self._fail is not None:
                raise self._fail
            raise StopAsyncIteration
        delta = SimpleNamespace(content="45 minutes.")
        self.chunks.append(SimpleNamespace(choices=[SimpleNamespace(delta=delta)]))
        return self.chunks[0]

    async def aclose(self) -> None:
        raise httpx.ReadError("closed under it")


def _model(
    monkeypatch: pytest.MonkeyPatch, stream: Stream, *, count: Exception | None = None
) -> LiteLLMChat:
    async def acompletion(**arguments: object) -> Stream:
        return stream

    def stream_chunk_builder(chunks: object, messages: object) -> object:
        if count is not None:
            raise count
        return SimpleNamespace(usage=SimpleNamespace(prompt_tokens=3, completion_tokens=2))

    litellm = SimpleNamespace(acompletion=acompletion, stream_chunk_builder=stream_chunk_builder)
    monkeypatch.setattr(loading, "load_litellm", lambda: litellm)
    return build_chat_model(ModelSettings(prices=PRICES), key_for=lambda name: "sk-test")


async def test_a_connection_that_fails_to_close_takes_nothing_from_a_whole_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = _model(monkeypatch, Stream("stop"))
    _, *pieces, last = [chunk async for chunk in model.stream(REQUEST)]
    assert [piece.text for piece in pieces] == ["45 minutes."]
    assert last.finish_reason == "stop"


async def test_a_connection_that_fails_to_close_does_not_hide_why_the_answer_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = _model(monkeypatch, Stream(None, httpx.RemoteProtocolError("peer is gone")))
    with pytest.raises(ModelStreamError, match="peer is gone"):
        [chunk async for chunk in model.stream(REQUEST)]
    filtered = _model(monkeypatch, Stream("content_filter"))
    with pytest.raises(ModelRequestError, match="content filter"):
        [chunk async for chunk in filtered.stream(REQUEST)]


async def test_what_fails_in_counting_an_answer_is_translated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = _model(monkeypatch, Stream("stop"), count=ValueError("no such tokenizer"))
    with pytest.raises(ModelStreamError, match="no such tokenizer"):
        [chunk async for chunk in model.stream(REQUEST)]


async def test_a_key_is_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[threading.Thread] = []

    def key_for(name: str) -> str:
        readers.append(threading.current_thread())
        return "sk-test"

    _model(monkeypatch, Stream("stop"))
    model = build_chat_model(ModelSettings(prices=PRICES), key_for=key_for)
    [chunk async for chunk in model.stream(REQUEST)]
    [reader] = readers
    assert reader is not threading.current_thread()
