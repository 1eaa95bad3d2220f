"""What a question or an extraction would cost, by the very request that it would begin with.

Invariant: nothing is sent to anybody, and nothing is recorded: the request is caught where it
would go out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Never, cast

from copilot.bootstrap import Copilot
from copilot.errors import KnowledgeIndexError
from copilot.extracted import SourceText, StructuredRequest
from copilot.gateway import Gateway, StructuredGateway
from copilot.messages import Hit, ModelRequest, SearchFilter, Turn, Usage
from copilot.schemas import Schema

if TYPE_CHECKING:
    from copilot.answering.remembering import Memory
    from copilot.gateway.structured import Step as StructuredStep
    from copilot.knowledge.search import SearchResult

_TOKENS_A_WORD = 1.5
_TOKENS_A_FIELD = 60  # with the words that prove it


@dataclass(frozen=True, slots=True)
class Estimate:
    """One model's first request. An answer may take more of them: a correction, a fallback."""

    model: str
    probable: Usage
    most: Usage


class _Caught(Exception):  # noqa: N818 - nothing is wrong: it was wanted
    """The request that would have gone out."""

    def __init__(self, request: ModelRequest | StructuredRequest) -> None:
        super().__init__()
        self.request = request


class _CatchingGateway(Gateway):
    """Asks nobody."""

    async def stream(self, request: ModelRequest, **_: object) -> AsyncGenerator[Never]:
        yield await _catch(request)


class _CatchingStructured(StructuredGateway):
    """Asks nobody."""

    async def complete(self, request: StructuredRequest) -> AsyncGenerator[StructuredStep]:
        yield await _catch(request)


async def _catch(request: ModelRequest | StructuredRequest) -> Never:
    raise _Caught(request)


async def of_question(
    copilot: Copilot, text: str, *, memory: Memory, where: SearchFilter
) -> list[Estimate]:
    """Of each model of the route, in its order; none where answers are quotes.

    Raises UsageError and KnowledgeIndexError as a question does.
    """
    gateway = copilot.routes.chat("answer")
    if gateway is None:
        return []
    from copilot.answering.writing import WritingAnswerer

    settings = copilot.settings
    history, given = await asyncio.to_thread(_given, copilot, memory)
    result = await asyncio.to_thread(_searched, copilot, text, history, where)
    catching = _CatchingGateway(gateway.route, settings.models, copilot.clock)
    writing = WritingAnswerer(catching, settings, prompts=copilot.prompts)
    if not result.hits:
        return []
    request: ModelRequest | None = None
    try:
        async with aclosing(writing.answer(text, given, result)) as steps:
            async for _ in steps:
                pass
    except _Caught as caught:
        request = cast("ModelRequest", caught.request)
    if request is None:
        return []
    likely = min(request.max_output_tokens, round(settings.answer.max_words * _TOKENS_A_WORD))
    found = []
    for one in gateway.route.models:
        most = await asyncio.to_thread(one.model.most, replace(request, model=one.at.model))
        asked = replace(request, model=one.at.model)
        probable = await asyncio.to_thread(one.model.estimate, asked, " word" * likely)
        found.append(Estimate(one.at.name, probable, most))
    return found


async def of_text(copilot: Copilot, source: SourceText, schema: Schema) -> list[Estimate]:
    """Of each model of the route that reads this text; none where rules read."""
    gateway = copilot.routes.structured("extract")
    if gateway is None:
        return []
    from copilot.extraction.modelled import ModelExtractor

    settings = copilot.settings
    catching = _CatchingStructured(gateway.route, settings.models, copilot.clock)
    reader = ModelExtractor(catching, settings.extraction, prompts=copilot.prompts)
    request: StructuredRequest | None = None
    try:
        async with aclosing(reader.read(source, schema)) as steps:
            async for _ in steps:
                pass
    except _Caught as caught:
        request = cast("StructuredRequest", caught.request)
    if request is None:
        return []
    likely = min(request.max_output_tokens, _TOKENS_A_FIELD * max(1, len(schema.fields)))
    found = []
    for one in gateway.route.models:
        asked = replace(request, model=one.at.model)
        most = await asyncio.to_thread(one.model.most, asked)
        probable = await asyncio.to_thread(one.model.most, replace(asked, max_output_tokens=likely))
        found.append(Estimate(one.at.name, probable, most))
    return found


def _given(copilot: Copilot, memory: Memory) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """The turns that are read, and as a model is given them: with what was told before."""
    from copilot.answering.writing.earlier import given_before

    turns, told = copilot.settings.answer.history_turns, memory.turns
    history = told[-turns:] if turns else ()
    summed_up = turns and len(told) > turns and copilot.asides.summarise is not None
    kept = memory.summary() if summed_up else None
    if kept is None:
        return history, history
    return history, given_before(copilot.prompts, kept.text, history).turns


def _searched(
    copilot: Copilot, text: str, history: tuple[Turn, ...], where: SearchFilter
) -> SearchResult:
    """What the answer would be made from; by words alone where vectors come from a provider."""
    from copilot.knowledge.search import SearchRequest

    if not copilot.settings.embedding.model.startswith("litellm:"):
        many, retrieval = copilot.settings.answer.passages, copilot.settings.search.retrieval
        request = SearchRequest(text, history, where, many, retrieval=retrieval)
        return copilot.searcher.search(request)
    return _by_words(copilot, text, where)


def _by_words(copilot: Copilot, text: str, where: SearchFilter) -> SearchResult:
    import numpy as np

    from copilot.knowledge.search import SearchResult

    index = copilot.index
    if not index.count_passages():
        raise KnowledgeIndexError("the index holds no documents", hint="copilot index add PATH")
    listed = index.search_lexical(text, limit=copilot.settings.answer.passages, where=where)
    stored = index.fetch([passage_id for passage_id, _ in listed], where=where)
    scores = dict(listed)
    hits = tuple(
        Hit(rank, scores[one.passage.id], {"fused": scores[one.passage.id]}, one.passage)
        for rank, one in enumerate(stored, start=1)
    )
    return SearchResult(
        hits=hits,
        stored={one.passage.id: one for one in stored},
        queries=(text,),
        query_vectors=np.zeros((1, 1), dtype=np.float32),
        follow_up=False,
        index_version=index.version(),
        latency_ms=0.0,
        term_weights={},
    )
