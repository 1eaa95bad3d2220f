"""What models are asked beside an answer: a router's word, a rewritten question, an opinion."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from copilot.adapters.system import SystemClock
from copilot.answering.aside import ASIDES, Aside, Asides, Said, told
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.answering.writing.rewriting import standalone
from copilot.config.models import ModelSettings, RouteSettings
from copilot.config.schema import Settings
from copilot.errors import ModelUnavailableError
from copilot.events import (
    CitationChecked,
    Event,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    RunFinished,
)
from copilot.gateway import Deployed, Deployment, Gateway, Route, Tiers
from copilot.gateway.deployments import names
from copilot.messages import Answer, Status, Turn
from copilot.metering import metered
from copilot.prompting import PromptLibrary
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.corpora import REPOSITORY
from tests.routes import breaker
from tests.turns import GOOD, Finds, Quotes

PROMPTS = PromptLibrary([REPOSITORY / "prompts"])
GONE = Say(fail=ModelUnavailableError("gone"))
TALK = (Turn("user", "Who is paged for SEV-2?"), Turn("assistant", "The primary on-call. [1]"))
# By its words it holds: "You have 45 minutes to acknowledge" stands there, a page is paged.
NEARLY = "If you are paged you have 45 minutes in which to acknowledge [1]."


def _aside(job: str, *says: Say | str, within_s: float = 3.0) -> tuple[Aside, ScriptedModel]:
    model = ScriptedModel(list(says))
    deployed = [Deployed(Deployment("nano", "p/nano"), model)]
    settings = ModelSettings(retries=0, total_timeout_s=within_s)
    gateway = Gateway(Route(job, deployed, breaker()), settings, SystemClock())
    return Aside(gateway, settings, prompts=PROMPTS, prompt=ASIDES[job]), model


class Asked:
    """One turn with asides."""

    def __init__(self, question: str, *says: Say | str, history: tuple[Turn, ...] = ()) -> None:
        self.finds = Finds()
        self.question = Question(question, history=history)
        self.models = {"big": ScriptedModel(list(says)), "small": ScriptedModel(list(says))}
        self.events: list[Event] = []

    async def having(self, *, tiers: Tiers | None = None, **asides: Aside) -> Answer:
        deployed = [Deployed(Deployment(name, name), one) for name, one in self.models.items()]
        settings = Settings(models=ModelSettings(answer="big", retries=0))
        gateway = Gateway(
            Route("answer", deployed, breaker(), tiers=tiers), settings.models, SystemClock()
        )
        parts = AskParts(
            searcher=self.finds,
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, settings, prompts=PROMPTS, asides=Asides(**asides)),
            clock=SystemClock(),
            new_id=lambda: "run-1",
            history_turns=2,
        )
        self.events = [event async for event in ask(self.question, parts)]
        last = self.events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return last.answer

    @property
    def chosen(self) -> list[tuple[str, str]]:
        return [(one.route, one.model) for one in self.events if isinstance(one, ModelChosen)]

    @property
    def refused(self) -> list[str]:
        checks = (one for one in self.events if isinstance(one, CitationChecked))
        return [one.reason for one in checks if one.action != "shown"]


# --- a follow-up becomes a question of its own --------------------------------------------


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        ("And for SEV-3?", "Who is paged for SEV-3?", True),
        ("And for SEV-3?", "Standalone question: Who is paged for SEV-3?\nMore.", True),
        ("And for SEV-3?", '"Who is paged for SEV-3?"', True),
        ("And for SEV-3?", "Who is paged for SEV-2?", False),
        ("And after 45 minutes?", "Who is paged for SEV-2 later?", False),
        ("And then?", "Who is paged for SEV-2 after 20 minutes?", False),
        ("And then?", "Who is paged for SEV-2 then?", True),
        ("Who isn't?", "Who is paged for SEV-2?", False),
        ("Who isn't?", "Who is not paged for SEV-2?", True),
        ("Does api_key do that?", "Does the API key page anyone?", False),
        ("And then?", "Well " * 100, False),
        ("And then?", "", False),
    ],
)
async def test_a_rewritten_question_must_hold_what_the_person_named(
    question: str, said: str, kept: bool
) -> None:
    aside, model = _aside("rewrite", said)
    found = await standalone(aside, question, TALK)
    assert bool(found.question) is kept
    assert "\n" not in found.question
    assert "[1]" not in model.requests[0].turns[0].text
    assert isinstance(found.events[0], PromptRendered)


async def test_a_follow_up_is_searched_for_as_it_was_rewritten_and_counted() -> None:
    aside, _ = _aside("rewrite", "Who is paged for SEV-3?")
    turn = Asked("And for SEV-3?", GOOD, history=TALK)
    answer = await turn.having(rewrite=aside)
    [searched] = turn.finds.asked
    assert (searched.query, searched.standalone) == ("And for SEV-3?", "Who is paged for SEV-3?")
    assert turn.chosen == [("rewrite", "nano"), ("answer", "big")]
    attempts = [one.usage for one in turn.events if isinstance(one, ModelAttempt) and one.usage]
    assert [one.model for one in attempts] == ["p/nano", "big"]
    assert answer.usage.input_tokens == sum(one.input_tokens for one in attempts)
    assert answer.usage.model == "big"


async def test_without_a_word_in_time_the_rules_say_what_to_search_for() -> None:
    for says in (GONE, Say("late", delay_s=5)):
        aside, _ = _aside("rewrite", says, within_s=0.05)
        turn = Asked("And for SEV-3?", GOOD, history=TALK)
        assert (await turn.having(rewrite=aside)).status is Status.ANSWERED
        assert turn.finds.asked[0].standalone == ""
        attempts = [one for one in turn.events if isinstance(one, ModelAttempt)]
        assert [one.outcome for one in attempts] == ["failed", "ok"]


async def test_a_first_question_is_not_rewritten() -> None:
    aside, model = _aside("rewrite", "Never.")
    turn = Asked("How long do I have?", GOOD)
    await turn.having(rewrite=aside)
    assert model.requests == []


# --- a router's word ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "word", "model", "reason"),
    [
        ("How long do I have?", "Hard.", "big", "nano says hard → strong"),
        ("Why 45 minutes?", "simple", "small", "nano says simple → cheap"),
        ("Why 45 minutes?", "I can't tell", "big", "hard: it asks why → strong"),
    ],
)
async def test_a_routers_word_decides_and_without_one_the_rules_do(
    question: str, word: str, model: str, reason: str
) -> None:
    aside, router = _aside("router", word)
    turn = Asked(question, GOOD)
    await turn.having(tiers=Tiers(("small",), ("big",)), router=aside)
    assert turn.chosen == [("router", "nano"), ("answer", model)]
    last = [one for one in turn.events if isinstance(one, ModelChosen)][-1]
    assert last.reason == reason
    assert question in router.requests[0].turns[0].text


# --- a second opinion ---------------------------------------------------------------------


async def test_a_no_drops_a_sentence_that_passed_by_its_words_only() -> None:
    aside, judge = _aside("judge", "No.")
    turn = Asked("How long do I have?", NEARLY)
    answer = await turn.having(judge=aside)
    assert answer.status is Status.DEGRADED  # nothing is left: quotes
    assert turn.refused
    assert set(turn.refused) == {"nano says that the cited text doesn't say so"}
    assert "45 minutes" in judge.requests[0].turns[0].text


@pytest.mark.parametrize("word", ["Yes.", "Perhaps", "", GONE])
async def test_anything_but_a_no_changes_nothing(word: Say | str) -> None:
    aside, _ = _aside("judge", word)
    turn = Asked("How long do I have?", NEARLY)
    assert (await turn.having(judge=aside)).status is Status.ANSWERED
    assert turn.refused == []


async def test_what_the_check_refused_or_found_word_for_word_is_not_asked_about() -> None:
    made_up = "Pages are sent by pigeon to 17 lighthouses [1]."
    aside, judge = _aside("judge", "Yes.")
    verbatim = "The backup is paged after that [1]."
    turn = Asked("How long do I have?", f"{verbatim} {made_up}")
    answer = await turn.having(judge=aside)
    assert judge.requests == []
    assert "pigeon" not in answer.text


# --- what all of them have in common ------------------------------------------------------


async def test_what_is_imported_for_the_first_request_takes_none_of_its_time() -> None:
    class Imported(ScriptedModel):
        def warm(self) -> threading.Thread:
            thread = threading.Thread(target=time.sleep, args=(0.3,))
            thread.start()
            return thread

    model = Imported(["Yes."])
    route = Route("judge", [Deployed(Deployment("nano", "p/nano"), model)], breaker())
    settings = ModelSettings(retries=0, total_timeout_s=0.2)
    gateway = Gateway(route, settings, SystemClock())
    aside = Aside(gateway, settings, prompts=PROMPTS, prompt=ASIDES["judge"])
    assert (await aside.ask(passages="x", sentence="y")).word == "yes"


async def test_one_that_is_cancelled_tells_the_meter_what_it_asked() -> None:
    aside, _ = _aside("judge", Say("y", "es", delay_s=5))
    spent: list[ModelAttempt] = []
    with metered(spent.append):
        asking = asyncio.create_task(aside.ask(passages="x", sentence="y"))
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert [one.error for one in spent] == ["StoppedError: interrupted"]


def test_requests_that_nobody_reads_of_are_told_to_the_meter() -> None:
    attempts = (ModelChosen("a", "b"), ModelAttempt("a", "ok"), ModelAttempt("b", "ok"))
    spent: list[ModelAttempt] = []
    with metered(spent.append):
        left = told(attempts)
        assert next(left) == attempts[0]
        assert next(left) == attempts[1]
        left.close()
    assert spent == [attempts[2]]


def test_the_word_is_the_first_one() -> None:
    assert [Said(text).word for text in ("**No**, it", " yes", "", "42 hard")] == [
        "no",
        "yes",
        "",
        "hard",
    ]


def test_nobody_is_asked_beside_an_answer_that_no_model_writes() -> None:
    routes = {
        "answer": RouteSettings(cheap=("c",), router="r"),
        "rewrite": RouteSettings(models=("m", "n")),
    }
    for answer, found in (
        ("a", [("r",), ("m", "n"), (), ()]),
        ("", [(), (), (), ()]),
    ):
        settings = Settings(models=ModelSettings(answer=answer, routes=routes))
        assert [names(settings, job) for job in ASIDES] == found
