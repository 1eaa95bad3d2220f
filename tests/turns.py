"""Turns with a chat model behind a real server, for tests of what a turn does and costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import numpy as np

from copilot.adapters.models import build_chat_model
from copilot.answering.quoting import Quote, QuotedAnswer
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.models import ModelPrice, ModelSettings
from copilot.config.schema import Settings
from copilot.events import Event, RunFinished
from copilot.gateway import Gateway
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.messages import Answer, Turn
from copilot.prompting import PromptLibrary
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from copilot.testing.passages import made_hits, made_passage
from tests.corpora import REPOSITORY
from tests.routes import route

PASSAGE = made_passage(
    "If you are paged, you have 45 minutes to acknowledge. The backup is paged after that.",
    title="Being on call",
)
QUOTE = Quote(PASSAGE, 54, len(PASSAGE.text))
GOOD = "You have 45 minutes to acknowledge a page [1]."
MODEL = "openai/scripted"
PRICE = ModelPrice(input=1, output=10)


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

    def __init__(self, server: OpenAIServer, price: ModelPrice = PRICE) -> None:
        self._server = server
        self.finds = Finds()
        self._settings = Settings(
            models=ModelSettings(
                answer=MODEL, api_base=server.url, retries=1, prices={MODEL: price}
            )
        )
        self._model = build_chat_model(self._settings.models, key_for=lambda name: None)

    async def ask(
        self, *replies: Reply, history: tuple[Turn, ...] = (), abstain: bool = False
    ) -> tuple[list[Event], Answer]:
        events = [e async for e in self.turn(*replies, history=history, abstain=abstain)]
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return events, last.answer

    def turn(
        self,
        *replies: Reply,
        history: tuple[Turn, ...] = (),
        abstain: bool = False,
        run_id: str = "run-1",
    ) -> AsyncIterator[Event]:
        self._server.script(*replies)
        gateway = Gateway(
            route(self._model, name=self._settings.models.answer),
            self._settings.models,
            Clock(),
            sleep=_no_wait,
        )
        prompts = PromptLibrary([REPOSITORY / "prompts"])
        parts = AskParts(
            searcher=self.finds,
            quoting=Quotes(abstain),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, self._settings, prompts=prompts),
            clock=Clock(),
            new_id=lambda: run_id,
            history_turns=2,
        )
        return ask(Question("How long do I have?", history=history), parts)

    @property
    def requests(self) -> list[scripted.Received]:
        return self._server.requests
