"""A turn whose models are behind two real servers: who answers when one fails, in every way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from copilot.adapters.system import SystemClock
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.models import DeploymentSettings, ModelSettings, RouteSettings
from copilot.config.schema import Settings
from copilot.events import Event, ModelAttempt, ModelChosen, RunFinished, TextDelta, Warned
from copilot.messages import Answer, Status
from copilot.prompting import PromptLibrary
from copilot.routes import ModelRoutes
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.corpora import REPOSITORY
from tests.turns import GOOD, Finds, Quotes

pytestmark = pytest.mark.usefixtures("clients_let_go")

FIRST = "You have 45 minutes to acknowledge a page [1]."
REST = "The backup is paged after that [1]."
SHOWN, THEN = (
    "You have 45 minutes to acknowledge a page. [1]",
    "The backup is paged after that. [2]",
)
BREAKS = Reply(pieces=(f"{FIRST}\n\n", "The backup", " is", " never reached"))
SILENT = scripted.slow(scripted.text(GOOD), 20)
REFUSED = Reply(status=400, error="Your prompt was rejected by our content policy")


class Two:
    """A model on each of two servers; ``main`` is asked first, then ``spare``."""

    def __init__(self, folder: Path, main: OpenAIServer, spare: OpenAIServer) -> None:
        self.main, self.spare = main, spare
        self.addresses = {"main": main.url, "spare": spare.url}
        self._file = folder / "models.db"

    async def ask(
        self, main: Reply | list[Reply], spare: Reply | list[Reply], *, silent_s: float = 15
    ) -> Turned:
        for server, replies in ((self.main, main), (self.spare, spare)):
            server.script(*(replies if isinstance(replies, list) else [replies]))
        models = ModelSettings(
            answer="main",
            routes={"answer": RouteSettings(then=("spare",))},
            at={
                name: DeploymentSettings(model="openai/scripted", api_base=url)
                for name, url in self.addresses.items()
            },
            first_token_timeout_s=silent_s,
            breaker_failures=3,
        )
        settings = Settings(models=models)
        routes = ModelRoutes(settings, self._file, key_for=lambda name: None, clock=SystemClock())
        gateway = routes.chat("answer")
        assert gateway is not None
        parts = AskParts(
            searcher=Finds(),
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=WritingAnswerer(
                gateway, settings, prompts=PromptLibrary([REPOSITORY / "prompts"])
            ),
            clock=SystemClock(),
            new_id=lambda: "run-1",
            history_turns=2,
        )
        return Turned([event async for event in ask(Question("How long do I have?"), parts)])


class Turned:
    """What one turn told."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.chosen = [one for one in events if isinstance(one, ModelChosen)]
        self.attempts = [one.outcome for one in events if isinstance(one, ModelAttempt)]
        self.streamed = "".join(one.text for one in events if isinstance(one, TextDelta))

    @property
    def models(self) -> list[str]:
        return [one.model for one in self.chosen]

    @property
    def answer(self) -> Answer:
        last = self.events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return last.answer


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with OpenAIServer() as main, OpenAIServer() as spare:
        yield Two(tmp_path, main, spare)


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (scripted.server_error(503), "main failed: openai/scripted: "),
        (scripted.rate_limited(30), "too many requests"),
        (scripted.unauthorized(), "refused the key"),
        (scripted.context_too_long(), "longer than the model can read"),
        (REFUSED, "refuses the content"),
        (Reply(status=404, error="no such model"), "doesn't know this model"),
    ],
    ids=["error", "limit", "key", "long", "content", "unknown"],
)
async def test_whatever_fails_before_a_word_the_next_model_answers_and_nothing_is_degraded(
    two: Two, failure: Reply, says: str
) -> None:
    turned = await two.ask(failure, scripted.text(GOOD))
    assert turned.models == ["main", "spare"]
    assert says in turned.chosen[1].reason
    assert turned.answer.status is Status.ANSWERED
    assert turned.answer.citations
    assert turned.attempts[-1] == "ok"
    assert not [one for one in turned.events if isinstance(one, Warned)]


async def test_one_that_says_nothing_is_not_waited_for_twice(two: Two) -> None:
    await two.ask(scripted.text(GOOD), scripted.text(GOOD))  # what a first call loads is loaded
    turned = await two.ask(SILENT, scripted.text(GOOD), silent_s=1)
    assert turned.models == ["main", "spare"]
    assert "no first token within 1 s" in turned.chosen[1].reason
    assert len(two.main.requests) == 1


@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_one_that_writes_nothing_is_stepped_in_for(two: Two, finish: str) -> None:
    nothing = Reply(finish_reason=finish)
    turned = await two.ask(nothing, scripted.text(GOOD))
    assert turned.models == ["main", "spare"]
    assert (turned.answer.status, turned.answer.notes) == (Status.ANSWERED, ())
    neither = await two.ask(nothing, nothing)
    assert neither.models == ["main", "spare", "quoting"]
    assert neither.answer.status is Status.DEGRADED
    assert len(two.main.requests) == len(two.spare.requests) == 1


async def test_a_server_that_is_not_there_is_stepped_in_for(two: Two) -> None:
    two.addresses["main"] = scripted.refused_url()
    turned = await two.ask(scripted.text("never"), scripted.text(GOOD))
    assert turned.models == ["main", "spare"]
    assert turned.answer.status is Status.ANSWERED


@pytest.mark.parametrize("how", ["abort", "close"])
async def test_an_answer_that_breaks_off_is_finished_by_the_next_and_what_was_shown_stands(
    two: Two, how: Literal["abort", "close"]
) -> None:
    turned = await two.ask(scripted.dropped(BREAKS, 3, how=how), scripted.text(REST))
    assert turned.models == ["main", "spare"]
    assert turned.chosen[1].reason == "goes on for main"
    assert turned.answer.text == f"{SHOWN}\n\n{THEN}" == turned.streamed
    assert turned.answer.status is Status.ANSWERED
    assert "main broke off; spare finished the answer" in turned.answer.notes
    asked = two.spare.requests[0].body["messages"]
    assert [one["role"] for one in asked[-2:]] == ["assistant", "user"]
    assert asked[-2]["content"].strip() == "You have 45 minutes to acknowledge a page."


async def test_nothing_missing_is_a_whole_answer(two: Two) -> None:
    turned = await two.ask(scripted.dropped(BREAKS, 3), scripted.text("NO_ANSWER"))
    assert turned.answer.text == SHOWN
    assert turned.answer.status is Status.ANSWERED


async def test_when_the_next_breaks_off_too_the_rest_is_quoted_and_said_to_be(two: Two) -> None:
    turned = await two.ask(scripted.dropped(BREAKS, 3), scripted.server_error())
    assert turned.models == ["main", "spare", "main", "quoting"]
    assert turned.answer.status is Status.DEGRADED
    assert turned.answer.text.startswith(SHOWN)
    assert turned.answer.text == turned.streamed
    assert "the rest is quoted" in turned.answer.notes[0]


async def test_what_breaks_before_anything_was_shown_is_begun_again_by_the_next(two: Two) -> None:
    turned = await two.ask(scripted.dropped(scripted.text(GOOD), 1), scripted.text(GOOD))
    assert turned.models == ["main", "spare"]
    assert turned.answer.text == SHOWN == turned.streamed
    assert len(two.main.requests) == 1


async def test_a_filter_that_cuts_the_answer_sends_it_to_the_next(two: Two) -> None:
    filtered = Reply(pieces=("You",), finish_reason="content_filter")
    turned = await two.ask(filtered, scripted.text(GOOD))
    assert (turned.models, turned.answer.text) == (["main", "spare"], SHOWN)


async def test_what_did_not_hold_is_corrected_by_the_model_that_wrote_it(two: Two) -> None:
    wrong = scripted.text("You have 20 minutes to acknowledge a page [1].")
    turned = await two.ask(scripted.server_error(), [wrong, scripted.text(GOOD)])
    assert turned.models == ["main", "spare"]
    assert turned.answer.text == SHOWN
    assert len(two.main.requests) == 2  # one more attempt, and none for the correction
    assert len(two.spare.requests) == 2


async def test_a_model_that_is_down_is_left_alone_after_three_calls(two: Two) -> None:
    for _ in range(3):
        await two.ask(scripted.server_error(), scripted.text(GOOD))
    turned = await two.ask(scripted.text("never"), scripted.text(GOOD))
    assert turned.models == ["spare"]
    assert turned.chosen[0].reason == "main rests after 3 failed calls"
    assert two.main.requests == []


async def test_when_nothing_answers_quoting_does(two: Two) -> None:
    turned = await two.ask(scripted.server_error(), scripted.unauthorized())
    assert turned.models == ["main", "spare", "quoting"]
    assert turned.answer.status is Status.DEGRADED
    assert turned.answer.sentences
