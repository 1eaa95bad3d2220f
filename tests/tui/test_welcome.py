"""The first run: three steps in an empty chat, none of which keeps anybody from asking."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from copilot import calls
from copilot.calls import settings
from copilot.calls.knowledge import AddSource, ListSources, SourceAdded, SourceCard, Sources, Sync
from copilot.calls.welcome import QuestionsSuggested, SuggestQuestions
from copilot.config.looks import Looks
from copilot.errors import ConfigError, KnowledgeIndexError, ModelAuthError
from copilot.events import IngestProgress, SyncFinished
from copilot.testing.scripted_core import ScriptedCore, Step
from copilot.tui.dialogs import LineScreen
from copilot.tui.settings.dialogs import KeyScreen
from copilot.tui.welcome.welcome import Welcome
from tests.tui.driving import NARROW, Driver, driven, real_core

SYNCED = SyncFinished(2, 0, 0, 0, 0, 1, 9, 3, 1200.0)
QUESTIONS = ("On-call policy: who can be on call?", "What does Pay say about [b]bold[/]?")


class Documents:
    """Has none until one is added."""

    def __init__(self, *steps: Step) -> None:
        self.added: list[str] = []
        self._steps = steps

    def sources(self, call: ListSources) -> Sources:
        return Sources(tuple(SourceCard(root) for root in self.added))

    def add(self, call: AddSource) -> SourceAdded:
        self.added.append(call.path)
        return SourceAdded(call.path)

    def core(self, **others: object) -> ScriptedCore:
        return ScriptedCore(
            replies={
                ListSources: self.sources,
                AddSource: self.add,
                Sync: [*self._steps, calls.Done()],
                SuggestQuestions: QuestionsSuggested(QUESTIONS),
                **{getattr(settings, name): reply for name, reply in others.items()},
            }
        )


def listed(driver: Driver) -> list[str]:
    options = driver.chat.query_one("#steps", OptionList).options
    return [str(one.prompt).strip() for one in options]


def toasts(driver: Driver) -> list[str]:
    return [f"{one.title}|{one.message}" for one in driver.app._notifications]


async def step(driver: Driver, wanted: str) -> None:
    """Go to the list by Esc, to a line by the arrows, and choose it."""
    await driver.pilot.press("escape")
    options = driver.chat.query_one("#steps", OptionList)
    assert options.has_focus
    at = next(n for n, one in enumerate(options.options) if one.id == wanted)
    for _ in range(9):
        if options.highlighted == at:
            break
        await driver.pilot.press("down" if (options.highlighted or 0) < at else "up")
    await driver.pilot.press("enter")
    await driver.pilot.pause()


async def test_a_first_run_shows_three_steps_and_the_focus_is_where_one_types(
    tmp_path: Path,
) -> None:
    async with driven(Documents().core(), tmp_path, size=NARROW) as driver:
        await driver.settled()
        lines = listed(driver)
        assert [line[0] for line in lines if line[0] in "123"] == ["1", "2", "3"]
        assert driver.composer.has_focus


async def test_a_question_can_be_asked_before_any_step(tmp_path: Path) -> None:
    async with driven(Documents().core(), tmp_path) as driver:
        turn = await driver.ask("why")
        assert turn.text
        assert not driver.chat.query_one(Welcome).display


async def test_the_sample_is_read_and_then_real_questions_are_offered(tmp_path: Path) -> None:
    documents = Documents(IngestProgress("reading", 1, 2, "/d/pay.md"), SYNCED)
    async with driven(documents.core(), tmp_path, size=NARROW) as driver:
        await driver.settled()
        await step(driver, "sample")
        await driver.settled()
        assert documents.added[0].endswith("handbook")
        assert toasts(driver) == ["Reading is done|2 documents can be asked, 1 couldn't be read."]
        assert listed(driver) == ["Questions to begin with", *(f"→ {one}" for one in QUESTIONS)]
        assert "[b]bold[/]" in driver.screen_text()
        await driver.pilot.press("up", "enter")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == [QUESTIONS[0]]
        assert driver.composer.has_focus


async def test_while_it_reads_one_can_ask_and_esc_on_the_list_stops_it(tmp_path: Path) -> None:
    going = asyncio.Event()
    documents = Documents(IngestProgress("embedding", 3, 9, "/d/\x1b[31mred.md"), going)
    core = documents.core()
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "sample")
        said = str(driver.chat.query_one("#reading", Static).content)
        assert said == "Embedding 3 of 9  red.md · Esc stops"
        await driver.pilot.press("escape")
        await driver.settled()
        assert any(isinstance(call, Sync) for call in core.left)
        assert "Stopped" in str(driver.chat.query_one("#reading", Static).content)


async def test_reading_is_stopped_with_the_mouse(tmp_path: Path) -> None:
    documents = Documents(IngestProgress("reading", 1, 2, "/d/a.md"), asyncio.Event())
    core = documents.core()
    async with driven(core, tmp_path, looks=Looks(keys={"welcome.stop": "s"})) as driver:
        await driver.settled()
        await step(driver, "sample")
        line = driver.chat.query_one("#reading", Static)
        said = str(line.content)
        assert said == "Reading 1 of 2  a.md · s stops"
        assert await driver.pilot.click(line, offset=(said.index("s stops"), 0))
        await driver.settled()
        assert any(isinstance(call, Sync) for call in core.left)


async def test_reading_goes_on_while_a_question_is_answered(tmp_path: Path) -> None:
    going = asyncio.Event()
    core = Documents(going, SYNCED).core()
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "sample")
        driver.composer.focus()
        await driver.type("why")
        await driver.pilot.press("enter")
        await driver.pilot.pause(0.2)
        assert driver.turns[0].text
        assert not any(isinstance(call, Sync) for call in core.left)
        going.set()
        await driver.settled()
        assert any(one.startswith("Reading is done") for one in toasts(driver))


async def test_a_folder_is_added_by_its_path(tmp_path: Path) -> None:
    documents = Documents(SYNCED)
    async with driven(documents.core(), tmp_path) as driver:
        await driver.settled()
        await step(driver, "add")
        await driver.type("/srv/notes")
        await driver.pilot.press("enter")
        await driver.settled()
        assert documents.added == ["/srv/notes"]


async def test_a_folder_that_can_not_be_read_is_told_and_the_steps_stay(tmp_path: Path) -> None:
    core = Documents().core()
    core._replies[AddSource] = KnowledgeIndexError("it isn't there", hint="Check the path.")
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "sample")
        await driver.settled()
        assert toasts(driver) == ["it isn't there|Check the path."]
        assert "Add a folder or a file of yours" in " ".join(listed(driver))


async def test_a_model_is_named_its_key_asked_for_and_tried(tmp_path: Path) -> None:
    core = Documents().core(
        ChangeSetting=settings.SettingChanged('"openai/x"', "user file", "f", in_force=True),
        ReadKeys=settings.KeysRead((), ("openai",)),
        StoreKey=settings.KeyKept("openai", "keyring", "keyring"),
        TestModel=settings.ModelAnswered("openai/x", "Yes", 420.0),
    )
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "model")
        assert isinstance(driver.app.screen, LineScreen)
        await driver.pilot.press(*"openai/x", "enter")
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, KeyScreen)
        await driver.pilot.press(*"sk-1", "enter")
        await driver.settled()
        assert settings.ChangeSetting("models.answer", "openai/x") in core.heard
        assert settings.StoreKey("openai", "sk-1") in core.heard
        assert toasts(driver) == ["openai/x|It answers after 0.4 s."]


async def test_a_model_that_is_refused_or_does_not_answer_is_told(tmp_path: Path) -> None:
    core = Documents().core(
        ChangeSetting=ConfigError("models.answer looks like a key", hint="Store it."),
        ReadKeys=settings.KeysRead((settings.KeyStored("openai", "file", used=True),), ("openai",)),
        TestModel=ModelAuthError("the key is wrong", hint="Store another."),
    )
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "model")
        await driver.pilot.press(*"sk-x", "enter")
        await driver.pilot.pause()
        assert driver.app.screen.query_one(Input).value == "sk-x"
        assert "looks like a key" in driver.screen_text()
        core._replies[settings.ChangeSetting] = settings.SettingChanged(
            "", "user file", "f", in_force=True
        )
        await driver.pilot.press("enter")
        await driver.settled()
        assert toasts(driver) == ["the key is wrong|Store another."]


async def test_all_steps_are_there_for_the_mouse(tmp_path: Path) -> None:
    documents = Documents(SYNCED)
    async with driven(documents.core(), tmp_path) as driver:
        await driver.settled()
        await driver.pilot.click("#steps", offset=(8, 2))
        await driver.settled()
        assert documents.added[0].endswith("handbook")
        await driver.pilot.click("#steps", offset=(8, 1))
        await driver.settled()
        assert [turn.question for turn in driver.turns] == [QUESTIONS[0]]


async def test_a_core_that_can_not_tell_leaves_an_empty_chat_that_asks(tmp_path: Path) -> None:
    core = Documents().core()
    core._replies[ListSources] = ConfigError("broken")
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        assert not driver.chat.query_one("#steps").display
        assert (await driver.ask("why")).text


async def test_a_new_conversation_offers_questions_again(tmp_path: Path) -> None:
    documents = Documents()
    documents.added.append("/srv")
    async with driven(documents.core(), tmp_path) as driver:
        await driver.ask("why")
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert driver.chat.query_one(Welcome).display
        assert listed(driver)[0] == "Questions to begin with"


@pytest.mark.slow
async def test_on_real_parts_a_folder_is_added_and_its_own_question_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "pay.md").write_text(
        "# Pay\n\n## How to claim overtime\n\n"
        "Write the hours on the card and hand it in by Friday.\n"
    )
    core = real_core(tmp_path / "home", monkeypatch)
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        await step(driver, "add")
        await driver.type(str(notes))
        await driver.pilot.press("enter")
        for _ in range(1_000):  # reading begins once the dialog has gone
            await driver.settled()
            if "→ Pay: how to claim overtime?" in listed(driver):
                break
            await driver.pilot.pause(0.02)
        assert "→ Pay: how to claim overtime?" in listed(driver)
        await driver.pilot.press("up", "enter")
        await driver.settled()
        assert "hand it in by Friday" in driver.turns[0].text
