"""While one types: commands after a slash, documents after an at sign, earlier questions."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from copilot import calls
from copilot.calls import composing
from copilot.errors import KnowledgeIndexError
from copilot.tui.commands import COMMANDS
from copilot.tui.composing.offers import Offers
from copilot.tui.composing.past import PastQuestions
from copilot.tui.doings import Doings
from tests.tui.composed import chips, composing_core
from tests.tui.driving import NARROW, Driver, driven


def offers(driver: Driver) -> Offers:
    return driver.chat.query_one(Offers)


def offered(driver: Driver) -> list[str]:
    shown = offers(driver)
    return [getattr(one, "name", "") or one.place for one in shown.offered] if shown.is_open else []


async def found(driver: Driver) -> None:
    """Until what was looked for is there."""
    await driver.pilot.pause()
    looking = [one for one in driver.app.workers if one.group in ("documents", "find", "files")]
    if looking:
        await driver.app.workers.wait_for_complete(looking)
    await driver.pilot.pause()


def asked(driver: Driver) -> list[calls.Ask]:
    return [one for one in driver.core.heard if isinstance(one, calls.Ask)]


# --- commands --------------------------------------------------------------------------


async def test_a_slash_lists_all_commands_and_letters_narrow_them(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path, size=NARROW) as driver:
        await driver.type("/")
        await driver.pilot.pause()
        assert offered(driver) == [command.name for command in COMMANDS]
        assert "Begin a new conversation" in driver.screen_text()
        await driver.type("src")
        await driver.pilot.pause()
        assert offered(driver) == ["sources"]
        await driver.type("zz")
        await driver.pilot.pause()
        assert offered(driver) == []


async def test_enter_runs_the_chosen_command_and_arrows_choose_it(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.type("/n")
        await driver.pilot.pause()
        await driver.pilot.press("enter")
        await driver.settled()
        assert driver.turns == []
        assert driver.composer.text == ""
        shown = driver.chat.query_one("#sources").display
        await driver.type("/")
        await driver.pilot.pause()
        await driver.pilot.press("up", "down", "down", "down", "enter")
        await driver.pilot.pause()
        assert driver.chat.query_one("#sources").display is not shown


async def test_a_command_typed_fast_and_sent_at_once_runs(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.type("/new\n")
        await driver.pilot.press("backspace", "enter", "x")
        await driver.settled()
        assert driver.turns == []
        assert driver.composer.text == "x"


async def test_tab_completes_and_a_command_waits_for_its_argument(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("/mo")
        await driver.pilot.pause()
        await driver.pilot.press("tab")
        await driver.pilot.pause()
        assert driver.composer.text == "/model "
        assert offered(driver) == []
        await driver.type("openai/gpt-5")
        await driver.pilot.press("enter")
        await driver.ask("how?")
        await driver.type("/quote")
        await driver.pilot.press("enter")
        await driver.ask("and now?")
        await driver.ask("and then?")
        told = [(one.model, one.quote) for one in asked(driver)]
        assert told == [("openai/gpt-5", False), ("openai/gpt-5", True), ("openai/gpt-5", False)]


async def test_escape_closes_the_list_and_stops_nothing(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.type("/se")
        await driver.pilot.pause()
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert offered(driver) == []
        assert driver.composer.text == "/se"
        assert driver.composer.has_focus
        await driver.type("s")
        await driver.pilot.pause()
        assert offered(driver) == []


async def test_a_click_runs_a_command(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.type("/")
        await driver.pilot.pause()
        assert await driver.pilot.click(Offers, offset=(4, 0))
        await driver.settled()
        assert driver.turns == []
        assert driver.composer.has_focus


@pytest.mark.parametrize(
    ("typed", "meant"), [("/inbx", "/inbox"), ("/modle x", "/model"), ("/qqqqqqq", "")]
)
async def test_an_unknown_command_is_told_with_the_nearest_and_stays(
    tmp_path: Path, typed: str, meant: str
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type(typed)
        await driver.pilot.pause()
        await driver.pilot.press(*(["escape"] if offered(driver) else []), "enter")
        await driver.pilot.pause()
        assert driver.composer.text == typed
        assert asked(driver) == []
        [told] = driver.app._notifications
        assert told.title == f"There is no command {typed.partition(' ')[0]}"
        assert told.message.startswith(f"Did you mean {meant}?" if meant else "A space")


@pytest.mark.parametrize(
    "question", [" /new is what?", "/etc/hosts is what?", "why /new?", "/new\nor not?", "a@b.c?"]
)
async def test_what_only_looks_like_a_command_is_asked(tmp_path: Path, question: str) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        turn = await driver.ask(question)
        assert turn.question == question.strip()


# --- documents -------------------------------------------------------------------------


async def test_a_document_is_picked_and_questions_are_confined_to_it(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("how long @whos")
        await found(driver)
        assert offered(driver) == ["docs/oncall/whos_oncall.md"]
        await driver.pilot.press("enter")
        await driver.type("is it?")
        assert driver.composer.text == "how long is it?"
        assert chips(driver) == ["@whos_oncall.md"]
        await driver.pilot.press("enter")
        await driver.settled()
        await driver.type("@post")
        await found(driver)
        await driver.pilot.press("tab")
        await driver.ask("and both?")
        await driver.pilot.press("backspace", "backspace")
        await driver.settled()
        assert chips(driver) == []
        await driver.ask("and all?")
        who, post = "/docs/oncall/whos_oncall.md", "/docs/after/post_mortem.md"
        assert [one.paths for one in asked(driver)] == [(who,), (who, post), ()]


async def test_a_document_is_picked_and_taken_away_with_the_mouse(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("@")
        await found(driver)
        assert "more; type on to narrow" in driver.screen_text()
        assert await driver.pilot.click(Offers, offset=(4, 2))
        await driver.settled()
        assert chips(driver) == ["@post_mortem.md"]
        label = driver.chat.query_one(".chip")
        assert await driver.pilot.click(label, offset=(label.size.width - 2, 0))
        await driver.settled()
        assert chips(driver) == []
        assert driver.composer.has_focus


async def test_the_same_document_is_picked_once(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        for _ in range(2):
            await driver.type("@post")
            await found(driver)
            await driver.pilot.press("enter")
            await driver.pilot.pause()
        assert chips(driver) == ["@post_mortem.md"]


async def test_enter_before_the_documents_are_there_picks_the_first_when_they_are(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("@whos")
        await driver.pilot.press("enter")
        await found(driver)
        assert chips(driver) == ["@whos_oncall.md"]
        assert driver.composer.text == ""
        assert asked(driver) == []


async def test_what_no_document_is_called_is_asked_as_it_is(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("who is @nobody")
        await found(driver)
        assert "no document is called so" in driver.screen_text()
        await driver.pilot.press("enter")
        await driver.settled()
        assert [one.text for one in asked(driver)] == ["who is @nobody"]


async def test_only_what_was_typed_last_is_looked_for_and_typing_waits_for_nothing(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    core = composing_core(FindDocuments=[gate, composing.FoundDocuments((), 0)])
    async with driven(core, tmp_path) as driver:
        await driver.type("@o")
        await driver.pilot.pause(0.06)
        await driver.type("ncall restart")
        await driver.pilot.pause(0.06)
        assert driver.composer.text == "@oncall restart"
        sought = [one for one in core.heard if isinstance(one, composing.FindDocuments)]
        assert sought
        assert all(one in core.left for one in sought)
        gate.set()


async def test_an_index_that_cannot_be_read_is_told_in_the_list(tmp_path: Path) -> None:
    core = composing_core(FindDocuments=KnowledgeIndexError("the index is damaged"))
    async with driven(core, tmp_path) as driver:
        await driver.type("@x")
        await found(driver)
        assert "the index is damaged" in driver.screen_text()


async def test_a_hostile_name_is_only_text(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("@evil")
        await found(driver)
        await driver.pilot.press("enter")
        await driver.settled()
        seen = driver.screen_text()
        assert "[bold]name.md" in seen
        assert "\x1b" not in seen


# --- earlier questions -----------------------------------------------------------------


async def test_an_earlier_question_is_found_and_put_in_and_the_draft_is_kept(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("a draft")
        await driver.pilot.press("alt+r")
        await found(driver)
        assert "\x1b" not in driver.screen_text()
        await driver.type("Who")
        await found(driver)
        await driver.pilot.press("enter")
        await driver.settled()
        assert driver.composer.text == "Who is on call?\nAnd when?"
        await driver.pilot.press("up", "up")
        assert driver.composer.text == "a draft"


async def test_an_earlier_question_is_put_in_with_the_mouse_or_left_with_escape(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("/history")
        await driver.pilot.press("enter")
        await found(driver)
        assert await driver.pilot.click("#past", offset=(4, 0))
        await driver.settled()
        assert driver.composer.text == "How do I restart the gateway?"
        await driver.pilot.press("alt+r")
        await found(driver)
        assert isinstance(driver.app.screen, PastQuestions)
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.composer.text == "How do I restart the gateway?"
        assert driver.composer.has_focus


async def test_enter_takes_no_document_that_was_found_for_fewer_letters(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("@")
        await found(driver)
        assert offered(driver)[0] == "docs/oncall/being_oncall.md"
        for key in ("w", "h", "o", "s", "enter"):  # in one bundle, as a slow line brings them
            driver.app.post_message(Key(key, key if len(key) == 1 else None))
        await driver.pilot.pause(0.01)
        await found(driver)
        assert chips(driver) == ["@whos_oncall.md"]
        assert driver.composer.text == ""
        assert asked(driver) == []


async def test_tab_takes_the_document_that_was_typed_and_sends_nothing(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("@")
        await found(driver)
        for key in ("n", "o", "b", "tab"):
            driver.app.post_message(Key(key, key if len(key) == 1 else None))
        await driver.pilot.pause(0.01)
        await found(driver)
        assert (chips(driver), driver.composer.text, asked(driver)) == ([], "@nob", [])
        assert driver.composer.has_focus


async def test_enter_puts_in_no_question_that_was_found_for_other_words(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.pilot.press("alt+r")
        await found(driver)
        for key in ("W", "h", "o", "enter"):
            driver.app.post_message(Key(key, key if len(key) == 1 else None))
        await driver.pilot.pause(0.01)
        await found(driver)
        await driver.settled()
        assert driver.composer.text == "Who is on call?\nAnd when?"


async def test_the_list_of_earlier_questions_is_left_with_the_mouse(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.pilot.press("alt+r")
        await found(driver)
        hint = str(driver.app.screen.query_one(Doings).content)
        assert await driver.pilot.click(Doings, offset=(hint.index("back"), 0))
        await driver.settled()
        assert driver.app.screen is driver.chat
