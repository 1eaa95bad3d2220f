"""What models are asked beside an answer, at real servers: as configured, and when they fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.answering.turn import AskParts, Question, ask
from copilot.bootstrap import Copilot
from copilot.config.models import DeploymentSettings, ModelSettings, RouteSettings
from copilot.config.paths import Paths
from copilot.config.schema import Settings
from copilot.events import Event, ModelAttempt, ModelChosen, QueryRewritten, RunFinished
from copilot.messages import Answer, Status, Turn
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer, Reply
from tests.turns import GOOD, Finds, Quotes

pytestmark = pytest.mark.usefixtures("clients_let_go")

NEARLY = "If you are paged you have 45 minutes in which to acknowledge [1]."
TALK = (Turn("user", "How long do I have?"), Turn("assistant", "You have 45 minutes. [1]"))


class Room:
    """A model that answers and one that is asked beside it, for all three jobs."""

    def __init__(self, folder: Path, answers: OpenAIServer, beside: OpenAIServer) -> None:
        self.answers, self.beside, self.finds = answers, beside, Finds()
        self.folder = folder
        self.events: list[Event] = []
        self.having(within_s=15)

    def having(self, *, within_s: float) -> None:
        """Time for what is asked beside the answer."""
        nano, servers = ("nano",), {"big": self.answers, "small": self.answers}
        folder = self.folder
        models = ModelSettings(
            answer="big",
            at={
                name: DeploymentSettings(model="openai/scripted", api_base=server.url)
                for name, server in {**servers, "nano": self.beside}.items()
            },
            routes={
                "answer": RouteSettings(cheap=("small",), router="nano", timeout_s=within_s),
                "rewrite": RouteSettings(models=nano, timeout_s=within_s),
                "judge": RouteSettings(models=nano, timeout_s=within_s),
            },
            breaker_failures=2,
        )
        paths = Paths.from_environment({"COPILOT_HOME": str(folder), "HOME": str(folder)})
        self.copilot = Copilot(settings=Settings(models=models), paths=paths)

    async def ask(self, answer: str, *beside: Reply) -> Answer:
        self.answers.script(scripted.text(answer))
        self.beside.script(*beside)
        parts = AskParts(
            searcher=self.finds,
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=self.copilot.writing,
            clock=self.copilot.clock,
            new_id=lambda: "run-1",
            history_turns=4,
        )
        question = Question("And for the backup?", history=TALK)
        self.events = [event async for event in ask(question, parts)]
        last = self.events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return last.answer

    @property
    def chosen(self) -> list[tuple[str, str]]:
        return [(one.route, one.model) for one in self.events if isinstance(one, ModelChosen)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with OpenAIServer() as answers, OpenAIServer() as beside:
        yield Room(tmp_path, answers, beside)


async def test_a_follow_up_is_rewritten_sorted_answered_and_judged(room: Room) -> None:
    whole = "How long does the backup have?"
    says = [scripted.text(one) for one in (whole, "simple", "yes")]
    answer = await room.ask(NEARLY, *says)
    assert answer.status is Status.ANSWERED
    assert room.chosen == [
        ("rewrite", "nano"),
        ("router", "nano"),
        ("answer", "small"),
        ("judge", "nano"),
    ]
    assert room.finds.asked[0].standalone == whole
    attempts = [one for one in room.events if isinstance(one, ModelAttempt)]
    assert len(attempts) == 4
    assert answer.usage.input_tokens == 4 * 11  # none of them is free
    assert [one for one in room.events if isinstance(one, QueryRewritten)]


@pytest.mark.parametrize(
    "failure",
    [
        scripted.slow(scripted.text("hard"), 20),
        scripted.server_error(503),
        scripted.unauthorized(),
        scripted.dropped(scripted.text("How long does it have?"), 1),
        scripted.garbled(scripted.text("How long does it have?"), 1),
        scripted.text("I'd rather not say, since 17 is a number that nobody named."),
    ],
    ids=["silent", "error", "key", "broken", "garbled", "nonsense"],
)
async def test_whatever_fails_beside_it_the_answer_is_as_without(
    room: Room, failure: Reply
) -> None:
    room.having(within_s=0.3 if failure.first_delay_s else 15)
    answer = await room.ask(NEARLY, failure)
    assert answer.status is Status.ANSWERED
    assert answer.notes == ()
    assert room.finds.asked[0].standalone == ""
    assert ("answer", "small") in room.chosen  # by the rules


async def test_one_that_keeps_silent_rests_so_that_nobody_waits_for_it_each_time(
    room: Room,
) -> None:
    room.having(within_s=0.3)
    await room.ask(GOOD, scripted.slow(scripted.text("hard"), 20))
    assert len(room.beside.requests) == 2
    await room.ask(GOOD, scripted.slow(scripted.text("hard"), 20))
    assert room.beside.requests == []
