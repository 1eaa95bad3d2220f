"""The commands by name: found by what is typed of them, and the nearest for what is none."""

from __future__ import annotations

import pytest

from copilot.tui.app import CopilotApp
from copilot.tui.areas import BY_NAME
from copilot.tui.commands import COMMANDS, matching, named, nearest


def test_each_name_is_one_word_and_stands_for_one_thing() -> None:
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name.islower() for name in names)
    assert all(command.area or command.action for command in COMMANDS)


def test_all_are_listed_before_anything_is_typed_in_their_own_order() -> None:
    assert matching("") == list(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "first"),
    [("se", "sessions"), ("SET", "settings"), ("dsh", "dashboard"), ("x", "export")],
)
def test_what_begins_so_comes_before_what_only_holds_the_letters(typed: str, first: str) -> None:
    assert matching(typed)[0].name == first


def test_what_no_name_holds_finds_nothing() -> None:
    assert matching("zzz") == []
    assert matching("new conversation") == []


def test_a_name_is_found_however_it_is_spelled_and_a_slip_by_its_nearest() -> None:
    assert named("Inbox") is not None
    assert named("inbx") is None
    meant = nearest("inbx")
    assert meant is not None
    assert meant.name == "inbox"
    assert nearest("qqqqqq") is None


def test_each_command_leads_to_something_that_there_is() -> None:
    for command in COMMANDS:
        screen = BY_NAME[command.area].fetch() if command.area else CopilotApp
        if command.action:
            assert hasattr(screen, f"action_{command.action}"), command.name
