"""Turns over a real index and a real server: what is answered from the cache, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.answering.turn import Question, ask
from copilot.bootstrap import Copilot
from copilot.config.models import ModelSettings
from copilot.config.paths import Paths
from copilot.config.schema import PrincipalSettings, Settings
from copilot.events import RunFinished
from copilot.ledger.recording import record
from copilot.messages import Answer, Status
from copilot.records import CacheUsed
from copilot.testing import openai_server as scripted
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.openai_server import OpenAIServer

TEXT = "# Paging\n\nYou have 45 minutes to acknowledge a page. The backup is paged after that.\n"
ASKS = "How long do I have to acknowledge a page?"
SAME = "Can you tell me how long I have to acknowledge a page"
SAID = "You have 45 minutes to acknowledge a page [1]."


class Home:
    """A home whose index holds ``docs``, asked by whoever is in ``groups``."""

    def __init__(self, folder: Path, server: OpenAIServer) -> None:
        self.docs, self.server = folder / "docs", server
        self.docs.mkdir()
        (self.docs / "paging.md").write_text(TEXT)
        (self.docs / "logs.md").write_text("# Logs\n\nLogs are kept for 30 days.\n")
        self.paths = Paths.from_environment({"COPILOT_HOME": str(folder / "home")})
        self.copilot = self.of()
        self.copilot.ingest.add(self.docs)
        self.writer = MemoryLedger()

    def of(self, *groups: str) -> Copilot:
        models = ModelSettings(answer="openai/x", api_base=self.server.url)
        principal = PrincipalSettings(name="ann", groups=groups)
        return Copilot(Settings(models=models, principal=principal), self.paths)

    async def sync(self) -> None:
        async for _ in self.copilot.ingest.sync():
            pass

    async def ask(self, text: str, copilot: Copilot | None = None) -> tuple[Answer, bool]:
        """The answer, and whether the model was asked for it."""
        asked = copilot or self.copilot
        before, self.writer = len(self.server.requests), MemoryLedger()
        turn = record(ask(Question(text, where=asked.where), asked.ask_parts), self.writer)
        events = [event async for event in turn]
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.answer is not None
        return last.answer, len(self.server.requests) > before

    @property
    def used(self) -> list[tuple[str, str]]:
        records = (one for _, one in self.writer.outside)
        return [(one.tier, one.outcome) for one in records if isinstance(one, CacheUsed)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with OpenAIServer([scripted.text(SAID)]) as server:
        yield Home(tmp_path, server)


async def test_an_answer_is_given_again_until_something_that_it_depends_on_changes(
    home: Home,
) -> None:
    await home.sync()
    first, fresh = await home.ask(ASKS)
    assert (first.status, fresh) == (Status.ANSWERED, True)
    assert home.used == [("semantic", "miss"), ("exact", "stored")]

    for text, tier in ((ASKS, "exact"), (SAME, "semantic")):
        again, fresh = await home.ask(text)
        assert (again.text, again.citations, fresh) == (first.text, first.citations, False)
        assert (again.usage.model, again.usage.cost_microusd) == ("openai/x", 0)
        assert again.searched == first.searched
        assert again.notes[0].startswith("from the cache, of ")
        assert home.used == [(tier, "hit")]

    _, fresh = await home.ask(ASKS, home.of("staff"))
    assert fresh

    home.paths.flags_file.write_text("[flags]\ncache = false\n")
    assert (await home.ask(ASKS))[1]
    home.paths.flags_file.write_text("[flags]\nmodels = false\n")
    switched_off, fresh = await home.ask(ASKS)
    assert (switched_off.status, fresh) == (Status.DEGRADED, False)
    home.paths.flags_file.unlink()
    assert not (await home.ask(ASKS))[1]

    # the cited document changes, then it may be seen by others only, then it is gone
    (home.docs / "paging.md").write_text(TEXT.replace("45 minutes", "20 minutes"))
    await home.sync()
    changed, fresh = await home.ask(ASKS)
    assert fresh
    assert "45" not in changed.text
    (home.docs / "paging.md").write_text(TEXT)
    await home.sync()
    assert (await home.ask(ASKS))[1]
    (home.docs / "paging.md").write_text(f"---\nlabels: [admins]\n---\n{TEXT}")
    await home.sync()
    for text in (ASKS, SAME):
        assert "45" not in (await home.ask(text))[0].text
    assert "45" in (await home.ask(ASKS, home.of("admins")))[0].text
    (home.docs / "paging.md").unlink()
    await home.sync()
    assert "45" not in (await home.ask(ASKS, home.of("admins")))[0].text


async def test_a_cache_that_is_no_database_costs_no_answer(home: Home) -> None:
    await home.sync()
    home.paths.cache.mkdir(parents=True, exist_ok=True)
    home.paths.answers_file.write_text("Not a database at all. " * 100)
    for _ in range(2):
        answer, fresh = await home.ask(ASKS)
        assert (answer.status, fresh) == (Status.ANSWERED, True)


async def test_without_texts_in_the_ledger_none_are_kept_here_either(home: Home) -> None:
    await home.sync()
    settings = home.copilot.settings
    ledger = settings.ledger.model_copy(update={"bodies": False})
    other = Copilot(settings.model_copy(update={"ledger": ledger}), home.paths)
    for _ in range(2):
        assert (await home.ask(ASKS, other))[1]
    assert not home.paths.answers_file.exists()
