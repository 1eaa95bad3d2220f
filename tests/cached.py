"""A cache of answers before a model that always writes the same, for tests of who is given what."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from copilot.answering.caching import AnswerCaching, Asking
from copilot.answering.rendering import cite
from copilot.answering.writing import Written
from copilot.caching import AnswerCache, Bounds
from copilot.config.cache import CacheSettings
from copilot.errors import ModelError
from copilot.events import CitationChecked, Event, TextDelta, Warned
from copilot.knowledge.search import SearchResult
from copilot.messages import (
    Answer,
    Passage,
    Principal,
    SearchFilter,
    Sentence,
    Status,
    Support,
    Turn,
    Usage,
)
from copilot.noting import noted_by
from copilot.records import CacheUsed, Record
from copilot.testing.memory_answers import MemoryAnswers
from copilot.testing.passages import made_hits, made_passage

PASSAGE = made_passage("You have 45 minutes to acknowledge a page. Then the backup is paged.")
OTHER = made_passage("Logs are kept for 30 days.")
ASKS = "How do I acknowledge a page?"
SAME = "What is the best way to acknowledge a page?"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERYONE = SearchFilter(principal=Principal("ada", ("staff",)))


def quoting(passage: Passage, end: int = 42) -> Answer:
    """The answer that quotes the passage's beginning."""
    text = passage.text[:end]
    return Answer(
        Status.ANSWERED,
        f"{text} [1]",
        (Sentence(text, (1,), Support.VERBATIM, "stands so in the cited text"),),
        (cite(1, passage, 0, end),),
        usage=Usage("openai/x", 1000, 100, 1500),
    )


def found(
    *passages: Passage, vector: Sequence[float] = (1.0, 0.0), version: int = 1
) -> SearchResult:
    return SearchResult(
        hits=made_hits(*(passages or (PASSAGE, OTHER))),
        stored={},
        queries=("a",),
        query_vectors=np.array([vector], dtype=np.float32),
        follow_up=False,
        index_version=version,
        latency_ms=1.0,
        term_weights={},
    )


class Ticks:
    """Half a second passes whenever one looks."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        self.at += timedelta(seconds=0.5)
        return self.at.timestamp()


@dataclass
class Writes:
    """Writes ``answer``, or fails; ``asked`` is how often."""

    answer_: Answer = field(default_factory=lambda: quoting(PASSAGE))
    whole: bool = True
    failure: ModelError | None = None
    shows_first: bool = False
    asked: int = 0

    async def answer(
        self, question: str, history: Sequence[Turn], result: SearchResult
    ) -> AsyncGenerator[Event | Written]:
        self.asked += 1
        if self.shows_first or self.failure is None:
            yield TextDelta(self.answer_.text)
        if self.failure is not None:
            raise self.failure
        yield Written(self.answer_, given=("p1",), whole=self.whole)


@dataclass
class Cache:
    """Asks through a cache. ``recheck``: compare each hit."""

    settings: CacheSettings = field(default_factory=CacheSettings)
    store: AnswerCache = field(default_factory=lambda: MemoryAnswers(Bounds(99, 10**6, 30)))
    writes: Writes = field(default_factory=Writes)
    recheck: bool = False
    on: bool = True
    clock: Ticks = field(default_factory=Ticks)
    notes: list[Record] = field(default_factory=list)

    async def ask(
        self,
        text: str = ASKS,
        *,
        where: SearchFilter = EVERYONE,
        result: SearchResult | None = None,
        history: tuple[Turn, ...] = (),
        recipe: tuple[str, ...] = ("release-1", "openai/x"),
        attached: bool = False,
        fresh: bool = False,
    ) -> Told:
        caching = AnswerCaching(
            self.store,
            self.settings,
            self.clock,
            on=lambda: self.on,
            chance=lambda: 0.0 if self.recheck else 1.0,
        )
        asking = Asking(text, text, history, where, recipe, attached=attached, fresh=fresh)
        before = self.writes.asked
        self.notes.clear()
        with noted_by(self.notes.append):
            steps = caching.answer(self.writes, asking, result or found())
            told = Told([step async for step in steps])
        told.fresh = self.writes.asked > before
        return told

    @property
    def used(self) -> list[tuple[str, str, str]]:
        """Tier, outcome and what a comparison said, of the latest question."""
        return [(n.tier, n.outcome, n.checked) for n in self.notes if isinstance(n, CacheUsed)]


class Told:
    """What was told of one answer; ``fresh``: a model wrote it."""

    def __init__(self, steps: list[Event | Written]) -> None:
        self.steps = steps
        self.fresh = False

    @property
    def answer(self) -> Answer:
        last = self.steps[-1]
        assert isinstance(last, Written)
        return last.answer

    @property
    def text(self) -> str:
        return "".join(step.text for step in self.steps if isinstance(step, TextDelta))

    @property
    def checks(self) -> list[CitationChecked]:
        return [step for step in self.steps if isinstance(step, CitationChecked)]

    @property
    def warnings(self) -> list[str]:
        return [step.message for step in self.steps if isinstance(step, Warned)]


def changed(passage: Passage, text: str) -> Passage:
    """The same passage, with another text."""
    return replace(passage, text=text, content_hash=made_passage(text).content_hash)
