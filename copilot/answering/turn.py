"""One turn: search, then write or quote, check, cite, and say how it ended.

Invariant: nothing is yielded as text before its check; the stream ends in one ``RunFinished``
whose answer's citations all satisfy ``passage.text[quote_start:quote_end] == quote``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

from copilot import __version__
from copilot.answering.aside import spent, told
from copilot.answering.caching import AnswerCaching, Asking
from copilot.answering.looking import look
from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.answering.remembering import Memory
from copilot.answering.rendering import ABSTENTION, render_quotes
from copilot.answering.timing import TurnClock
from copilot.answering.weighing import weighed
from copilot.answering.writing import WritingAnswerer, Written
from copilot.answering.writing.earlier import given_before
from copilot.errors import (
    BudgetError,
    CopilotError,
    ModelError,
    ModelOffError,
    ModelUngroundedError,
    UsageError,
)
from copilot.events import (
    AskedWith,
    CitationChecked,
    Event,
    HitsWeighed,
    ModelChosen,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunKind,
    RunStarted,
    TextDelta,
    UsageReported,
    Warned,
)
from copilot.guard.terminal import clean
from copilot.inputs import MEASURED, PASSAGES_FOR_AN_ANSWER, AnswerInputs, Inputs, Retrieval
from copilot.knowledge.search import Searches, SearchRequest, SearchResult
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
from copilot.metering import total_usage
from copilot.ports import Clock, NewId

# Shown by the writing answerer behind what it had begun, when its model broke off.
_SEPARATOR = "\n\n"
# Passages that an answer names as looked at.
SEARCHED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, and in which conversation. ``fresh``: by no kept answer.

    ``summary``: of the turns before ``history``. ``memory``: where one is kept, if anywhere.
    """

    text: str
    conversation: str = ""
    history: tuple[Turn, ...] = ()
    where: SearchFilter = field(default_factory=SearchFilter)
    kind: RunKind = "ask"
    fresh: bool = False
    summary: str = ""
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class AskParts:
    """What a turn works with. ``writing`` is None without a configured chat model.

    ``history_turns``: how many turns of a conversation are considered, the latest ones.
    ``made_with``: the settings behind the parts, to be recorded. ``attached``: the names of what
    ``searcher`` searches besides the index. ``release``: the id of all that decides the answer.
    ``caching`` gives what was written before, if it may. ``passages``: how many an answer is made
    from, found by ``retrieval``.
    """

    searcher: Searches
    quoting: QuotingAnswerer
    writing: WritingAnswerer | None
    clock: Clock
    new_id: NewId
    history_turns: int
    made_with: AnswerInputs | None = None
    attached: tuple[str, ...] = ()
    release: str = ""
    caching: AnswerCaching | None = None
    passages: int = PASSAGES_FOR_AN_ANSWER
    retrieval: Retrieval = MEASURED


async def ask(question: Question, parts: AskParts) -> AsyncIterator[Event]:
    """Answer one question.

    Raises UsageError for an empty question and KnowledgeIndexError when there is no index.
    A model that fails never fails the run: the answer, or the rest of it, is quoted and its
    status is ``degraded``, or ``limited`` where the model wasn't asked for what it may cost.
    """
    turn = TurnClock(parts.clock)
    run_id = parts.new_id()
    question = _cut(question, parts.history_turns)
    text = question.text
    yield _started(question, run_id, parts)
    yield _asked_with(question, parts)
    if not text:
        raise UsageError("the question is empty", hint='copilot ask "How do I …?"')
    await _warm(parts, text)
    beside: list[Event] = []
    how = (parts.searcher, parts.writing, beside)
    result = await look(_request(question, parts), *how, summary=question.summary)
    with closing(told(beside)) as asked:
        for event in asked:
            yield event
    if isinstance(result, CopilotError):
        raise result
    yield QueryRewritten(question=text, queries=result.queries, follow_up=result.follow_up)
    yield RetrievalFinished(result.hits, result.index_version, result.latency_ms)

    written: Written | None = None
    quoted: QuotedAnswer | None = None
    failure: ModelError | None = None
    if parts.writing is not None and result.hits:
        try:
            # Closed with the turn: a reader who leaves ends the model's call too.
            async with aclosing(_written(question, run_id, parts, result)) as steps:
                async for step in steps:
                    if isinstance(step, Written):
                        written, failure = step, step.failure
                    else:
                        turn.saw(step)
                        yield step
        except ModelError as error:
            failure = error
    if written is not None and failure is None:
        answer = replace(written.answer, searched=searched(result.hits))
    else:
        yield ModelChosen("quoting", _why_quoting(parts, failure), route="quote")
        quoted = await asyncio.to_thread(_quoted, question, parts.quoting, result)
        begun = Answer(Status.ABSTAINED, text="") if written is None else written.answer
        answer = _quoted_answer(quoted, result, begun, failure=failure, spent=turn.spent)
        if failure is not None:
            yield Warned(_told(failure, begun, answer), hint=failure.hint)
        for event in _checked(answer, begun):
            turn.saw(event)
            yield event
    usage = total_usage(answer.usage.model, [answer.usage, *spent(beside)])
    answer = replace(answer, usage=usage, notes=_notes(answer, result, question, parts))
    yield _weighed(result, answer, written, quoted)
    yield UsageReported(answer.usage)
    took, first = turn.elapsed_ms(), turn.first_token_ms
    yield RunFinished(run_id, answer.status, answer, latency_ms=took, first_token_ms=first)


async def _warm(parts: AskParts, text: str) -> None:
    """Begin loading what a model needs, unless its answer is likely to be there already."""
    expected = parts.caching is not None and await parts.caching.expects(text)
    if parts.writing is not None and not expected:
        parts.writing.warm()


async def _written(
    question: Question, run_id: str, parts: AskParts, result: SearchResult
) -> AsyncGenerator[Event | Written]:
    """The steps of an answer that a model writes, or wrote before."""
    writing = parts.writing
    assert writing is not None
    if question.summary:
        given = given_before(writing.prompts, question.summary, question.history)
        yield given.rendered
        question = replace(question, history=given.turns)
    async with aclosing(_steps(question, run_id, parts, writing, result)) as steps:
        async for step in steps:
            yield step


def _steps(
    question: Question, run_id: str, parts: AskParts, writing: WritingAnswerer, result: SearchResult
) -> AsyncGenerator[Event | Written]:
    if parts.caching is None:
        return writing.answer(question.text, question.history, result)
    asking = Asking(
        run_id=run_id,
        text=question.text,
        history=question.history,
        where=question.where,
        recipe=(parts.release, *writing.recipe()),
        attached=bool(parts.attached),
        fresh=question.fresh,
    )
    return parts.caching.answer(writing, asking, result)


def _cut(question: Question, turns: int) -> Question:
    """The question as it is read: clean, with the latest ``turns`` of its conversation."""
    history = question.history[-turns:] if turns else ()
    return replace(question, text=clean(question.text).strip(), history=history)


def _started(question: Question, run_id: str, parts: AskParts) -> RunStarted:
    return RunStarted(
        run_id=run_id,
        kind=question.kind,
        question=question.text,
        conversation=question.conversation,
        principal=question.where.principal.name,
        started_at=parts.clock.now(),
        release=parts.release,
    )


def _asked_with(question: Question, parts: AskParts) -> AskedWith:
    inputs = Inputs(
        where=question.where,
        limit=parts.passages,
        settings=parts.made_with,
        program=__version__,
        attached=parts.attached,
        retrieval=parts.retrieval,
    )
    return AskedWith(inputs, question.history, question.summary)


def _weighed(
    result: SearchResult, answer: Answer, written: Written | None, quoted: QuotedAnswer | None
) -> HitsWeighed:
    given = None if written is None else written.given
    passed_over = None if quoted is None else quoted.passed_over
    return HitsWeighed(weighed(result.hits, answer, given=given, passed_over=passed_over))


def _quoted(question: Question, quoting: QuotingAnswerer, result: SearchResult) -> QuotedAnswer:
    """From what is attached, where that holds the answer."""
    if result.first is not None:
        first = quoting.answer(question.text, question.history, result.first)
        if not first.abstain:
            attached = {hit.passage.id for hit in result.first.hits}
            behind = (hit.passage.id for hit in result.hits if hit.passage.id not in attached)
            passed_over = dict.fromkeys(behind, "what is attached holds the answer")
            return replace(first, passed_over={**passed_over, **first.passed_over})
    return quoting.answer(question.text, question.history, result)


def _request(question: Question, parts: AskParts) -> SearchRequest:
    return SearchRequest(
        query=question.text,
        history=question.history,
        where=question.where,
        limit=parts.passages,
        retrieval=parts.retrieval,
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


def _notes(
    answer: Answer, result: SearchResult, question: Question, parts: AskParts
) -> tuple[str, ...]:
    return (*answer.notes, *_staleness(answer, result), *_confinement(question, parts))


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


def _confinement(question: Question, parts: AskParts) -> list[str]:
    """A note of where alone it was looked for the answer."""
    names = [path.rpartition("/")[2] for path in question.where.paths]
    return [f"looked only in {', '.join([*parts.attached, *names])}"] if names else []


def _why_quoting(parts: AskParts, failure: ModelError | None) -> str:
    if failure is not None:
        return failure.message
    return "no chat model is configured" if parts.writing is None else "there is nothing to read"


def _told(failure: ModelError, begun: Answer, answer: Answer) -> str:
    """What a person is told of a model that failed, or of which nothing is borne out."""
    why = failure.message
    if isinstance(failure, BudgetError):
        why = f"over budget: {why}"
    elif not isinstance(failure, ModelUngroundedError | ModelOffError):
        why = f"the model failed: {why}"
    if len(answer.sentences) == len(begun.sentences):
        return f"{why}; {'the answer is incomplete' if begun.sentences else 'no quotes were found'}"
    return f"{why}; {'the rest' if begun.sentences else 'the answer'} is quoted"


def _quoted_answer(
    quoted: QuotedAnswer,
    result: SearchResult,
    begun: Answer,
    *,
    failure: ModelError | None,
    spent: Sequence[Usage],
) -> Answer:
    """Quotes, or an abstention; below what a model had ``begun`` to write, if it had.

    A model that failed may have been paid: ``spent``.
    """
    sentences, citations, text = begun.sentences, begun.citations, begun.text
    found = not quoted.abstain and bool(quoted.quotes)
    if found:
        more, cited, quotes = render_quotes(quoted.quotes, number=len(citations) + 1)
        sentences, citations = (*sentences, *more), (*citations, *cited)
        text = _SEPARATOR.join(part for part in (text, quotes) if part)
    answer = Answer(
        status=_status(failure),
        text=text,
        sentences=sentences,
        citations=citations,
        searched=searched(result.hits),
        usage=total_usage(spent[-1].model, spent) if spent else Usage(),
    )
    if not sentences:
        limited = answer.status is Status.LIMITED  # with a model there might be an answer
        status = Status.LIMITED if limited else Status.ABSTAINED
        answer = replace(answer, status=status, text=ABSTENTION)
    why = () if failure is None else (_told(failure, begun, answer),)
    reason = (quoted.reason,) if not found and quoted.reason else ()
    return replace(answer, notes=(*begun.notes, *why, *reason))


def _status(failure: ModelError | None) -> Status:
    """Of quotes that were found."""
    if isinstance(failure, BudgetError):
        return Status.LIMITED
    return Status.ANSWERED if failure is None else Status.DEGRADED


def _checked(answer: Answer, begun: Answer) -> list[Event]:
    """The events of quotes: each sentence's verdict, then the text that wasn't shown yet."""
    by_number = {citation.n: citation for citation in answer.citations}
    events: list[Event] = [
        CitationChecked(
            sentence=sentence.text,
            support=Support.VERBATIM,
            citations=tuple(by_number[n] for n in sentence.citations),
            reason="quoted to the character",
            action="shown",
        )
        for sentence in answer.sentences[len(begun.sentences) :]
    ]
    shown = answer.text.removeprefix(begun.text).removeprefix(_SEPARATOR)
    return [*events, TextDelta(shown)] if shown else events
