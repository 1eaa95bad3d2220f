"""The list of conversations, driven by keys and by the mouse, over the real store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from copilot import calls
from copilot.adapters.conversations.files import FileConversations
from copilot.errors import StorageError
from copilot.messages import Turn
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.session_list import SessionList
from copilot.tui.sessions import SessionsScreen
from tests.tui.driving import NARROW, WIDE, Driver, driven, real_core

PRINTER, ON_CALL, LUNCH = "Where is the printer?", "Who is on call?", "What is for lunch?"


@pytest.fixture
def store(tmp_path: Path) -> FileConversations:
    made = FileConversations(tmp_path / "home" / "sessions")
    for name, asked, told in (
        ("monday", PRINTER, "In room 12 [1]."),
        ("tuesday", ON_CALL, "Mia has the printer's code."),
        ("friday", LUNCH, "Soup."),
    ):
        made.append(name, [Turn("user", asked), Turn("assistant", told)], by="ana")
    return made


@asynccontextmanager
async def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, size: tuple[int, int] = WIDE
) -> AsyncIterator[Driver]:
    """The application with the list in front."""
    core = real_core(tmp_path / "home", monkeypatch)
    async with driven(core, tmp_path, size=size) as driver:
        await driver.pilot.press("ctrl+r")
        await until(driver, lambda: bool(driver.app.screen.query(SessionList)))
        await until(driver, lambda: len(titles(driver)) == 3)
        yield driver


async def until(driver: Driver, there: object) -> None:
    """Wait for what a core in a thread will bring."""
    assert callable(there)
    for _ in range(400):
        if there():
            await driver.pilot.pause()
            return
        await driver.pilot.pause(0.01)
    pytest.fail(f"it never came:\n{driver.screen_text()}")


def titles(driver: Driver) -> list[str]:
    [screen] = [one for one in driver.app.screen_stack if isinstance(one, SessionsScreen)]
    return [row.session.title for row in screen.query_one(SessionList).rows]


async def click(driver: Driver, word: str) -> None:
    """Click a word where it stands last on the screen."""
    lines = driver.screen_text().splitlines()
    row = max(number for number, line in enumerate(lines) if word in line)
    assert await driver.pilot.click(offset=(lines[row].rindex(word), row))
    await driver.pilot.pause()


async def test_words_are_found_in_titles_at_once_and_then_in_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        assert titles(driver) == [LUNCH, ON_CALL, PRINTER]
        await driver.type("printer")
        assert titles(driver) == [PRINTER]
        await until(driver, lambda: titles(driver) == [PRINTER, ON_CALL])
        assert "Mia has the printer's code." in driver.screen_text()
        assert "2 of 3" in driver.screen_text()
        await driver.pilot.press("down", "down", "enter")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == [ON_CALL]


async def test_letters_that_are_typed_do_nothing_but_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.type("prdx/")
        assert isinstance(driver.app.screen, SessionsScreen)
        assert driver.app.screen.query_one(Input).value == "prdx/"
        assert titles(driver) == []
        await driver.pilot.press("enter", "down", "r", "p", "d", "x", "enter")
        assert isinstance(driver.app.screen, SessionsScreen)
        await driver.pilot.press("slash")
        assert driver.app.screen.query_one(Input).has_focus
    assert len(store.listed()) == 3


async def test_one_is_renamed_and_called_as_before_when_its_title_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("down", "j", "r")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        await driver.type("Rota [x]")
        await driver.pilot.press("enter")
        await until(driver, lambda: "Rota [x]" in titles(driver))
        assert "Rota [x]" in driver.screen_text()
        listed = {one.name: one for one in store.listed()}
        assert (listed["tuesday"].title, listed["tuesday"].named) == ("Rota [x]", True)
        await driver.pilot.press("f2")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        assert driver.app.screen.query_one(Input).value == "Rota [x]"
        await driver.pilot.press("ctrl+u", "escape")
        await driver.pilot.pause()
        assert "Rota [x]" in titles(driver)
        await driver.pilot.press("r")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        driver.app.screen.query_one(Input).value = ""
        await driver.pilot.press("enter")
        await until(driver, lambda: ON_CALL in titles(driver))


async def test_a_pinned_one_stands_above_and_goes_back_to_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("down", "G", "p")
        await until(driver, lambda: titles(driver) == [PRINTER, LUNCH, ON_CALL])
        assert "★ " in driver.screen_text()
        assert driver.app.screen.query_one(SessionList).current.name == "monday"  # type: ignore[union-attr]
        await driver.pilot.press("p")
        await until(driver, lambda: titles(driver) == [LUNCH, ON_CALL, PRINTER])
    assert not any(one.pinned for one in store.listed())


async def test_nothing_is_deleted_without_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("down", "d")
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        assert LUNCH in driver.screen_text()
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert "friday" in store.names()
        await driver.pilot.press("d")
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        await driver.pilot.press("y")
        await until(driver, lambda: titles(driver) == [ON_CALL, PRINTER])
    assert store.names() == ["monday", "tuesday"]


async def test_the_talk_that_is_open_is_over_when_it_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("enter")
        await driver.settled()
        assert len(driver.turns) == 1
        await driver.pilot.press("ctrl+r")
        await until(driver, lambda: bool(driver.app.screen.query(SessionList)))
        await until(driver, lambda: len(titles(driver)) == 3)
        await driver.pilot.press("down", "d")
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        await driver.pilot.press("y")
        await until(driver, lambda: len(titles(driver)) == 2)
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.turns == []


async def test_one_is_exported_where_the_person_says_and_over_a_file_after_a_yes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    page, data = tmp_path / "lunch.md", tmp_path / "lunch.json"
    data.write_text("mine", encoding="utf-8")

    async def export(driver: Driver, path: Path) -> None:
        await driver.pilot.press("x")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        line = driver.app.screen.query_one(Input)
        assert line.value == "~/what-is-for-lunch.md"
        line.value = str(path)
        await driver.pilot.press("enter")

    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("down")
        await export(driver, page)
        await until(driver, page.exists)
        assert page.read_text(encoding="utf-8").startswith(f"# {LUNCH}\n")
        await until(driver, lambda: isinstance(driver.app.screen, SessionsScreen))
        await export(driver, data)
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        await driver.pilot.press("n")
        await driver.pilot.pause()
        assert data.read_text(encoding="utf-8") == "mine"
        await export(driver, data)
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        await driver.pilot.press("y")
        await until(driver, lambda: data.read_text(encoding="utf-8") != "mine")
    assert json.loads(data.read_text(encoding="utf-8"))["title"] == LUNCH


@pytest.mark.parametrize("path", ["~nobody-of-this-name/lunch.md", "/"])
async def test_a_place_that_is_none_is_told_and_nothing_else_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations, path: str
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.pilot.press("down", "x")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        driver.app.screen.query_one(Input).value = path
        await driver.pilot.press("enter")
        await until(driver, lambda: bool(driver.app._notifications))
        [told] = driver.app._notifications
        assert told.title.startswith(path)
        assert told.message == "Name another place."


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_all_of_it_is_done_by_mouse_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: FileConversations,
    size: tuple[int, int],
) -> None:
    async with opened(tmp_path, monkeypatch, size=size) as driver:
        await click(driver, ON_CALL)
        await click(driver, "pin")
        await until(driver, lambda: titles(driver)[0] == ON_CALL)
        await click(driver, "rename")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        driver.app.screen.query_one(Input).value = "Rota"
        await click(driver, "done")
        await until(driver, lambda: "Rota" in titles(driver))
        await click(driver, LUNCH)
        await click(driver, "d delete")
        await until(driver, lambda: isinstance(driver.app.screen, SureScreen))
        await click(driver, "y delete")
        await until(driver, lambda: titles(driver) == ["Rota", PRINTER])
        await click(driver, "export")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        driver.app.screen.query_one(Input).value = str(tmp_path / "rota.md")
        await click(driver, "Enter done")
        await until(driver, (tmp_path / "rota.md").exists)
        await click(driver, PRINTER)
        await click(driver, "Enter go on")
        await driver.settled()
        assert [turn.question for turn in driver.turns] == [PRINTER]


async def test_what_fails_is_said_and_nothing_changes(tmp_path: Path) -> None:
    refusal = StorageError("the disk is full", hint="make room")
    told = {"monday": [Turn("user", PRINTER), Turn("assistant", "There.")]}
    replies = {calls.PinSession: refusal, calls.SearchSessions: refusal}
    async with driven(ScriptedCore(sessions=told, replies=replies), tmp_path) as driver:  # type: ignore[arg-type]
        await driver.pilot.press("ctrl+r")
        await until(driver, lambda: "is the printer" in driver.screen_text())
        await driver.pilot.press("down", "p", "slash")
        await driver.type("where")
        told_of = driver.app._notifications
        await until(driver, lambda: len(told_of) == 2)
        assert {(one.title, one.message) for one in told_of} == {("the disk is full", "make room")}
        assert titles(driver) == [PRINTER]


async def test_a_title_that_a_terminal_would_obey_is_only_shown(tmp_path: Path) -> None:
    told = {
        "a": [Turn("user", "Evil \x1b[2J\u202e [b]bold[/b] 日本語" * 9), Turn("assistant", "x")]
    }
    async with driven(ScriptedCore(sessions=told), tmp_path, size=NARROW) as driver:
        await driver.pilot.press("ctrl+r")
        await until(driver, lambda: "Evil" in driver.screen_text())
        assert "[b]bold[/b]" in driver.screen_text()
        assert not {"\x1b", "\u202e"} & set(driver.screen_text())


async def test_ten_thousand_are_listed_filtered_and_walked(
    tmp_path: Path,
) -> None:
    many = [
        calls.Session(f"c{n}", f"Question number {n} of many?", "2026-11-22T10:00:00+00:00")
        for n in range(10_000)
    ]

    def page(call: calls.ListSessions) -> calls.Sessions:
        return calls.Sessions(tuple(many[call.start : call.start + call.limit]), len(many))

    replies = {calls.ListSessions: page, calls.SearchSessions: calls.SessionHits(())}
    async with driven(ScriptedCore(replies=replies), tmp_path) as driver:  # type: ignore[arg-type]
        await driver.pilot.press("ctrl+r")
        await until(driver, lambda: bool(driver.app.screen.query(SessionList)))
        await until(driver, lambda: len(titles(driver)) == 10_000)
        rows = driver.app.screen.query_one(SessionList)
        await driver.pilot.press("down", "pagedown", "end", "up")
        assert rows.current == many[-2]
        assert "number 9998" in driver.screen_text()
        await driver.pilot.press("home", "slash", "9", "9", "8")
        assert sorted(titles(driver))[:2] == [
            "Question number 1998 of many?",
            "Question number 2998 of many?",
        ]
        assert len(rows.rows) == 20


async def test_one_that_was_found_in_its_texts_is_pinned_and_unpinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FileConversations
) -> None:
    async with opened(tmp_path, monkeypatch) as driver:
        await driver.type("soup")
        await until(driver, lambda: titles(driver) == [LUNCH])
        await driver.pilot.press("down", "p")
        await until(driver, lambda: "★ " in driver.screen_text())
        assert [one.name for one in store.listed() if one.pinned] == ["friday"]
        await driver.pilot.press("p")
        await until(driver, lambda: "★ " not in driver.screen_text())
        assert not any(one.pinned for one in store.listed())


async def test_the_one_that_is_renamed_stays_the_chosen_one_however_many_there_are(
    tmp_path: Path,
) -> None:
    many = [
        calls.Session(f"c{n}", f"Question {n}?", "2026-11-22T10:00:00+00:00") for n in range(900)
    ]

    def page(call: calls.ListSessions) -> calls.Sessions:
        return calls.Sessions(tuple(many[call.start : call.start + call.limit]), len(many))

    named = calls.Loaded(replace(many[899], title="Rota", named=True), (), 1)
    replies = {
        calls.ListSessions: page,
        calls.RenameSession: calls.Done(),
        calls.LoadSession: named,
    }
    async with driven(ScriptedCore(replies=replies), tmp_path) as driver:  # type: ignore[arg-type]
        await driver.pilot.press("ctrl+r")
        await driver.settled()
        rows = driver.app.screen.query_one(SessionList)
        await driver.pilot.press("down", "end", "r")
        await until(driver, lambda: isinstance(driver.app.screen, LineScreen))
        await driver.pilot.press(*"Rota", "enter")
        await driver.settled()
        assert rows.current == named.session
        assert len(rows.rows) == 900
