"""Sums up the turns of a conversation that a model isn't given any more, beside its answer.

Invariant: text never waits for it, and it never fails a turn: it is begun when a model begins to
write, has little time, and what it makes is for the questions after this one. What it names by
number was named before; every request is among the events, or told to the meter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from typing import cast

from copilot.answering.aside import Aside, Said, spent, told
from copilot.answering.remembering import Memory
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing.cutting import without_markers
from copilot.errors import CopilotError
from copilot.events import Event, ModelAttempt, ModelChosen, RunFinished, UsageReported
from copilot.messages import Turn, Usage
from copilot.metering import requested, total_usage
from copilot.talks import Summary

WORDS = 150
_AN_EXCHANGE = 2  # turns that this question and its answer will be
_CHARACTERS = 2_000  # of a summary: a model that doesn't count words
# What one is made of: the latest turns, and the beginning of each.
_TURNS = 40
_TURN_CHARACTERS = 1_200
_NONE = "(there is none)"
_WHO = {"user": "Person", "assistant": "Assistant"}
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_ITEM_MARK = re.compile(r"\A\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


async def ask_summarising(question: Question, parts: AskParts) -> AsyncGenerator[Event]:
    """As ``turn.ask``, with the summary that is kept, and a new one made where that is due.

    One is due when the next question would be asked without a turn that the kept one doesn't tell
    of. It is made of all turns by now, so another is due only ``history_turns`` turns later.
    """
    aside = parts.writing.asides.summarise if parts.writing is not None else None
    memory = question.memory
    outgrown, making = len(question.history) - parts.history_turns, None
    outgrown_next = outgrown + _AN_EXCHANGE
    if aside is not None and memory is not None and parts.history_turns and outgrown_next > 0:
        kept = await asyncio.to_thread(memory.summary)
        if kept is not None and outgrown > 0:
            question = replace(question, summary=kept.text)
        if outgrown_next > (kept.turns if kept is not None else 0):
            making = _Making(aside, memory, kept)
    async with aclosing(cast("AsyncGenerator[Event]", ask(question, parts))) as events:
        if making is None:
            async for event in events:
                yield event
            return
        async with aclosing(making.beside(events)) as more:
            async for event in more:
                yield event


class _Making:
    """A summary in the making."""

    def __init__(self, aside: Aside, memory: Memory, kept: Summary | None) -> None:
        self._aside = aside
        self._memory = memory
        self._before = kept.text if kept is not None else ""
        self._since = memory.turns[kept.turns if kept is not None else 0 :]
        self._task: asyncio.Task[Said] | None = None
        self._spent: list[Usage] = []

    async def beside(self, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """The events of a turn, what was asked for the summary before the last ones.

        Who stops it while it waits has read the answer: that is finished, and then it is stopped.
        """
        stopped: asyncio.CancelledError | None = None
        try:
            async for event in events:
                if isinstance(event, ModelChosen) and event.route == "answer":
                    self._task = self._task or asyncio.create_task(self._asked())
                elif isinstance(event, UsageReported) and self._task is not None:
                    try:
                        said, self._task = await self._task, None
                    except asyncio.CancelledError as error:
                        said, stopped = Said(), error
                    self._spent = spent(said.events)
                    with closing(told(said.events)) as asked:
                        for one in asked:
                            yield one
                    await self._keep(said.text)
                yield self._with_cost(event)
        finally:
            await self._stopped()
        if stopped is not None:
            raise stopped

    async def _asked(self) -> Said:
        before, since = self._before or _NONE, _told(self._since)
        try:
            return await self._aside.ask(before=before, conversation=since, words=str(WORDS))
        except CopilotError:  # such as a prompt that was damaged meanwhile
            return Said()

    async def _keep(self, text: str) -> None:
        told_of = " ".join([self._before, *(turn.text for turn in self._since)])
        if summary := borne_out(text, told_of):
            await asyncio.to_thread(self._memory.keep, summary)

    async def _stopped(self) -> None:
        """End what nobody waits for any more; the meter hears of it."""
        if self._task is None:
            return
        self._task.cancel()
        [ended] = await asyncio.gather(self._task, return_exceptions=True)
        for event in ended.events if isinstance(ended, Said) else ():
            if isinstance(event, ModelAttempt):
                requested(event)

    def _with_cost(self, event: Event) -> Event:
        if not self._spent:
            return event
        if isinstance(event, UsageReported):
            return UsageReported(self._total(event.usage))
        if isinstance(event, RunFinished) and event.answer is not None:
            return replace(
                event, answer=replace(event.answer, usage=self._total(event.answer.usage))
            )
        return event

    def _total(self, usage: Usage) -> Usage:
        return total_usage(usage.model, [usage, *self._spent])


def borne_out(summary: str, told_of: str) -> str:
    """The sentences of it that name no number but those in what it tells of."""
    known = set(_NUMBER.findall(told_of))
    sentences = (_ITEM_MARK.sub("", one).strip() for one in _SENTENCE.split(summary))
    kept, length = [], 0
    for one in sentences:
        length += len(one) + 1
        if one and length <= _CHARACTERS and known.issuperset(_NUMBER.findall(one)):
            kept.append(one)
    return " ".join(kept)


def _told(turns: Sequence[Turn]) -> str:
    return "\n".join(
        f"{_WHO[turn.role]}: {' '.join(without_markers(turn.text).split())[:_TURN_CHARACTERS]}"
        for turn in turns[-_TURNS:]
    )
