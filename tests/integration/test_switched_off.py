"""A turn whose chat models another process switches off: they aren't asked, and it says why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.adapters.flags import build_flags
from copilot.adapters.system import SystemClock
from copilot.answering.turn import AskParts, Question, ask
from copilot.answering.writing import WritingAnswerer
from copilot.config.models import ModelSettings
from copilot.config.schema import Settings
from copilot.errors import ModelOffError
from copilot.events import Event, ModelAttempt, ModelChosen, RunFinished, Warned
from copilot.flags import Asker
from copilot.ledger.recording import record
from copilot.messages import Status
from copilot.prompting import PromptLibrary
from copilot.records import FlagEvaluated
from copilot.routes import ModelRoutes
from copilot.testing import openai_server as scripted
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.openai_server import OpenAIServer
from tests.corpora import REPOSITORY
from tests.turns import GOOD, Finds, Quotes

pytestmark = pytest.mark.usefixtures("clients_let_go")


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


class Room:
    """Turns with a model on a server, and switches in a file."""

    def __init__(self, folder: Path, server: OpenAIServer) -> None:
        self.file = folder / "flags.toml"
        self.settings = Settings(models=ModelSettings(answer="openai/x", api_base=server.url))
        self.routes = ModelRoutes(
            self.settings,
            folder / "models.db",
            key_for=lambda name: None,
            clock=SystemClock(),
            flags=build_flags(self.file, Asker("ann")),
        )
        gateway = self.routes.chat("answer")
        assert gateway is not None
        prompts = PromptLibrary([REPOSITORY / "prompts"])
        self.parts = AskParts(
            searcher=Finds(),
            quoting=Quotes(abstain=False),  # type: ignore[arg-type]
            writing=WritingAnswerer(gateway, self.settings, prompts=prompts),
            clock=SystemClock(),
            new_id=lambda: "run-1",
            history_turns=2,
        )

    async def ask(self, writer: MemoryLedger | None = None) -> list[Event]:
        turn = ask(Question("How long do I have?"), self.parts)
        return [event async for event in record(turn, writer or MemoryLedger())]

    def elsewhere(self, text: str) -> None:
        """Written by another process."""
        code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
        subprocess.run([sys.executable, "-I", "-c", code, str(self.file), text], check=True)


async def test_a_switch_that_another_process_turns_holds_at_the_next_call(
    tmp_path: Path, openai_server: OpenAIServer
) -> None:
    openai_server.script(*[scripted.text(GOOD)] * 2)
    room = Room(tmp_path, openai_server)
    assert _end(await room.ask()).status is Status.ANSWERED
    asked = len(openai_server.requests)
    room.elsewhere("[flags]\nmodels = false\n")
    writer = MemoryLedger()
    events = await room.ask(writer)
    assert len(openai_server.requests) == asked
    assert not [one for one in events if isinstance(one, ModelAttempt)]
    assert _end(events).status is Status.DEGRADED
    [warned] = [one for one in events if isinstance(one, Warned)]
    assert warned.message == (
        "chat models are switched off (off for everybody); the answer is quoted"
    )
    assert "copilot flags set models on" in warned.hint
    [chosen] = [one for one in events if isinstance(one, ModelChosen)]
    assert chosen.model == "quoting"
    assert FlagEvaluated("models", "off", "static", "ann") in [one for _, one in writer.outside]
    room.elsewhere("[flags]\nmodels = true\n")
    assert _end(await room.ask()).status is Status.ANSWERED


async def test_a_model_that_is_switched_off_is_not_tried_either(
    tmp_path: Path, openai_server: OpenAIServer
) -> None:
    room = Room(tmp_path, openai_server)
    room.file.write_text("flags = { models = false }")
    with pytest.raises(ModelOffError, match="switched off"):
        await room.routes.tried("openai/x")
    assert not openai_server.requests


def _end(events: list[Event]) -> RunFinished:
    assert isinstance(events[-1], RunFinished)
    return events[-1]
