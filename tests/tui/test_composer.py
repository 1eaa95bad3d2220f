"""The composer itself: lines, history, undo, how it grows, what keys it leaves to others."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser

from copilot.config.looks import Looks
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.composer import Composer
from copilot.tui.composing.past import PastQuestions
from tests.tui.composed import composing_core
from tests.tui.driving import NARROW, WIDE, Driver, driven


async def send(driver: Driver, sent: str) -> None:
    """Bytes, as a terminal sends them."""
    parser = XTermParser()
    for event in [*parser.feed(sent), *parser.feed("")]:
        driver.app._driver.send_message(event)  # type: ignore[union-attr]
    await driver.pilot.pause()
    await driver.pilot.pause()


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_a_question_goes_on_in_another_line(tmp_path: Path, key: str) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.pilot.press("a", key, "b", "enter")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["a\nb"]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("\x1b[13;2u", "\n"),
        ("\x1b[27;2;13~", "\n"),
        ("\n", "\n"),
        ("\x1b\r", "\n"),
        ("\x1bz", ""),
        ("z", "z"),
    ],
)
async def test_keys_are_taken_as_terminals_send_them(tmp_path: Path, sent: str, text: str) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await send(driver, sent)
        assert driver.composer.text == text


async def test_earlier_questions_open_by_the_key_as_terminals_send_it(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await send(driver, "\x1br")
        assert isinstance(driver.app.screen, PastQuestions)
        assert driver.composer.text == ""


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_it_grows_with_its_lines_up_to_a_third_of_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with driven(composing_core(), tmp_path, size=size) as driver:
        heights = []
        for _ in range(20):
            heights.append(driver.composer.size.height + 2)
            await driver.pilot.press("ctrl+j")
            await driver.pilot.pause()
        assert heights[:3] == [3, 4, 5]
        assert heights[-1] == size[1] * 33 // 100
        assert driver.composer.cursor_location[0] == 20
        await driver.pilot.press("enter")
        assert heights == sorted(heights)


async def test_an_edited_question_of_before_becomes_the_draft(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.ask("two?")
        await driver.pilot.press("up", "up")
        assert driver.composer.text == "one?"
        await driver.type("!")
        await driver.pilot.press("down", "up", "down", "down")
        assert driver.composer.text == ""
        await driver.pilot.press("up", "up")
        await driver.type("!")
        await driver.pilot.press("up")
        assert driver.composer.text == "one?!"


async def test_the_cursor_walks_the_lines_before_it_leaves_them_for_the_history(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.ask("one?")
        await driver.type("first\nsecond")
        await driver.pilot.press("up")
        assert driver.composer.text == "first\nsecond"
        await driver.pilot.press("up")
        assert driver.composer.text == "one?"
        await driver.pilot.press("down")
        assert driver.composer.text == "first\nsecond"


async def test_what_is_undone_comes_back_also_after_a_recalled_question_took_its_place(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("one\ntwo\nthree\nfour\nfive")
        driver.composer.recall("other")
        await driver.pilot.press("ctrl+z")
        assert driver.composer.text == "one\ntwo\nthree\nfour\nfive"
        await driver.pilot.press("ctrl+y")
        assert driver.composer.text == "other"
        for _ in range(12):
            await driver.pilot.press("ctrl+z")
        assert driver.composer.text == ""


async def test_text_is_selected_copied_cut_and_typed_over(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("restart the gateway")
        await driver.pilot.press("ctrl+shift+left", "ctrl+c")
        assert driver.app.clipboard == "gateway"
        await driver.pilot.press("ctrl+x")
        assert driver.composer.text == "restart the "
        await driver.pilot.press("ctrl+v", "shift+home", "x")
        assert driver.composer.text == "x"


async def test_the_keys_of_the_application_work_while_one_types(tmp_path: Path) -> None:
    keys = {key for key, _ in Composer()._bindings}
    assert not keys & {f"f{number}" for number in range(1, 13)}
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.type("a draft")
        await driver.pilot.press("f1")
        await driver.pilot.pause()
        assert driver.composer.text == "a draft"


async def test_nothing_but_blanks_is_not_sent(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("  \n ")
        await driver.pilot.press("enter")
        await driver.settled()
        assert driver.turns == []


async def test_another_key_sends_and_enter_begins_a_line_where_it_is_configured_so(
    tmp_path: Path,
) -> None:
    looks = Looks(keys={"composer.send": "ctrl+s", "composer.newline": "enter"})
    async with driven(composing_core(), tmp_path, looks=looks) as driver:
        await driver.pilot.press("a", "enter", "b", "ctrl+s")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["a\nb"]
        await driver.type("/new")
        await driver.pilot.press("ctrl+s")
        await driver.settled()
        assert driver.turns == []
