"""Gives an answer that was written before, or has it written and keeps it.

Invariant: whatever becomes of the cache, there is an answer; a reader is told that one is from the
cache, and never waits for a comparison.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from copilot.answering.caching.guards import difference
from copilot.answering.caching.holding import agrees, holds
from copilot.answering.caching.keys import Asking, Keys, keys
from copilot.answering.writing import Written
from copilot.caching import AnswerCache, AnsweredFrom, CachedAnswer, Switched
from copilot.errors import ModelError, StorageError
from copilot.events import CitationChecked, Event, TextDelta, Warned
from copilot.knowledge.search import SearchResult
from copilot.messages import Answer, Status, Turn, Usage
from copilot.noting import note
from copilot.ports import Clock
from copilot.quantities import duration, money, proportion
from copilot.records import CacheUsed

if TYPE_CHECKING:
    from copilot.config.cache import CacheSettings
    from copilot.messages import Vector

T = TypeVar("T")

# Questions near enough that are compared word for word.
_COMPARED = 12
_log = logging.getLogger(__name__)


class Writes(Protocol):
    """What has a model write answers."""

    def answer(
        self, question: str, history: Sequence[Turn], result: SearchResult
    ) -> AsyncGenerator[Event | Written]:
        """Events, then one ``Written``."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that may be given, and how near its question is."""

    cached: CachedAnswer
    tier: AnsweredFrom
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class AnswerCaching:
    """The cache before the model. ``on``: asked before each use, a switch for emergencies;
    ``alike``: one for questions in other words alone.

    ``chance``: from 0 to 1, below ``recheck_share`` for a hit that is compared.
    """

    store: AnswerCache
    settings: CacheSettings
    clock: Clock
    on: Callable[[], bool] = lambda: True
    alike: Callable[[], bool] = lambda: True
    chance: Callable[[], float] = random.random
    _said: set[str] = field(default_factory=set)

    async def expects(self, question: str) -> bool:
        """Whether an answer is likely to be there, so that nothing need be made ready for one."""
        return bool(await self._tried(self.store.knows, question))

    async def answer(
        self, writing: Writes, asking: Asking, result: SearchResult
    ) -> AsyncGenerator[Event | Written]:
        """As ``WritingAnswerer.answer``, which is asked where nothing kept may be given."""
        if asking.attached or result.first is not None or not await asyncio.to_thread(self.on):
            note(CacheUsed("exact", "bypassed"))
            found, kept_as = None, None
        else:
            kept_as = keys(asking, result)
            found = None if asking.fresh else await self._found(asking, kept_as, result)
        check = found is not None and self._is_to_be_checked(found)
        if found is not None and not check:
            for step in await self._given(found, result):
                yield step
            return
        steps = self._written(writing, asking, result, kept_as, checking=found)
        async with aclosing(steps):
            async for step in steps:
                yield step

    async def _found(self, asking: Asking, at: Keys, result: SearchResult) -> Found | None:
        """What may be given, noted; nothing where the cache can't be read."""
        found = await self._tried(self._look, asking.text, at, result)
        if isinstance(found, Found):
            return found
        tier: AnsweredFrom = "semantic" if at.partition and self.settings.semantic else "exact"
        note(CacheUsed(tier, "miss" if found is None else "rejected", similarity=found))
        await self._tried(lambda: self.store.looked(None, now=self.clock.now()))
        return None

    def _look(self, text: str, at: Keys, result: SearchResult) -> Found | float | None:
        """The likeness of the nearest alone, where none of those that are near will do."""
        now = self.clock.now()
        cached = self.store.exact(at.exact, now=now)
        if cached is not None and holds(cached.answer, result):
            return Found(cached, "exact")
        if not at.partition or not self.settings.semantic or self.store.off() is not None:
            return None
        if not self.alike():
            return None
        near = self.store.nearest(
            at.partition,
            _vector(result),
            least=self.settings.similarity,
            limit=_COMPARED,
            now=now,
        )
        for one in near:
            asks = one.cached.question
            if not difference(text, asks) and holds(one.cached.answer, result):
                return Found(one.cached, "semantic", one.similarity)
        return near[0].similarity if near else None

    def _is_to_be_checked(self, found: Found) -> bool:
        return found.tier == "semantic" and self.chance() < self.settings.recheck_share

    async def _given(self, found: Found, result: SearchResult) -> list[Event | Written]:
        """The events of a kept answer, as of one that is written."""
        cached, answer = found.cached, found.cached.answer
        saved = answer.usage.cost_microusd or 0
        note(
            CacheUsed(
                found.tier,
                "hit",
                source_run=cached.run_id,
                similarity=found.similarity,
                saved_microusd=saved,
                saved_ms=cached.took_ms,
            )
        )
        await self._tried(
            lambda: self.store.looked(
                (cached.key, found.tier),
                now=self.clock.now(),
                saved_microusd=saved,
                saved_ms=cached.took_ms,
            )
        )
        by_number = {citation.n: citation for citation in answer.citations}
        events: list[Event | Written] = [
            CitationChecked(
                sentence=sentence.text,
                support=sentence.support,
                citations=tuple(by_number[n] for n in sentence.citations),
                reason=sentence.reason or "checked when it was written; what it cites is unchanged",
                action="shown",
            )
            for sentence in answer.sentences
        ]
        given = replace(
            answer,
            usage=Usage(model=answer.usage.model),
            notes=(*answer.notes, _told(found)),
        )
        return [*events, TextDelta(answer.text), Written(given, given=cached.given)]

    async def _written(
        self,
        writing: Writes,
        asking: Asking,
        result: SearchResult,
        at: Keys | None,
        *,
        checking: Found | None,
    ) -> AsyncGenerator[Event | Written]:
        """Have it written, keep it, and compare it with what would have been given."""
        began, shown = self.clock.monotonic(), False
        try:
            steps = writing.answer(asking.text, asking.history, result)
            async with aclosing(steps):
                async for step in steps:
                    shown = shown or isinstance(step, TextDelta)
                    if isinstance(step, Written) and at is not None:
                        took_ms = (self.clock.monotonic() - began) * 1000
                        await self._keep(step, asking, at, result, took_ms=took_ms)
                        if checking is not None and step.failure is None:
                            for told in await self._compared(checking, step.answer):
                                yield told
                    yield step
        except ModelError:
            if checking is None or shown:
                raise
            for step in await self._given(checking, result):
                yield step

    async def _keep(
        self, written: Written, asking: Asking, at: Keys, result: SearchResult, *, took_ms: float
    ) -> None:
        answer = written.answer
        if not written.whole or answer.status is not Status.ANSWERED or not holds(answer, result):
            return
        cached = CachedAnswer(
            key=at.exact,
            partition=at.partition,
            index_version=result.index_version,
            question=asking.text,
            principal=asking.where.principal.name,
            run_id=asking.run_id,
            at=self.clock.now(),
            answer=answer,
            given=written.given,
            took_ms=took_ms,
        )
        vector = _vector(result) if at.partition else None
        await self._tried(self._put, cached, vector)

    def _put(self, cached: CachedAnswer, vector: Vector | None) -> None:
        self.store.keep(cached, vector)
        note(CacheUsed("exact", "stored"))

    async def _compared(self, found: Found, fresh: Answer) -> list[Event]:
        """Count whether the answer that would have been given was right; what that leads to."""
        right = agrees(found.cached.answer, fresh)
        note(
            CacheUsed(
                "semantic",
                "hit",
                source_run=found.cached.run_id,
                similarity=found.similarity,
                checked="right" if right else "wrong",
            )
        )
        switched = await self._tried(self._count, found, right)
        if not switched:
            return []
        return [Warned(switched, hint="`copilot cache status`; `copilot cache on` takes it back")]

    def _count(self, found: Found, right: bool) -> str:
        """Why the semantic tier is switched off by this; empty if it isn't."""
        self.store.looked((found.cached.key, found.tier), now=self.clock.now())
        checked, wrong = self.store.checked(right=right)
        bound, least = self.settings.false_hits_max, self.settings.least_checks
        if checked < least or wrong <= bound * checked or self.store.off() is not None:
            return ""
        why = (
            f"of {checked} answers from the cache that were compared with fresh ones {wrong} were "
            f"wrong ({proportion(wrong / checked)}; cache.false_hits_max is {proportion(bound)})"
        )
        self.store.switch(Switched(self.clock.now(), why))
        return f"the cache answers no more to other words: {why}"

    async def _tried(self, do: Callable[..., T], *arguments: object) -> T | None:
        """What it returns; None where the cache can't be used, which costs nobody an answer, and
        is said once.
        """
        try:
            return await asyncio.to_thread(do, *arguments)
        except StorageError as error:
            if error.message not in self._said:
                self._said.add(error.message)
                _log.warning("the answer cache can't be used: %s (%s)", error.message, error.hint)
            return None


def _vector(result: SearchResult) -> Vector:
    vector: Vector = result.query_vectors[-1]
    return vector


def _told(found: Found) -> str:
    """Where the answer is from, and what that saved."""
    cached = found.cached
    when = f"{cached.at.astimezone():%d %b %Y %H:%M}"
    cost = cached.answer.usage.cost_microusd
    saved = [money(cost)] if cost else []
    saved += [duration(cached.took_ms)]
    asked = "" if found.tier == "exact" else ", to the same question in other words"
    return f"from the cache, of {when}{asked} (saved {' and '.join(saved)})"
