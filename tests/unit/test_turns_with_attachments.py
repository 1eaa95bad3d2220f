"""A turn about what is attached quotes it, says where alone it looked, and is recorded so."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np

from copilot.answering.quoting import Quote, QuotedAnswer
from copilot.answering.replaying import plan
from copilot.answering.turn import AskParts, Question, ask
from copilot.events import AskedWith, HitsWeighed, RunFinished
from copilot.knowledge.search import SearchRequest, SearchResult
from copilot.messages import Answer, Principal, SearchFilter
from copilot.testing.memory_index import MemoryIndex
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.passages import made_hits, made_passage
from tests.turns import Clock

ATTACHED = made_passage("The disk of db-3 is full.", title="app.log")
INDEXED = made_passage("A full disk is grown with lvextend.", title="disks.md")


def result_of(*passages: object) -> SearchResult:
    return SearchResult(
        hits=made_hits(*passages),  # type: ignore[arg-type]
        stored={},
        queries=("disk?",),
        query_vectors=np.zeros((1, 4), dtype=np.float32),
        follow_up=False,
        index_version=1,
        latency_ms=1.0,
        term_weights={},
    )


class FindsBoth:
    def search(self, request: SearchRequest) -> SearchResult:
        return replace(result_of(ATTACHED, INDEXED), first=result_of(ATTACHED))


class QuotesTheLast:
    """Quotes the last hit, unless it is ``unknown``."""

    def __init__(self, unknown: object = None) -> None:
        self._unknown = unknown

    def answer(self, question: str, history: object, result: SearchResult) -> QuotedAnswer:
        passage = result.hits[-1].passage
        quotes = (Quote(passage, 0, len(passage.text)),)
        abstain = passage is self._unknown
        return QuotedAnswer(() if abstain else quotes, 0.9, abstain=abstain, reason="")


def turn(quoting: QuotesTheLast, *, where: SearchFilter | None = None) -> list[object]:
    parts = AskParts(
        searcher=FindsBoth(),
        quoting=quoting,  # type: ignore[arg-type]
        writing=None,
        clock=Clock(),
        new_id=lambda: "run-1",
        history_turns=2,
        attached=("app.log",),
    )

    async def events() -> list[object]:
        question = Question("What is full?", where=where or SearchFilter())
        return [event async for event in ask(question, parts)]

    return asyncio.run(events())


def answer_of(events: list[object]) -> Answer:
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    return finished.answer


def test_what_is_attached_is_quoted_where_it_holds_the_answer() -> None:
    events = turn(QuotesTheLast())
    assert [one.path for one in answer_of(events).citations] == [ATTACHED.path]
    [weighed] = [one for one in events if isinstance(one, HitsWeighed)]
    assert [(fate.kept, fate.reason) for fate in weighed.fates] == [
        (True, "cited as [1]"),
        (False, "what is attached holds the answer"),
    ]


def test_where_it_does_not_the_index_is_quoted() -> None:
    events = turn(QuotesTheLast(unknown=ATTACHED))
    assert [one.path for one in answer_of(events).citations] == [INDEXED.path]


def test_an_answer_says_to_what_it_was_confined() -> None:
    assert answer_of(turn(QuotesTheLast())).notes == ()
    where = SearchFilter(paths=("/docs/disks.md", "/docs/t.jsonl#7"))
    confined = answer_of(turn(QuotesTheLast(), where=where))
    assert confined.notes == ("looked only in app.log, disks.md, t.jsonl#7",)


def test_a_replay_says_that_what_was_attached_is_missing() -> None:
    events = turn(QuotesTheLast())
    [asked] = [one for one in events if isinstance(one, AskedWith)]
    assert asked.inputs.attached == ("app.log",)
    ledger = MemoryLedger()
    for event in events:
        ledger.append("run-1", event)  # type: ignore[arg-type]
    ledger.close()
    planned = plan(
        ledger.run("run-1"), MemoryIndex(), who=Principal(), now=True, program=asked.inputs.program
    )
    assert planned.notes == ("app.log was attached, and isn't searched again",)
