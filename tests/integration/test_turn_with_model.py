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
from copilot.events import (
    CitationChecked,
    Event,
    ModelAttempt,
    RunFinished,
    TextDelta,
    UsageReported,
    Warned,
)
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
QUOTE = Quote(PASSAGE, 54, len(PASSAGE.text))
GOOD = "You have 45 minutes to acknowledge a page [1]."
PRICES = {"openai/scripted": ModelPrice(input=1, output=10)}


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Finds:
    """A searcher that always finds the one passage."""

    def __init__(self) -> None:
        self.asked: list[SearchRequest] = []

    def search(self, request: SearchRequest) -> SearchResult:
        self.asked.append(request)
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
    """A quoting answerer that always quotes the second sentence, or always abstains."""

    def __init__(self, abstain: bool) -> None:
        self._abstain = abstain

    def answer(self, question: str, history: Sequence[Turn], result: SearchResult) -> QuotedAnswer:
        quotes = () if self._abstain else (QUOTE,)
        return QuotedAnswer(quotes, confidence=0.9, abstain=self._abstain, reason="")


async def _no_wait(seconds: float) -> None:
    return None


class Room:
    """Runs turns against one server."""

    def __init__(self, server: OpenAIServer) -> None:
        self._server = server
        self.finds = Finds()
        self._settings = Settings(
            models=ModelSettings(
                answer="openai/scripted", api_base=server.url, retries=1, prices=PRICES
            )
        )
        self._model = build_chat_model(self._settings.models, key_for=lambda name: None)

    async def ask(
        self, *replies: Reply, history: tuple[Turn, ...] = (), abstain: bool = False
    ) -> tuple[list[Event], Answer]:
        self._server.script(*replies)
        gateway = Gateway(self._model, self._settings.models, Clock(), sleep=_no_wait)
        prompts = PromptLibrary([REPOSITORY / "prompts"])
        parts = AskParts(
            searcher=self.finds,  # type: ignore[arg-type]
            quoting=Quotes(abstain),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, self._settings, prompts=prompts),
            clock=Clock(),
            new_id=lambda: "run-1",
            history_turns=2,
        )
        question = Question("How long do I have?", history=history)
        events = [event async for event in ask(question, parts)]
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return events, last.answer

    @property
    def requests(self) -> list[scripted.Received]:
        return self._server.requests


@pytest_asyncio.fixture
async def room() -> AsyncIterator[Room]:
    with OpenAIServer() as server:
        yield Room(server)


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
    assert answer.text == "The backup is paged after that. [1]"
    [note] = answer.notes
    assert note.endswith("; the answer is quoted")
    assert [e.message for e in events if isinstance(e, Warned)] == [note]


async def test_what_was_shown_before_a_break_stays_and_the_quotes_are_numbered_on(
    room: Room,
) -> None:
    reply = scripted.text(f"{GOOD} The backup is paged after that [1].", pieces=12)
    events, answer = await room.ask(scripted.dropped(reply, 10))
    assert answer.status is Status.DEGRADED
    assert _shown(events) == answer.text
    assert answer.text == (
        "You have 45 minutes to acknowledge a page. [1]\n\nThe backup is paged after that. [2]"
    )
    assert [(c.n, c.quote) for c in answer.citations] == [
        (1, PASSAGE.text[:53]),
        (2, "The backup is paged after that."),
    ]
    assert [s.citations for s in answer.sentences] == [(1,), (2,)]
    shown = [e.sentence for e in events if isinstance(e, CitationChecked) and e.action == "shown"]
    assert shown == [s.text for s in answer.sentences]
    assert answer.notes[0].endswith("; the rest is quoted")


async def test_a_break_without_quotes_leaves_what_was_shown_and_says_that_it_is_not_all(
    room: Room,
) -> None:
    reply = scripted.text(f"{GOOD} The backup is paged after that [1].", pieces=12)
    events, answer = await room.ask(scripted.dropped(reply, 10), abstain=True)
    assert answer.status is Status.DEGRADED
    assert (
        _shown(events).rstrip() == answer.text == "You have 45 minutes to acknowledge a page. [1]"
    )
    assert answer.notes[0].endswith("; the answer is incomplete")


async def test_a_model_that_fails_before_an_abstention_is_not_said_to_be_quoted(
    room: Room,
) -> None:
    events, answer = await room.ask(scripted.server_error(), abstain=True)
    assert answer.status is Status.ABSTAINED
    assert _shown(events) == answer.text
    assert not answer.citations
    [note] = answer.notes
    assert note.startswith("the model failed: ")
    assert note.endswith("; no quotes were found")


async def test_the_conversation_is_cut_once_for_the_search_and_for_the_model(room: Room) -> None:
    turns = [Turn("user", "One?"), Turn("assistant", "1."), Turn("user", "Two?")]
    history = (*turns, Turn("assistant", "2."))
    await room.ask(scripted.text(GOOD), history=history)
    assert tuple(room.finds.asked[0].history) == history[2:]
    [received] = room.requests
    assert [m["content"] for m in received.body["messages"][1:-1]] == ["Two?", "2."]


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
