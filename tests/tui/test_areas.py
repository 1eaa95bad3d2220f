"""Going between the areas, by keys and by the mouse."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from copilot import calls
from copilot.errors import ModelUnavailableError
from copilot.testing.run_events import quoted_run
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.area import Visit
from copilot.tui.areas import PLACES
from copilot.tui.status_line import StatusLine
from tests.tui.driving import NARROW, WIDE, core_of_scenes, driven, real_core


async def test_each_area_is_reached_by_its_key_and_left_by_the_chats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = real_core(tmp_path / "home", monkeypatch)
    async with driven(core, tmp_path) as driver:
        for place in PLACES[1:]:
            await driver.pilot.press(place.key)
            await driver.settled()
            assert driver.app.current_mode == place.name
            told = [one.title for one in driver.app._notifications]
            assert told == [], f"{place.name}: an empty home is nothing to complain of"
            await driver.pilot.press("f2")
            assert driver.app.current_mode == "chat"
            assert driver.composer.has_focus


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_every_area_has_its_place_on_the_bar_and_a_click_goes_there(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with driven(core_of_scenes(), tmp_path, size=size) as driver:
        for place in [*PLACES[1:], PLACES[0]]:
            bar = driver.screen_text().splitlines()[0]
            assert await driver.pilot.click(offset=(bar.index(place.title) + 1, 0))
            assert driver.app.current_mode == place.name


async def test_the_bar_counts_what_waits_for_a_decision(tmp_path: Path) -> None:
    core = ScriptedCore(stands=calls.Stands("", "ana", 0.0, "", waiting=12))
    async with driven(core, tmp_path, size=NARROW) as driver:
        await driver.settled()
        assert "Inbox 12" in driver.screen_text().splitlines()[0]


async def test_a_dialog_is_answered_before_one_goes_elsewhere(tmp_path: Path) -> None:
    core = ScriptedCore()
    async with driven(core, tmp_path) as driver:
        await driver.ask("how?")
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause(0.3)
        assert driver.app.screen.is_modal
        await driver.pilot.press("f3")
        await driver.pilot.pause()
        assert driver.app.current_mode == "chat"
        assert driver.app.screen.is_modal
        await driver.pilot.press("escape")


async def test_a_turn_goes_on_while_one_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = asyncio.Event()
    events = quoted_run("run-1")
    core = ScriptedCore([*events[:3], written, *events[3:]])
    async with driven(core, tmp_path) as driver:
        await driver.type("how?")
        await driver.pilot.press("enter")
        await driver.app.action_go("settings")
        written.set()
        await driver.settled()
        await driver.pilot.press("f2")
        await driver.settled()
        assert "Restart the gateway." in driver.screen_text()
        assert not core.left


async def test_somebody_is_sent_to_a_conversation_of_another_area(tmp_path: Path) -> None:
    from copilot.messages import Turn

    told = [Turn("user", "earlier?"), Turn("assistant", "So it was.")]
    core = ScriptedCore(sessions={"monday": told})
    async with driven(core, tmp_path) as driver:
        driver.chat.post_message(Visit("chat", "monday"))
        await driver.settled()
        assert [turn.question for turn in driver.turns] == ["earlier?"]


async def test_where_things_stand_is_told_anew_when_it_could_not_be_told(tmp_path: Path) -> None:
    core = ScriptedCore(stands=ModelUnavailableError("it is down", hint="wait"))
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        [told] = driver.app._notifications
        assert (told.title, told.message) == ("it is down", "wait")
        core._stands = calls.Stands("", "ana", 0.0, "")
        driver.chat.arrive()
        await driver.settled()
        assert "quoting" in driver.screen_text().splitlines()[-1]


async def test_what_a_worker_could_not_do_is_told_with_where_its_traceback_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        secret = "sk-" + "leak"
        raise RuntimeError("[b]a line\x1b[2J broke" if secret else "")

    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.settled()
        monkeypatch.setattr(StatusLine, "stands", breaks)
        driver.chat.arrive()
        while not driver.app._notifications:
            await driver.pilot.pause(0.01)
        [told] = driver.app._notifications
        assert told.title == "A bug: RuntimeError: [b]a line broke"
        assert told.message == f"the traceback is in {tmp_path / 'copilot.log'}"
        await driver.type("still here")
        assert driver.composer.text == "still here"
    log = (tmp_path / "copilot.log").read_text()
    assert "in breaks" in log
    assert "sk-leak" not in log
