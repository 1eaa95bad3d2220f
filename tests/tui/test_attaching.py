"""Long texts and files become chips, and questions are asked about them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from textual.events import Paste

from copilot import calls
from copilot.calls import composing
from copilot.messages import Status
from copilot.talks import Attachment
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.composing.chips import ChipLabel
from tests.tui.composed import LOG, chips, composing_core
from tests.tui.driving import Driver, driven, real_core

RUNBOOK = """\
# Gateway

Restart the gateway with `gwctl restart`. It takes two minutes.

# Database

When the primary fails, fail over to db-4 with `dbctl failover`.
"""


async def paste(driver: Driver, text: str) -> None:
    """As a terminal does that brackets what is pasted."""
    driver.app.post_message(Paste(text))
    await driver.pilot.pause()
    await driver.settled()


def heard(core: ScriptedCore, kind: type) -> list[object]:
    return [one for one in core.heard if isinstance(one, kind)]


async def test_a_long_text_becomes_a_chip_and_is_attached_when_it_is_asked_about(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("what ")
        await paste(driver, LOG)
        assert chips(driver) == ["pasted 1: 40 lines"]
        assert heard(driver.core, composing.Attach) == []
        await driver.ask("failed?")
        await driver.ask("and why?")
        [attached] = heard(driver.core, composing.Attach)
        first, second = heard(driver.core, calls.Ask)
        assert attached == composing.Attach(first.conversation, "pasted 1", LOG)  # type: ignore[attr-defined]
        assert [one.text for one in (first, second)] == ["what failed?", "and why?"]  # type: ignore[attr-defined]
        assert first.attached == second.attached == ("id of pasted 1",)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("\n".join("0123456789"), False),
        ("\n".join("0123456789a"), True),
        ("\r\n".join("0123456789a"), True),
        ("x" * 2_000, False),
        ("x" * 2_001, True),
    ],
)
async def test_what_is_short_enough_for_a_question_is_part_of_it(
    tmp_path: Path, text: str, is_long: bool
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, text)
        assert bool(chips(driver)) is is_long
        assert (driver.composer.text == "") is is_long


async def test_what_is_too_long_to_attach_is_told_at_once(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, "x" * 2_000_001)
        assert chips(driver) == []
        [told] = driver.app._notifications
        assert told.title == "2,000,001 characters are too many to attach"


async def test_a_chip_is_put_back_as_text_or_taken_away_by_keys(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, LOG)
        await paste(driver, LOG + "\nmore")
        await driver.pilot.press("shift+tab")
        assert chips(driver) == ["pasted 1: 40 lines", "pasted 2: 41 lines"]
        assert isinstance(driver.app.focused, ChipLabel)
        await driver.pilot.press("left", "enter")
        await driver.settled()
        assert driver.composer.text == LOG
        assert chips(driver) == ["pasted 2: 41 lines"]
        await driver.pilot.press("ctrl+z")
        await driver.pilot.press("shift+tab", "delete")
        await driver.settled()
        assert chips(driver) == []
        assert driver.composer.has_focus


async def test_a_chip_is_put_back_or_taken_away_with_the_mouse(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, LOG)
        assert await driver.pilot.click(ChipLabel, offset=(3, 0))
        await driver.settled()
        assert driver.composer.text == LOG
        await paste(driver, LOG)
        label = driver.chat.query_one(ChipLabel)
        assert await driver.pilot.click(label, offset=(label.size.width - 2, 0))
        await driver.settled()
        assert chips(driver) == []


async def test_what_was_asked_about_is_taken_away_in_the_core_too(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, LOG)
        await driver.ask("what?")
        await driver.pilot.press("backspace")
        await driver.settled()
        [taken] = heard(driver.core, composing.TakeAway)
        assert taken.id == "id of pasted 1"  # type: ignore[attr-defined]
        await driver.ask("and now?")
        assert heard(driver.core, calls.Ask)[-1].attached == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["/var/log/app.log", "'/var/log/app.log'", "file:///app.log"])
async def test_a_dropped_file_becomes_a_chip_if_the_core_finds_it(
    tmp_path: Path, typed: str
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("what is in ")
        await paste(driver, typed)
        assert chips(driver) == ["file app.log"]
        assert driver.composer.text == "what is in "
        await driver.ask("there?")
        [attached] = heard(driver.core, composing.Attach)
        assert (attached.path, attached.text) == ("/var/log/app.log", "")  # type: ignore[attr-defined]


async def test_a_path_that_leads_to_no_file_stays_what_was_pasted(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, "see /nowhere/x.md and/or this")
        assert driver.composer.text == "see /nowhere/x.md and/or this"
        assert chips(driver) == []


async def test_a_file_that_was_edited_away_meanwhile_is_left_alone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    core = composing_core(FindFiles=[gate, composing.FoundFiles(("/var/log/app.log",))])
    async with driven(core, tmp_path) as driver:
        driver.app.post_message(Paste("/var/log/app.log"))
        await driver.pilot.pause()
        await driver.pilot.press("backspace")
        gate.set()
        await driver.settled()
        assert driver.composer.text == "/var/log/app.lo"
        assert chips(driver) == []


async def test_a_file_is_attached_by_a_command_and_one_that_is_none_is_told(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await driver.type("/attach ~/app.log")
        await driver.pilot.press("enter")
        await driver.settled()
        assert chips(driver) == ["file app.log"]
        await driver.type("/attach ~/nothing")
        await driver.pilot.press("enter")
        await driver.settled()
        [told] = driver.app._notifications
        assert told.title == "~/nothing is no file that can be attached"
        assert driver.composer.text == "/attach ~/nothing"


async def test_a_file_that_cannot_be_read_is_named_and_the_question_comes_back(
    tmp_path: Path,
) -> None:
    core = composing_core(FindFiles=composing.FoundFiles(("/tmp/broken.pdf",)))
    async with driven(core, tmp_path) as driver:
        await paste(driver, "/tmp/broken.pdf")
        turn = await driver.ask("what is it?")
        assert driver.says(turn) == "✗ broken.pdf can't be read\nSave it anew."
        assert driver.composer.text == "what is it?"
        assert chips(driver) == ["file broken.pdf"]
        assert heard(core, calls.Ask) == []
        await driver.pilot.press("ctrl+a")
        await driver.pilot.press("backspace")
        await driver.settled()
        await driver.pilot.press("enter")
        await driver.settled()
        assert [one.text for one in heard(core, calls.Ask)] == ["what is it?"]  # type: ignore[attr-defined]


async def test_another_conversation_has_what_was_attached_to_it_and_a_new_one_nothing(
    tmp_path: Path,
) -> None:
    there = Attachment("7", "pasted 1", "/x/pasted-7.txt", "ana", pasted=True)
    core = composing_core(ListAttached=composing.AttachedThere((there,)))
    core.sessions["monday"] = []
    async with driven(core, tmp_path, conversation="monday") as driver:
        await driver.settled()
        assert chips(driver) == ["pasted 1"]
        await driver.ask("and?")
        assert heard(core, calls.Ask)[-1].attached == ("7",)  # type: ignore[attr-defined]
        assert heard(core, composing.Attach) == []
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert chips(driver) == []


async def test_what_was_not_asked_about_yet_stays_for_another_conversation(
    tmp_path: Path,
) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, LOG)
        await driver.ask("one?")
        await paste(driver, LOG)
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert chips(driver) == ["pasted 2: 40 lines"]
        await driver.ask("two?")
        first, second = heard(driver.core, composing.Attach)
        assert first.conversation != second.conversation  # type: ignore[attr-defined]
        assert second.conversation == heard(driver.core, calls.Ask)[-1].conversation  # type: ignore[attr-defined]


async def test_a_question_is_asked_again_about_what_was_taken_away_since(tmp_path: Path) -> None:
    async with driven(composing_core(), tmp_path) as driver:
        await paste(driver, LOG)
        await driver.ask("what?")
        await driver.pilot.press("backspace")
        await driver.settled()
        await driver.pilot.press("escape", "r")
        await driver.settled()
        assert len(heard(driver.core, composing.Attach)) == 2
        assert [one.attached for one in heard(driver.core, calls.Ask)] == [("id of pasted 1",)] * 2  # type: ignore[attr-defined]


async def test_a_name_of_control_characters_is_only_text(tmp_path: Path) -> None:
    core = composing_core(FindFiles=composing.FoundFiles(("/tmp/\x1b[2J[red]x\u202e.log",)))
    async with driven(core, tmp_path) as driver:
        await paste(driver, "/tmp/x")
        seen = driver.screen_text()
        assert "[red]x" in seen
        assert not {"\x1b", "\u202e"} & set(seen)


async def test_a_dropped_runbook_and_a_pasted_log_are_quoted_by_the_real_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run book.md"
    file.write_text(RUNBOOK)
    home = tmp_path / "home"
    async with driven(real_core(home, monkeypatch), tmp_path) as driver:
        await paste(driver, str(file).replace(" ", "\\ "))
        assert chips(driver) == ["file run book.md"]
        turn = await driver.ask("How is the gateway restarted?")
        assert turn.answer is not None
        assert turn.answer.status is Status.ANSWERED
        assert {one.path for one in turn.citations} == {str(file)}
        assert all(one.quote in RUNBOOK for one in turn.citations)
        assert "gwctl restart" in driver.screen_text()
        await driver.pilot.press("backspace")
        await driver.settled()
        log = f"{LOG}\n\nERROR the certificate of the gateway expired yesterday.\n"
        await paste(driver, log)
        turn = await driver.ask("When did the certificate of the gateway expire?")
        [citation, *_] = turn.citations
        assert (citation.title, citation.quote in log) == ("pasted 1", True)
        kept = list((home / "sessions").rglob("*.txt"))
        assert [path.read_text() for path in kept] == [log]
    shutil.rmtree(home)
