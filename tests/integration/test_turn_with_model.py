"""A whole turn with a chat model: real gateway, real litellm, a real server that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
import pytest_asyncio

from copilot.adapters.models import build_chat_model
from copilot.answering.quoting import Quote, QuotedAnswer
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.schema import ModelPrice, ModelSettings, Settings
from copilot.events import Event, ModelAttempt, RunFinished, TextDelta, UsageReported, Warned
from copilot.gateway import Gateway
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.messages import Answer, Status, Turn
from copilot.prompting import PromptLibrary
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from copilot.testing.passages import made_hits, made_passage
from tests.corpora import REPOSITORY

PASSAGE = made_passage(
    "If you are paged, you have 45 minutes to acknowledge. The backup is paged after that.",
    title="Being on call",
)
GOOD = "You have 45 minutes to acknowledge a page [1]."
PRICES = {"openai/scripted": ModelPrice(input=1, output=10)}


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Finds:
    """A searcher that always finds the one passage."""

    def search(self, request: SearchRequest) -> SearchResult:
        return SearchResult(
            hits=made_hits(PASSAGE),
            stored={},
            queries=(request.query,),
            query_vectors=np.zeros((1, 4), dtype=np.float32),
            follow_up=False,
            index_version=1,
            latency_ms=1.0,
            term_weights={},
        )


class Quotes:
    """A quoting answerer that always quotes the first sentence."""

    def answer(self, question: str, history: Sequence[Turn], result: SearchResult) -> QuotedAnswer:
        return QuotedAnswer((Quote(PASSAGE, 0, 53),), confidence=0.9, abstain=False)


async def _no_wait(seconds: float) -> None:
    return None


class Room:
    """Runs turns against one server."""

    def __init__(self, server: OpenAIServer) -> None:
        self._server = server
        self._settings = Settings(
            models=ModelSettings(
                answer="openai/scripted", api_base=server.url, retries=1, prices=PRICES
            )
        )
        self._model = build_chat_model(self._settings.models, key_for=lambda name: None)

    async def ask(self, *replies: Reply) -> tuple[list[Event], Answer]:
        self._server.script(*replies)
        gateway = Gateway(self._model, self._settings.models, Clock(), sleep=_no_wait)
        prompts = PromptLibrary([REPOSITORY / "prompts"])
        parts = AskParts(
            searcher=Finds(),  # type: ignore[arg-type]
            quoting=Quotes(),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, self._settings, prompts=prompts),
            clock=Clock(),
            new_id=lambda: "run-1",
        )
        events = [event async for event in ask(Question("How long do I have?"), parts)]
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return events, last.answer

    async def close(self) -> None:
        await self._model.aclose()


@pytest_asyncio.fixture
async def room() -> AsyncIterator[Room]:
    with OpenAIServer() as server:
        room = Room(server)
        yield room
        await room.close()


def _shown(events: Sequence[Event]) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta))


def _usage(events: Sequence[Event]) -> tuple[int, int, int | None]:
    [usage] = [e.usage for e in events if isinstance(e, UsageReported)]
    return usage.input_tokens, usage.output_tokens, usage.cost_microusd


async def test_an_answer_is_written_streamed_and_paid_for(room: Room) -> None:
    events, answer = await room.ask(scripted.text(GOOD))
    assert answer.status is Status.ANSWERED
    assert _shown(events) == answer.text == "You have 45 minutes to acknowledge a page. [1]"
    assert answer.citations[0].quote == PASSAGE.text[:53]
    assert _usage(events) == (11, 7, 81)


async def test_a_rate_limit_is_waited_for(room: Room) -> None:
    events, answer = await room.ask(scripted.rate_limited(1), scripted.text(GOOD))
    assert answer.status is Status.ANSWERED
    outcomes = [e.outcome for e in events if isinstance(e, ModelAttempt)]
    assert outcomes == ["failed", "ok"]


@pytest.mark.parametrize(
    "reply",
    [
        scripted.server_error(),
        scripted.unauthorized(),
        scripted.context_too_long(),
        scripted.dropped(scripted.text(GOOD), 0),
        scripted.dropped(scripted.text(GOOD), 2, how="close"),
        scripted.garbled(scripted.text(GOOD), 1),
        Reply(pieces=("You",), finish_reason="content_filter"),
    ],
    ids=["500", "401", "too long", "dropped first", "dropped", "garbled", "filtered"],
)
async def test_when_the_model_fails_the_answer_is_quoted_and_says_so(
    room: Room, reply: Reply
) -> None:
    events, answer = await room.ask(reply)
    assert answer.status is Status.DEGRADED
    assert _shown(events) == answer.text
    assert answer.text.startswith(PASSAGE.text[:53])
    assert any(isinstance(e, Warned) for e in events)
    assert answer.notes


async def test_what_was_shown_before_a_break_stands_apart_from_the_quotes(room: Room) -> None:
    reply = scripted.text(f"{GOOD} The backup is paged after that [1].", pieces=12)
    events, answer = await room.ask(scripted.dropped(reply, 10))
    assert answer.status is Status.DEGRADED
    assert _shown(events) == f"You have 45 minutes to acknowledge a page. [1]\n\n{answer.text}"
    assert "1 sentence was shown by then" in answer.notes[0]


async def test_a_model_that_makes_things_up_is_not_shown_and_its_cost_is(room: Room) -> None:
    events, answer = await room.ask(scripted.text("You have 20 minutes [1]. Call Bob in Paris."))
    assert answer.status is Status.DEGRADED
    assert "20 minutes" not in _shown(events)
    assert "Paris" not in _shown(events)
    assert _usage(events) == (22, 14, 162)


async def test_a_model_that_finds_no_answer_abstains(room: Room) -> None:
    events, answer = await room.ask(scripted.text("NO_ANSWER"))
    assert answer.status is Status.ABSTAINED
    assert _shown(events) == answer.text
    assert not answer.citations
