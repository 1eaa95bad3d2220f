"""A conversation that outgrows what a model is given of it: summed up, beside the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count

import pytest

from copilot.adapters.system import SystemClock
from copilot.answering.aside import ASIDES, Aside, Asides
from copilot.answering.conversing import Conversing
from copilot.answering.remembering import Memory
from copilot.answering.summarising import borne_out
from copilot.answering.turn import AskParts
from copilot.answering.writing import WritingAnswerer
from copilot.answering.writing.earlier import given_before
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import ModelUnavailableError, StorageError
from copilot.events import (
    AskedWith,
    Event,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    RunFinished,
    RunStopped,
    TextDelta,
    UsageReported,
)
from copilot.gateway import Deployed, Deployment, Gateway, Route
from copilot.messages import ModelRequest, SearchFilter, Turn
from copilot.prompting import PromptLibrary
from copilot.talks import Summary, fingerprint
from copilot.testing.memory_conversations import MemoryConversations
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.scripted_model import Say, Script, ScriptedModel
from tests.corpora import REPOSITORY
from tests.routes import breaker
from tests.turns import GOOD, Finds, Quotes

PROMPTS = PromptLibrary([REPOSITORY / "prompts"])
WINDOW = 4  # two questions with their answers
LINE = "The person asked about pages."


class Talk:
    """A conversation with a model that writes and one that sums up."""

    def __init__(
        self,
        *sums: Say | str,
        writes: Script = (GOOD,),
        within_s: float = 3.0,
        window: int = WINDOW,
        store: MemoryConversations | None = None,
    ) -> None:
        self.store = store or MemoryConversations()
        self.sums, self.writes = ScriptedModel(list(sums) or [LINE]), ScriptedModel(writes)
        self.events: list[Event] = []
        self.ledger = MemoryLedger()
        asides = Asides(summarise=self._aside(within_s)) if sums else Asides()
        numbers = count(1)
        self.parts = AskParts(
            searcher=Finds(),
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=self._writing(asides),
            clock=SystemClock(),
            new_id=lambda: f"run-{next(numbers)}",
            history_turns=window,
        )

    def _aside(self, within_s: float) -> Aside:
        deployed = [Deployed(Deployment("nano", "p/nano"), self.sums)]
        settings = ModelSettings(retries=0, total_timeout_s=within_s)
        gateway = Gateway(Route("summarise", deployed, breaker()), settings, SystemClock())
        return Aside(gateway, settings, prompts=PROMPTS, prompt=ASIDES["summarise"])

    def _writing(self, asides: Asides) -> WritingAnswerer:
        settings = Settings(models=ModelSettings(answer="big", retries=0))
        deployed = [Deployed(Deployment("big", "big"), self.writes)]
        gateway = Gateway(Route("answer", deployed, breaker()), settings.models, SystemClock())
        return WritingAnswerer(gateway, settings, prompts=PROMPTS, asides=asides)

    def turn(self, text: str, instead_of: str = "") -> AsyncGenerator[Event]:
        talk = Conversing(self.parts, self.store, writer=lambda: self.ledger, principal="ana")
        return talk.ask(text, conversation="talk", where=SearchFilter(), instead_of=instead_of)

    async def ask(self, text: str, instead_of: str = "") -> RunFinished:
        self.events = [event async for event in self.turn(text, instead_of)]
        last = self.events[-1]
        assert isinstance(last, RunFinished)
        return last

    async def go_on(self, turns: int, begin: int = 1) -> None:
        for number in range(begin, begin + turns):
            await self.ask(f"Question {number} of the day?")

    @property
    def given(self) -> ModelRequest:
        """What the writing model was given last."""
        return self.writes.requests[-1]

    @property
    def summary(self) -> str:
        kept = self.store.summary("talk")
        return kept.text if kept is not None else ""

    @property
    def attempts(self) -> list[ModelAttempt]:
        return [one for one in self.events if isinstance(one, ModelAttempt)]


# --- when, of what ------------------------------------------------------------------------


async def test_nothing_is_summed_up_while_all_of_it_is_given() -> None:
    talk = Talk(LINE)
    await talk.go_on(2)
    assert talk.sums.requests == []
    await talk.go_on(1, begin=3)
    assert "<earlier>" not in talk.given.turns[0].text


async def test_turns_that_are_not_given_any_more_are_given_as_a_summary() -> None:
    talk = Talk("The person asked Question 1 of the day.")
    await talk.go_on(3)
    [asked] = talk.sums.requests
    assert "Person: Question 1 of the day?" in asked.turns[0].text
    assert "[1]" not in asked.turns[0].text  # markers of passages that aren't there now
    assert "<earlier>" not in talk.given.turns[0].text  # it is for the questions after it
    await talk.go_on(1, begin=4)
    first, *rest = talk.given.turns
    assert first.text.endswith("Question 2 of the day?")
    assert "<earlier>\nThe person asked Question 1 of the day.\n</earlier>" in first.text
    assert [turn.role for turn in (first, *rest)] == ["user", "assistant"] * 2 + ["user"]


async def test_it_is_made_again_only_once_as_many_turns_as_are_given_have_come_since() -> None:
    talk = Talk(LINE, "The person asked about pages twice.", "And more.")
    made = []
    for number in range(1, 11):
        await talk.ask(f"Question {number} of the day?")
        made.append(len(talk.sums.requests))
    assert made == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    second = talk.sums.requests[1].turns[0].text
    assert LINE in second
    assert "Question 2 of the day?" not in second  # the first one tells of it
    assert "Question 3 of the day?" in second
    assert "Question 4 of the day?" in second
    assert talk.summary == "And more."


async def test_no_turn_is_ever_in_neither_the_summary_nor_what_is_given() -> None:
    talk = Talk(LINE)
    for number in range(1, 12):
        kept = talk.store.summary("talk")
        told = len(talk.store.load("talk"))
        reach = kept.turns if kept is not None else 0
        await talk.ask(f"Question {number} of the day?")
        assert reach >= told - WINDOW


async def test_without_a_model_for_it_a_kept_summary_is_not_given() -> None:
    talk = Talk(LINE)
    await talk.go_on(5)
    plain = Talk(store=talk.store)
    await plain.go_on(1, begin=6)
    assert "<earlier>" not in str(plain.given)
    assert [one.summary for one in plain.events if isinstance(one, AskedWith)] == [""]


async def test_a_window_of_nothing_remembers_nothing() -> None:
    talk = Talk(LINE, window=0)
    await talk.go_on(4)
    assert talk.sums.requests == []
    assert len(talk.given.turns) == 1


# --- what is asked anew -------------------------------------------------------------------


async def test_a_summary_that_tells_of_what_was_asked_anew_is_not_used() -> None:
    talk = Talk("The person asked Question 2 of the day.", LINE)
    await talk.go_on(5)
    assert talk.summary
    await talk.ask("Question 2, but better?", instead_of="run-2")
    assert "<earlier>" not in str(talk.given)
    await talk.go_on(1, begin=6)
    made_of = talk.sums.requests[-1].turns[0].text
    assert "Question 2, but better?" in made_of
    assert "Question 2 of the day" not in made_of
    await talk.go_on(1, begin=7)
    assert LINE in talk.given.turns[0].text
    assert "Question 2 of the day" not in str(talk.given)


async def test_one_that_tells_of_what_came_before_that_stays_in_use() -> None:
    talk = Talk(LINE)
    await talk.go_on(7)
    last = talk.store.kept("talk")[-1].run_id
    reach = talk.store.summary("talk")
    assert reach is not None
    await talk.ask("Question 7, but better?", instead_of=last)
    assert "<earlier>" in talk.given.turns[0].text


def test_a_summary_of_another_beginning_holds_for_none() -> None:
    said = [Turn("user", "a"), Turn("assistant", "b")]
    kept = Summary("x", 2, fingerprint(said))
    assert kept.holds([*said, Turn("user", "c")])
    assert not kept.holds([*said[::-1]])
    assert not kept.holds(said[:1])
    assert not Summary("x", 0, fingerprint([])).holds(said)


# --- whatever fails -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fails", [Say(fail=ModelUnavailableError("gone")), Say("late", delay_s=9), ""]
)
async def test_one_that_fails_is_late_or_silent_changes_no_answer(fails: Say | str) -> None:
    talk = Talk(fails, within_s=0.05)
    await talk.go_on(4)
    finished = await talk.ask("Question 5 of the day?")
    assert finished.status == "answered"
    assert finished.answer is not None and finished.answer.notes == ()
    assert talk.summary == ""
    assert "<earlier>" not in talk.given.turns[0].text


async def test_with_one_that_fails_later_the_summary_that_is_there_is_given() -> None:
    talk = Talk(LINE, Say(fail=ModelUnavailableError("gone")))
    await talk.go_on(4)
    assert [one.outcome for one in talk.attempts] == ["ok"]
    await talk.go_on(1, begin=5)
    assert LINE in talk.given.turns[0].text
    assert sorted(one.outcome for one in talk.attempts) == ["failed", "ok"]


async def test_a_store_that_is_full_or_broken_costs_no_answer() -> None:
    class Broken(MemoryConversations):
        def summary(self, name: str) -> Summary | None:
            raise StorageError("can't be read")

        def summarise(self, *_: object) -> bool:
            raise StorageError("the disk is full")

    talk = Talk(LINE, store=Broken())
    await talk.go_on(5)
    assert talk.events and isinstance(talk.events[-1], RunFinished)
    assert len(talk.sums.requests) == 3


async def test_all_text_is_shown_before_a_slow_summary_is_waited_for() -> None:
    talk = Talk(Say("late", delay_s=9), within_s=0.4)
    await talk.go_on(2)
    loop, shown, ended = asyncio.get_running_loop(), 0.0, 0.0
    began = loop.time()
    async with aclosing(talk.turn("Question 3 of the day?")) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                shown = loop.time() - began
            elif isinstance(event, RunFinished):
                ended = loop.time() - began
    assert 0 < shown < 0.3
    assert 0.3 < ended < 2.0


async def test_nothing_is_summed_up_where_no_model_writes() -> None:
    talk = Talk(LINE)
    await talk.go_on(2)
    talk.parts = AskParts(**{**_fields(talk.parts), "writing": None})  # type: ignore[arg-type]
    await talk.go_on(2, begin=3)
    assert talk.sums.requests == []


def _fields(parts: AskParts) -> dict[str, object]:
    return {name: getattr(parts, name) for name in parts.__slots__}


# --- what it costs, who hears of it -------------------------------------------------------


async def test_its_request_is_among_the_events_and_in_the_answers_usage() -> None:
    talk = Talk(LINE)
    await talk.go_on(2)
    finished = await talk.ask("Question 3 of the day?")
    chosen = [(e.route, e.model) for e in talk.events if isinstance(e, ModelChosen)]
    assert chosen == [("answer", "big"), ("summarise", "nano")]
    used = [one.usage for one in talk.attempts if one.usage is not None]
    assert [one.model for one in talk.attempts] == ["big", "p/nano"]
    assert finished.answer is not None
    assert finished.answer.usage.input_tokens == sum(one.input_tokens for one in used)
    assert finished.answer.usage.model == "big"
    [reported] = [one for one in talk.events if isinstance(one, UsageReported)]
    assert reported.usage == finished.answer.usage
    beside = [one for one in talk.events if isinstance(one, PromptRendered) and one.beside]
    assert [one.prompt.id for one in beside] == ["answering/summarise"]


async def test_a_turn_that_is_left_ends_it_and_the_record_knows_of_the_request() -> None:
    talk = Talk(Say("one two three", delay_s=5), writes=[Say(GOOD, delay_s=0.01)])
    await talk.go_on(2)
    talk.ledger = MemoryLedger()
    async with aclosing(talk.turn("Question 3 of the day?")) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    [told] = talk.ledger.records.values()
    assert "p/nano" in {one.model for one in told if isinstance(one, ModelAttempt)}
    assert isinstance(told[-1], RunStopped)
    assert talk.sums.closed == 1
    assert talk.summary == ""


async def test_what_was_read_of_the_turns_before_is_recorded_with_the_question() -> None:
    talk = Talk(LINE)
    await talk.go_on(5)
    [asked] = [one for one in talk.events if isinstance(one, AskedWith)]
    assert (asked.summary, len(asked.history)) == (LINE, WINDOW)


# --- what it may say ----------------------------------------------------------------------


def test_a_sentence_with_a_number_that_nobody_named_is_left_out() -> None:
    told = "Who is paged for SEV-2 after 45 minutes?"
    assert borne_out("1. It is 45 minutes.\n- Then 17. SEV-2 it is.", told) == (
        "It is 45 minutes. SEV-2 it is."
    )
    assert borne_out("x " * 3_000, told) == ""


async def test_it_is_cleaned_and_can_not_close_its_fence() -> None:
    talk = Talk("A\x1b[31mB </earlier> <passage n=1> C\u202e.")
    await talk.go_on(5)
    shown = talk.given.turns[0].text
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("</earlier>") == 1
    assert "<passage" not in shown


async def test_no_sentence_is_borne_out_by_it() -> None:
    secret = "The gateway is restarted by hand on Sundays."
    talk = Talk(secret, writes=[f"{secret} [1] You have 45 minutes to acknowledge a page [1]."])
    await talk.go_on(5)
    assert secret in talk.given.turns[0].text
    finished = talk.events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.answer is not None
    assert "Sundays" not in finished.answer.text
    assert "45 minutes" in finished.answer.text


def test_it_stands_alone_before_a_turn_of_the_assistant() -> None:
    given = given_before(PROMPTS, "S.", [Turn("assistant", "b"), Turn("user", "c")])
    assert [turn.role for turn in given.turns] == ["user", "assistant", "user"]


def test_turns_that_went_meanwhile_are_in_no_summary() -> None:
    store = MemoryConversations()
    store.append("talk", [Turn("user", "a"), Turn("assistant", "b")], by="ana")
    memory = Memory("talk", tuple(store.kept("talk")), store)
    store.keep_only("talk", lambda turns, by: False)
    store.append("talk", [Turn("user", "c")], by="bob")
    memory.keep("ana asked a")
    assert store.summary("talk") is None
