"""An answer whose models are cheap and strong: who writes it, and who writes it anew."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.adapters.system import SystemClock
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import ModelStreamError, ModelUnavailableError
from copilot.events import CitationChecked, Event, ModelChosen, RunFinished, TextDelta
from copilot.gateway import Deployed, Deployment, Gateway, Route, Tiers
from copilot.messages import Answer, Status
from copilot.prompting import PromptLibrary
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.corpora import REPOSITORY
from tests.routes import breaker
from tests.turns import GOOD, Finds, Quotes

MADE_UP = "Pages are sent by carrier pigeon to seventeen lighthouses [1]."
GONE = Say(fail=ModelUnavailableError("gone"))


async def _asked(
    question: str, *, small: Sequence[Say | str], big: Sequence[Say | str]
) -> tuple[list[Event], Answer]:
    scripts = {"big": ScriptedModel(big), "small": ScriptedModel(small)}
    deployed = [Deployed(Deployment(name, f"p/{name}"), one) for name, one in scripts.items()]
    route = Route("answer", deployed, breaker(), tiers=Tiers(("small",), ("big",)))
    settings = Settings(models=ModelSettings(answer="big", retries=0))
    prompts = PromptLibrary([REPOSITORY / "prompts"])
    gateway = Gateway(route, settings.models, SystemClock())
    parts = AskParts(
        searcher=Finds(),
        quoting=Quotes(abstain=False),  # type: ignore[arg-type]
        writing=WritingAnswerer(gateway, settings, prompts=prompts),
        clock=SystemClock(),
        new_id=lambda: "run-1",
        history_turns=2,
    )
    events = [event async for event in ask(Question(question), parts)]
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.answer is not None
    return events, last.answer


def _chosen(events: list[Event]) -> list[tuple[str, str]]:
    return [(one.model, one.reason) for one in events if isinstance(one, ModelChosen)]


async def test_what_is_simple_is_written_by_the_cheap_one_and_what_is_hard_by_the_strong() -> None:
    events, simple = await _asked("How long do I have?", small=[GOOD], big=["Never."])
    reason = "simple: it looks something up, evidence from 1 document → cheap"
    assert (_chosen(events), simple.status) == ([("small", reason)], Status.ANSWERED)
    events, hard = await _asked("Why 45 minutes?", small=["Never."], big=[GOOD])
    assert (_chosen(events), hard.status) == (
        [("big", "hard: it asks why → strong")],
        Status.ANSWERED,
    )


async def test_where_nothing_of_a_cheap_answer_holds_the_strong_one_writes_it() -> None:
    events, answer = await _asked("How long do I have?", small=[MADE_UP], big=[GOOD])
    assert _chosen(events)[1:] == [("big", "nothing that small wrote is supported")]
    assert answer.status is Status.ANSWERED
    assert "pigeon" not in "".join(one.text for one in events if isinstance(one, TextDelta))
    assert answer.notes == ("nothing that small wrote is supported; big wrote the answer",)
    actions = [one.action for one in events if isinstance(one, CitationChecked)]
    assert actions == ["shown", "regenerated"]


async def test_a_strong_model_that_then_finds_nothing_abstains_and_one_that_fails_is_told() -> None:
    _, declined = await _asked("How long do I have?", small=[MADE_UP], big=["NO_ANSWER"])
    assert declined.status is Status.ABSTAINED
    events, quoted = await _asked("How long do I have?", small=[MADE_UP], big=[GONE])
    assert quoted.status is Status.DEGRADED
    assert _chosen(events)[-1] == ("quoting", "gone")


async def test_a_strong_model_corrects_itself_and_the_cheap_one_is_not_asked() -> None:
    events, answer = await _asked("Why 45 minutes?", small=["Never."], big=[MADE_UP, GOOD])
    assert [model for model, _ in _chosen(events)] == ["big"]
    assert answer.notes == ("1 sentence was rewritten after the check",)


async def test_a_strong_model_that_breaks_off_before_a_sentence_is_asked_once_more() -> None:
    broken = Say("Pages must", fail=ModelStreamError("gone"))
    events, answer = await _asked("How long do I have?", small=[MADE_UP], big=[broken, GOOD])
    assert [model for model, _ in _chosen(events)] == ["small", "big"]
    assert answer.status is Status.ANSWERED
    events, quoted = await _asked("How long do I have?", small=[MADE_UP], big=[broken])
    assert quoted.status is Status.DEGRADED
    assert _chosen(events)[-1][0] == "quoting"
