"""A turn of a conversation: it goes on with what was said, and is kept before it is shown whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from itertools import count

import pytest

from copilot.answering.conversing import Conversing
from copilot.answering.turn import AskParts
from copilot.errors import StorageError, UsageError
from copilot.events import AskedWith, Event, RunFinished, Warned
from copilot.messages import SearchFilter, Turn
from copilot.testing.memory_conversations import MemoryConversations
from copilot.testing.memory_ledger import MemoryLedger
from tests.turns import Clock, Finds, Quotes


class FullDisk(MemoryConversations):
    def append(self, name: str, turns: Sequence[Turn], **_: str) -> None:
        raise StorageError("the disk is full", hint="make room")


def conversing(store: MemoryConversations, *, finds: Finds | None = None) -> Conversing:
    numbers = count(1)
    parts = AskParts(
        searcher=finds or Finds(),
        quoting=Quotes(abstain=False),  # type: ignore[arg-type]
        writing=None,
        clock=Clock(),
        new_id=lambda: f"run-{next(numbers)}",
        history_turns=9,
    )
    return Conversing(parts, store, writer=MemoryLedger, principal="ana")


async def events_of(talk: Conversing, text: str, name: str = "talk") -> list[Event]:
    return [event async for event in talk.ask(text, conversation=name, where=SearchFilter())]


async def test_a_turn_is_kept_under_its_name_and_by_whom() -> None:
    store = MemoryConversations()
    events = await events_of(conversing(store), " How long do I have? ")
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    assert store.load("talk") == [
        Turn("user", "How long do I have?"),
        Turn("assistant", finished.answer.text),
    ]
    assert store.people("talk") == {"ana"}


async def test_it_is_kept_before_its_end_is_told() -> None:
    store = MemoryConversations()
    turn = conversing(store).ask("How long?", conversation="talk", where=SearchFilter())
    async with aclosing(turn) as events:
        async for event in events:
            if isinstance(event, RunFinished):
                assert len(store.load("talk")) == 2
                return
    pytest.fail("it never ended")


async def test_the_next_turn_goes_on_with_what_was_said() -> None:
    store = MemoryConversations()
    store.append("talk", [Turn("user", "Who is on call?"), Turn("assistant", "Mia.")])
    store.append("another", [Turn("user", "What is for lunch?"), Turn("assistant", "Soup.")])
    events = await events_of(conversing(store), "How long does she have?")
    [asked] = [event for event in events if isinstance(event, AskedWith)]
    assert [turn.text for turn in asked.history] == ["Who is on call?", "Mia."]


async def test_the_run_that_answered_is_kept_with_the_turn() -> None:
    store = MemoryConversations()
    finished = (await events_of(conversing(store), "How long?"))[-1]
    assert isinstance(finished, RunFinished)
    [kept] = store.kept("talk")
    assert (kept.run_id, kept.instead_of) == (finished.run_id, "")


async def test_a_question_that_is_asked_anew_goes_on_from_before_it_and_all_stays_kept() -> None:
    store = MemoryConversations()
    talk = conversing(store)
    for text in ("One?", "Two?", "Three?"):
        await events_of(talk, text)

    async def history(text: str, instead_of: str) -> list[str]:
        turn = talk.ask(text, conversation="talk", where=SearchFilter(), instead_of=instead_of)
        [asked] = [one async for one in turn if isinstance(one, AskedWith)]
        return [said.text for said in asked.history if said.role == "user"]

    assert await history("Two, but better?", "run-2") == ["One?"]
    assert await history("Four?", "") == ["One?", "Two, but better?"]
    assert await history("Two at last?", "run-4") == ["One?"]
    assert await history("One at last?", "run-1") == []
    assert await history("Five?", "run-of-another-talk") == ["One at last?"]
    assert [kept.instead_of for kept in store.kept("talk")] == [
        *("", "", "", "run-2", "", "run-4", "run-1", "run-of-another-talk")
    ]


async def test_an_answer_that_cannot_be_kept_is_still_an_answer_with_a_warning() -> None:
    events = await events_of(conversing(FullDisk()), "How long do I have?")
    warned, finished = events[-2:]
    assert warned == Warned("the conversation could not be kept: the disk is full", "make room")
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None


async def test_a_turn_that_is_left_is_not_kept() -> None:
    store = MemoryConversations()
    turn = conversing(store).ask("How long?", conversation="talk", where=SearchFilter())
    async with aclosing(turn) as events:
        await anext(events)
    assert store.load("talk") == []


async def test_a_name_that_is_none_is_refused_before_anything_is_asked() -> None:
    finds = Finds()
    with pytest.raises(UsageError, match="can't be the name of a conversation"):
        await events_of(conversing(MemoryConversations(), finds=finds), "Hi?", name="../up")
    assert finds.asked == []
