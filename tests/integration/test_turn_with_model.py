"""A whole turn with a chat model: real gateway, real litellm, a real server that misbehaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from copilot.events import (
    CitationChecked,
    Event,
    ModelAttempt,
    TextDelta,
    UsageReported,
    Warned,
)
from copilot.messages import Status, Turn
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.turns import GOOD, PASSAGE, Room


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
