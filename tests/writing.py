"""What a writing answerer makes of what a scripted model says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from copilot.answering.writing import WritingAnswerer, Written
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import (
    ModelError,
)
from copilot.events import CitationChecked, Event, TextDelta
from copilot.gateway import Gateway
from copilot.messages import Hit, Passage, StoredPassage, Turn
from copilot.prompting import PromptLibrary
from copilot.testing.passages import made_hits, made_passage
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.corpora import REPOSITORY
from tests.routes import route

ON_CALL = made_passage(
    "If you are paged, you have 45 minutes to acknowledge. The backup is paged after that.\n\n"
    "Never restart the primary database without the approval of the Incident Commander.\n\n"
    "Stop the service, then start it:\n\n    systemctl stop app\n    systemctl start app",
    title="Being on call",
)
LOGS = made_passage("Logs are kept for 30 days. Older ones are deleted at night.", title="Logs")
GOOD = "You have 45 minutes to acknowledge a page [1]."
BAD = "Logs are kept for 20 days [2]."


@dataclass(frozen=True)
class Found:
    """What the answerer needs of a search's result."""

    hits: tuple[Hit, ...]
    stored: Mapping[str, StoredPassage] = field(default_factory=dict)
    term_weights: Mapping[str, float] = field(default_factory=dict)


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


async def no_wait(seconds: float) -> None:
    return None


@dataclass
class Ran:
    events: list[Event]
    written: Written | None
    error: ModelError | None
    model: ScriptedModel

    @property
    def shown(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, TextDelta))

    @property
    def answer(self) -> str:
        assert self.written is not None
        return self.written.answer.text

    def checks(self, action: str) -> list[CitationChecked]:
        return [e for e in self.events if isinstance(e, CitationChecked) and e.action == action]


async def answer_of(
    *script: Say | str,
    question: str = "How long do I have?",
    history: Sequence[Turn] = (),
    passages: Sequence[Passage] = (ON_CALL, LOGS),
) -> Ran:
    models = ModelSettings(answer="x/y", retries=0)
    model = ScriptedModel(script)
    writer = WritingAnswerer(
        Gateway(route(model), models, Clock(), sleep=no_wait),
        Settings(models=models),
        prompts=PromptLibrary([REPOSITORY / "prompts"]),
    )
    ran = Ran([], None, None, model)
    try:
        async for step in writer.answer(question, history, Found(made_hits(*passages))):  # type: ignore[arg-type]
            if isinstance(step, Written):
                ran.written = step
            else:
                ran.events.append(step)
    except ModelError as error:
        ran.error = error
    return ran
