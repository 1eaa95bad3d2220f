"""One turn: search, then write or quote, check, cite, and say how it ended.

Invariant: nothing is yielded as text before its check; the stream ends in one ``RunFinished``
whose answer's citations all satisfy ``passage.text[quote_start:quote_end] == quote``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.answering.rendering import ABSTENTION, render_quotes
from copilot.answering.writing import WritingAnswerer, Written, total_usage
from copilot.errors import ModelError, ModelUngroundedError, UsageError
from copilot.events import (
    CitationChecked,
    Event,
    ModelAttempt,
    ModelChosen,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    TextDelta,
    UsageReported,
    Warned,
)
from copilot.guard.terminal import clean
from copilot.knowledge.search import Searcher, SearchRequest, SearchResult
from copilot.messages import (
    Answer,
    Hit,
    Searched,
    SearchFilter,
    Status,
    Support,
    Turn,
    Usage,
)
from copilot.ports import Clock, NewId

# Passages that an answer is made from; search shows fewer.
PASSAGES_FOR_AN_ANSWER = 30
# Passages that an answer names as looked at.
SEARCHED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, and in which conversation."""

    text: str
    conversation: str = ""
    history: tuple[Turn, ...] = ()
    where: SearchFilter = field(default_factory=SearchFilter)


@dataclass(frozen=True, slots=True)
class AskParts:
    """What a turn works with. ``writing`` is None without a configured chat model."""

    searcher: Searcher
    quoting: QuotingAnswerer
    writing: WritingAnswerer | None
    clock: Clock
    new_id: NewId


async def ask(question: Question, parts: AskParts) -> AsyncIterator[Event]:
    """Answer one question.

    Raises UsageError for an empty question and KnowledgeIndexError when there is no index.
    A model that fails never fails the run: the answer is quoted and its status is ``degraded``.
    """
    turn = _TurnClock(parts.clock)
    run_id = parts.new_id()
    text = clean(question.text).strip()
    yield RunStarted(
        run_id=run_id,
        kind="ask",
        question=text,
        conversation=question.conversation,
        principal=question.where.principal.name,
        started_at=parts.clock.now(),
    )
    if not text:
        raise UsageError("the question is empty", hint='copilot ask "How do I …?"')

    if parts.writing is not None:
        parts.writing.warm()
    result = await asyncio.to_thread(parts.searcher.search, _request(question, text))
    yield QueryRewritten(question=text, queries=result.queries, follow_up=result.follow_up)
    yield RetrievalFinished(
        hits=result.hits, index_version=result.index_version, latency_ms=result.latency_ms
    )

    answer: Answer | None = None
    failure: ModelError | None = None
    if parts.writing is not None and result.hits:
        try:
            # Closed with the turn: a reader who leaves ends the model's call too.
            async with aclosing(parts.writing.answer(text, question.history, result)) as steps:
                async for step in steps:
                    if isinstance(step, Written):
                        answer = _written_answer(step, result)
                    else:
                        turn.saw(step)
                        yield step
        except ModelError as error:
            failure = error
            yield Warned(f"{_why(error)}; quoting instead", hint=error.hint)
    if answer is None:
        yield ModelChosen("quoting", _why_quoting(parts, failure))
        quoted = await asyncio.to_thread(parts.quoting.answer, text, question.history, result)
        answer = _quoted_answer(quoted, result, failure=failure, spent=turn.spent)
        for event in _checked(answer):
            turn.saw(event)
            yield event
    answer = replace(answer, notes=(*answer.notes, *_staleness(answer, result)))
    yield UsageReported(answer.usage)
    yield RunFinished(
        run_id=run_id,
        status=answer.status,
        answer=answer,
        latency_ms=turn.elapsed_ms(),
        first_token_ms=turn.first_token_ms,
    )


class _TurnClock:
    """When the run began, when its first text was shown, and what models were paid."""

    def __init__(self, clock: Clock) -> None:
        self._monotonic: Callable[[], float] = clock.monotonic
        self._started = clock.monotonic()
        self.first_token_ms: float | None = None
        self.spent: list[Usage] = []

    def elapsed_ms(self) -> float:
        return (self._monotonic() - self._started) * 1000

    def saw(self, event: Event) -> None:
        if self.first_token_ms is None and isinstance(event, TextDelta):
            self.first_token_ms = self.elapsed_ms()
        if isinstance(event, ModelAttempt) and event.usage is not None:
            self.spent.append(event.usage)


def _request(question: Question, text: str) -> SearchRequest:
    return SearchRequest(
        query=text,
        history=question.history,
        where=question.where,
        limit=PASSAGES_FOR_AN_ANSWER,
    )


def searched(hits: tuple[Hit, ...]) -> tuple[Searched, ...]:
    """The passages that an answer names as looked at, best first."""
    return tuple(
        Searched(
            passage_id=hit.passage.id,
            document_id=hit.passage.document_id,
            path=hit.passage.path,
            title=hit.passage.title,
            locator=hit.passage.locator,
            score=hit.score,
        )
        for hit in hits[:SEARCHED_SHOWN]
    )


def _staleness(answer: Answer, result: SearchResult) -> list[str]:
    """A note for what is cited from a document that says it has been replaced."""
    numbers = [
        f"[{citation.n}]"
        for citation in answer.citations
        if (one := result.stored.get(citation.passage_id)) and one.passage.superseded
    ]
    if not numbers:
        return []
    one_or_more = "is" if len(numbers) == 1 else "are"
    return [f"{', '.join(numbers)} {one_or_more} from a document marked as superseded"]


def _written_answer(written: Written, result: SearchResult) -> Answer:
    return replace(written.answer, searched=searched(result.hits))


def _why_quoting(parts: AskParts, failure: ModelError | None) -> str:
    if failure is not None:
        return failure.message
    return "no chat model is configured" if parts.writing is None else "there is nothing to read"


def _why(error: ModelError) -> str:
    """Why a model's answer isn't shown: it failed, or nothing that it wrote is borne out."""
    if isinstance(error, ModelUngroundedError):
        return error.message
    return f"the model failed: {error.message}"


def _quoted_answer(
    quoted: QuotedAnswer,
    result: SearchResult,
    *,
    failure: ModelError | None,
    spent: Sequence[Usage],
) -> Answer:
    """Quotes, or an abstention. A model that failed may have been paid: ``spent``."""
    usage = total_usage(spent[-1].model, spent) if spent else Usage()
    notes = () if failure is None else (f"quoted: {_why(failure)}",)
    if quoted.abstain or not quoted.quotes:
        return Answer(
            status=Status.ABSTAINED,
            text=ABSTENTION,
            searched=searched(result.hits),
            usage=usage,
            notes=(*notes, quoted.reason) if quoted.reason else notes,
        )
    sentences, citations, text = render_quotes(quoted.quotes)
    return Answer(
        status=Status.ANSWERED if failure is None else Status.DEGRADED,
        text=text,
        sentences=sentences,
        citations=citations,
        searched=searched(result.hits),
        usage=usage,
        notes=notes,
    )


def _checked(answer: Answer) -> list[Event]:
    """The events of an answer that is complete: each sentence's verdict, then its text."""
    if answer.status is Status.ABSTAINED:
        return [TextDelta(answer.text)]
    by_number = {citation.n: citation for citation in answer.citations}
    events: list[Event] = [
        CitationChecked(
            sentence=sentence.text,
            support=Support.VERBATIM,
            citations=tuple(by_number[n] for n in sentence.citations),
            reason="quoted to the character",
            action="shown",
        )
        for sentence in answer.sentences
    ]
    return [*events, TextDelta(answer.text)]
