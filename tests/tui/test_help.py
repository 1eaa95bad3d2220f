"""F1, the palette and other keys: what can be done from where one is, and by which key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from copilot import calls
from copilot.calls.settings import ChangeSetting, LooksRead, ReadLooks, SettingChanged
from copilot.config.looks import Looks
from copilot.errors import ConfigError
from copilot.messages import Turn
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui import keymap
from copilot.tui.doings import Doings
from copilot.tui.help import HelpScreen, told
from copilot.tui.themes import DARK, LIGHT
from tests.tui.driving import NARROW, Driver, driven


def options(driver: Driver) -> list[str]:
    listed = driver.app.screen.query_one(OptionList)
    return [str(one.prompt).strip() for one in listed.options]


async def test_f1_lists_the_keys_of_where_one_is(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("why")
        await driver.pilot.press("escape", "f1")
        assert isinstance(driver.app.screen, HelpScreen)
        lines = options(driver)
        headings = [line for line in lines if "  " not in line]
        assert headings[-2:] == ["Everywhere", "Typing, moving, selecting"]
        assert any(line.split() == ["y", "Copy", "chat.copy"] for line in lines)
        assert any(line.startswith("↑ k ") for line in lines)
        assert any(line.startswith("Ctrl+Q ") for line in lines)
        assert lines.index(headings[0]) == 0
        await driver.pilot.press("f1")
        assert driver.app.screen is driver.chat


async def test_f1_lists_the_keys_of_a_dialog_too(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("why")
        await driver.pilot.press("escape", "c", "f1")
        assert isinstance(driver.app.screen, HelpScreen)
        assert options(driver)[0] == "In this dialog"
        await driver.pilot.press("f1")
        await driver.pilot.pause()
        assert type(driver.app.screen).__name__ == "CommentScreen"


async def test_in_the_composer_no_letter_is_listed_as_a_key(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        keys = {key for one in told(driver.app.screen) if one.name for key in one.keys}
        assert not [key for key in keys if len(key) == 1]


async def test_help_is_searched_by_typing_and_does_what_is_chosen(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path, size=NARROW) as driver:
        await driver.pilot.press("f1")
        await driver.type("conversations")
        assert options(driver) == [
            "In chat",
            "Ctrl+R             Conversations" + " " * 20 + "chat.sessions",
        ]
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        assert type(driver.app.screen).__name__ == "SessionsScreen"


async def test_help_can_be_used_with_the_mouse_alone(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.pilot.press("f1")
        listed = driver.app.screen.query_one(OptionList)
        at = next(n for n, one in enumerate(listed.options) if "app.palette" in str(one.prompt))
        lines = sum(str(one.prompt).count("\n") + 1 for one in listed.options[:at])
        await driver.pilot.click(OptionList, offset=(3, lines))
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, CommandPalette)


async def test_nothing_found_is_no_crash(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.pilot.press("f1")
        await driver.type("zzzz")
        await driver.pilot.press("enter", "down", "enter")
        assert options(driver) == []
        await driver.pilot.press("escape")
        assert driver.app.screen is driver.chat


# --- the palette --------------------------------------------------------------------------


async def palette(driver: Driver, typed: str) -> list[str]:
    await driver.pilot.press("ctrl+p")
    await driver.pilot.pause()
    await driver.type(typed)
    await driver.app.workers.wait_for_complete()
    await driver.pilot.pause(0.2)
    return options(driver)


async def test_the_palette_has_areas_commands_and_keys(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        listed = " | ".join(await palette(driver, ""))
        for wanted in ("Go to Chat", "F2", "/new", "Begin a new conversation", "Ctrl+R · in chat"):
            assert wanted in listed


async def test_a_theme_is_chosen_in_the_palette_and_remembered(tmp_path: Path) -> None:
    changed = SettingChanged(LIGHT.name, "user file", "config.toml", in_force=True)
    core = ScriptedCore(replies={ChangeSetting: changed})
    async with driven(core, tmp_path) as driver:
        [found] = await palette(driver, LIGHT.name)
        assert found == f"Theme: {LIGHT.name}"
        await driver.pilot.press("enter")
        await driver.settled()
        assert driver.app.theme == LIGHT.name
        assert ChangeSetting("tui.theme", LIGHT.name) in core.heard


async def test_a_theme_that_can_not_be_remembered_is_worn_and_that_is_said(tmp_path: Path) -> None:
    core = ScriptedCore(replies={ChangeSetting: ConfigError("it can't be written", hint="chmod")})
    async with driven(core, tmp_path) as driver:
        driver.app.choose_theme("nord")
        await driver.settled()
        assert driver.app.theme == "nord"
        [toast] = driver.app._notifications
        assert (toast.title, toast.message) == (
            "It stays for now, but isn't remembered: it can't be written",
            "chmod",
        )


async def test_conversations_are_found_by_their_titles_as_plain_text(tmp_path: Path) -> None:
    hostile = "[red]why[/] does\x1b]0;x\x07 it fail"
    core = ScriptedCore(sessions={"one": [Turn("user", hostile), Turn("assistant", "So.")]})
    async with driven(core, tmp_path) as driver:
        [found] = await palette(driver, "does it fail")
        assert found.startswith("[red]why[/] does")
        assert "\x1b" not in found
        await driver.pilot.press("enter")
        await driver.settled()
        assert [turn.text for turn in driver.turns] == ["So."]


async def test_documents_are_found_by_their_names(tmp_path: Path) -> None:
    named = calls.composing.NamedDocument("/d/restore.md", "Restoring a tenant", "d/restore.md")
    found = calls.composing.FoundDocuments((named,), 1)
    core = ScriptedCore(replies={calls.composing.FindDocuments: found})
    async with driven(core, tmp_path) as driver:
        listed = await palette(driver, "restoring")
        assert any(
            line.startswith("Restoring a tenant") and "d/restore.md" in line for line in listed
        )


async def test_the_palette_works_while_the_core_does_not(tmp_path: Path) -> None:
    core = ScriptedCore(replies={calls.ListSessions: ConfigError("broken")})
    async with driven(core, tmp_path) as driver:
        assert await palette(driver, "quit") != []


# --- other keys ---------------------------------------------------------------------------


async def test_another_key_does_it_and_is_the_one_that_is_told(tmp_path: Path) -> None:
    looks = Looks(keys={"app.keys": "ctrl+g"})
    core = ScriptedCore(replies={ReadLooks: LooksRead("", {"app.keys": "ctrl+g"})})
    async with driven(core, tmp_path, looks=looks) as driver:
        await driver.pilot.press("f1")
        assert driver.app.screen is driver.chat
        await driver.pilot.press("ctrl+g")
        assert isinstance(driver.app.screen, HelpScreen)
        assert any(line.split()[0] == "Ctrl+G" for line in options(driver) if "app.keys" in line)


async def test_keys_that_were_changed_since_the_last_start_count(tmp_path: Path) -> None:
    core = ScriptedCore(replies={ReadLooks: LooksRead("nord", {"chat.new": "ctrl+g"})})
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        assert driver.app.theme == "nord"
        await driver.ask("why")
        await driver.pilot.press("ctrl+g")
        assert driver.turns == []


async def test_wrong_names_are_told_and_the_right_ones_count(tmp_path: Path) -> None:
    keys = {"chat.neww": "ctrl+x", "chat.new": "ctrl+g", "chat.sessions": "ctlr+s"}
    core = ScriptedCore(replies={ReadLooks: LooksRead("norde", keys)})
    async with driven(core, tmp_path) as driver:
        await driver.settled()
        said = {toast.title: toast.message for toast in driver.app._notifications}
        assert said["tui.theme: there is no theme norde."] == "Did you mean nord?"
        assert said["tui.keys: there is no binding chat.neww."] == "Did you mean chat.new?"
        assert "tui.keys: chat.sessions: there is no key ctlr+s." in said
        assert driver.app.theme == DARK.name
        await driver.ask("why")
        await driver.pilot.press("ctrl+g")
        assert driver.turns == []


@pytest.mark.parametrize(
    ("keys", "messages"),
    [
        ({"chat.sessions": "ctrl+n"}, ["Ctrl+N would be chat.sessions and chat.new (New)."]),
        ({"chat.new": "f1"}, ["F1 would be chat.new and app.keys (Keys of where you are)."]),
        ({"chat.new": "ctrl+x"}, ["Ctrl+X isn't heard in a text field (Cut): chat.new."]),
        (
            {"app.palette": "ctrl+n"},
            [
                "Ctrl+N would be app.palette and chat.new (New).",
                "Ctrl+N would be app.palette and extract.clear (Another text).",
            ],
        ),
    ],
)
def test_a_key_that_would_mean_two_things_in_one_place_is_told(
    keys: dict[str, str], messages: list[str]
) -> None:
    assert [fault.message for fault in keymap.faults(keys)] == messages


def test_keys_that_are_given_to_each_other_do_not_clash() -> None:
    assert keymap.faults({"chat.sessions": "ctrl+n", "chat.new": "ctrl+r"}) == []
    assert keymap.faults({"app.keys": "f1,ctrl+g", "chat.copy": "Y, ?"}) == []


def test_every_binding_of_ours_has_a_name_and_says_what_it_does() -> None:
    for one in keymap.known().values():
        assert one.does, one.name
        assert all(map(keymap.is_key, one.keys)), one


def test_keys_are_written_as_people_write_them() -> None:
    told = ["ctrl+question_mark", "f1", "plus", "A", "shift+tab", "up", "ctrl+g"]
    assert list(map(keymap.shown, told)) == ["Ctrl+?", "F1", "+", "A", "Shift+Tab", "↑", "Ctrl+G"]


async def test_typing_in_the_search_of_help_does_nothing_else(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("why")
        await driver.pilot.press("escape", "f1")
        await driver.type("y1+")
        assert driver.app.screen.query_one(Input).value == "y1+"


# --- hints name them ----------------------------------------------------------------------


def hint(driver: Driver, at: str = ".hint") -> str:
    return str(driver.app.screen.query(at).last(Doings).content)


async def test_the_hint_of_a_dialog_names_the_keys_that_are_configured(tmp_path: Path) -> None:
    keys = {"sessions.pin": "ctrl+g", "sessions.delete": "D,delete", "sessions.back": "q"}
    told = {"one": [Turn("user", "why?"), Turn("assistant", "So.")]}
    core = ScriptedCore(sessions=told, replies={calls.PinSession: calls.Done()})
    async with driven(core, tmp_path, looks=Looks(keys=keys)) as driver:
        await driver.pilot.press("ctrl+r")
        await driver.settled()
        assert hint(driver) == "Enter go on   r rename   Ctrl+G pin   x export   D delete   q back"
        await driver.pilot.press("down", "ctrl+g")
        await driver.settled()
        assert calls.PinSession("one", pinned=True) in core.heard


async def test_a_hint_that_stands_there_names_a_key_as_soon_as_it_is_another(
    tmp_path: Path,
) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.settled()
        assert hint(driver, "#welcome-hint").startswith("Esc to the list and back   F1 keys")
        driver.app.set_keymap({"app.keys": "ctrl+g", "chat.stop": "ctrl+o,escape"})
        await driver.pilot.pause()
        assert hint(driver, "#welcome-hint").startswith("Esc to the list and back   Ctrl+G keys")
        driver.app.set_keymap({})
        await driver.pilot.pause()
        assert "F1 keys" in hint(driver, "#welcome-hint")


async def test_bar_and_palette_name_the_keys_of_areas_that_are_configured(tmp_path: Path) -> None:
    looks = Looks(keys={"app.inbox": "alt+i", "app.runs": "f9"})
    async with driven(ScriptedCore(), tmp_path, looks=looks) as driver:
        await driver.settled()
        assert "Alt+I Inbox" in driver.screen_text().splitlines()[0]
        assert "F9 Runs" in driver.screen_text().splitlines()[0]
        [found] = await palette(driver, "go to inbox")
        assert found.split() == ["Go", "to", "Inbox", "Alt+I"]


async def test_help_is_left_and_leads_to_the_keymap_with_the_mouse(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.pilot.press("f1")
        await driver.pilot.pause()
        text = hint(driver)
        await driver.pilot.click(".hint", offset=(text.index("back"), 0))
        await driver.pilot.pause()
        assert driver.app.screen is driver.chat
        await driver.pilot.press("f1")
        await driver.pilot.pause()
        await driver.pilot.click(".hint", offset=(text.index("other keys"), 0))
        await driver.settled()
        assert driver.app.screen is driver.area("settings")
        assert "Keymap" in driver.screen_text()


async def test_of_what_fits_as_well_what_is_done_stands_above_a_conversation_and_a_document(
    tmp_path: Path,
) -> None:
    named = calls.composing.NamedDocument("/d/q.md", "The questions of a call", "d/q.md")
    core = ScriptedCore(
        sessions={"one": [Turn("user", "Questions of whom?"), Turn("assistant", "So.")]},
        replies={
            calls.composing.FindDocuments: calls.composing.FoundDocuments((named,), 1),
        },
    )
    async with driven(core, tmp_path) as driver:
        listed = await palette(driver, "quest")
        assert [one.partition("  ")[0] for one in listed] == [
            "Questions of whom?",
            "Earlier questions",
            "The questions of a call",
        ]
