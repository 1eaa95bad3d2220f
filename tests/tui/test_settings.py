"""The settings, over the real handlers: what is changed there is in the file, and in force."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.widgets import Input, OptionList, Static

from copilot.bootstrap import Copilot
from copilot.calls import settings as calls
from copilot.config.looks import Looks
from copilot.config.paths import Paths
from copilot.errors import ModelAuthError, StorageError
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.dialogs import LineScreen
from copilot.tui.settings.area import SettingsArea
from copilot.tui.settings.dialogs import ChoiceScreen, KeyScreen, PressScreen
from copilot.tui.settings.pages import PAGES
from copilot.tui.settings.rows import Row, Rows
from tests.tui.driving import NARROW, WIDE, Driver, RealCore, driven, real_core

SECRET = "sk-nobody-may-see-this-0123456789"
FILE = "# mine\n[search]\nlimit = 5  # enough\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(FILE)
    return home


@pytest.fixture
def core(home: Path, monkeypatch: pytest.MonkeyPatch) -> RealCore:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("COPILOT_PASSPHRASE", "a long one for tests")
    return real_core(home, monkeypatch)


def area(driver: Driver) -> SettingsArea:
    found = driver.area("settings")
    assert isinstance(found, SettingsArea)
    return found


async def at(driver: Driver, page: str) -> None:
    """Go to a page with keys alone."""
    await driver.pilot.press("f8")
    await driver.pilot.pause()
    names = [one.name for one in PAGES]
    listed = area(driver).query_one("#pages", OptionList)
    listed.focus()
    steps = names.index(page) - (listed.highlighted or 0)
    await driver.pilot.press(*["down" if steps > 0 else "up"] * abs(steps))
    await loaded(driver)
    await driver.pilot.press("enter")


async def loaded(driver: Driver) -> None:
    await driver.pilot.pause()
    for _ in range(100):
        workers = [one for one in driver.app.workers if one.group in ("page", "test")]
        if not workers:
            break
        await driver.app.workers.wait_for_complete(workers)
        await driver.pilot.pause()


def rows(driver: Driver) -> list[Row]:
    return list(area(driver).query_one(Rows)._rows)


def row(driver: Driver, key: str) -> Row:
    return next(one for one in rows(driver) if one.key == key)


async def choose(driver: Driver, key: str) -> None:
    """Move to a row with keys, and press Enter on it."""
    listed = area(driver).query_one(Rows)
    wanted = [one.key for one in rows(driver)].index(key)
    assert listed.highlighted is not None
    ends = {"home": wanted, "end": len(rows(driver)) - wanted}
    nearest = min(ends, key=ends.__getitem__)
    if ends[nearest] < abs(listed.highlighted - wanted):
        await driver.pilot.press(nearest)
    for _ in range(len(rows(driver))):
        if listed.highlighted == wanted:
            break
        await driver.pilot.press("down" if listed.highlighted < wanted else "up")
    assert listed.highlighted == wanted
    await driver.pilot.press("enter")
    await driver.pilot.pause()


async def answer(driver: Driver, text: str) -> None:
    """Type into the dialog in front, in the place of what stands there, and send it."""
    field = driver.app.screen.query_one(Input)
    field.value = ""
    await driver.pilot.press(*text)
    await driver.pilot.press("enter")
    await loaded(driver)


def toasts(driver: Driver) -> list[str]:
    return [f"{one.title}|{one.message}" for one in driver.app._notifications]


async def test_a_theme_is_worn_at_once_and_remembered(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=NARROW) as driver:
        await at(driver, "look")
        await choose(driver, "theme:nord")
        assert driver.app.theme == "nord"
        await driver.settled()
        assert row(driver, "theme:nord").mark == "✓"
    assert 'theme = "nord"' in (home / "config.toml").read_text()
    assert (home / "looks.json").exists()


async def test_a_theme_that_can_not_be_remembered_is_worn_and_that_is_said(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=NARROW) as driver:
        await at(driver, "look")
        (home / "config.toml").write_text("[search\n")
        await choose(driver, "theme:nord")
        await driver.settled()
        assert driver.app.theme == "nord"
        assert toasts(driver)[-1].startswith("It stays for now, but isn't remembered|")
    assert (home / "config.toml").read_text() == "[search\n"


async def test_a_table_is_said_to_be_written_in_the_file_and_by_which_key_it_opens(
    core: RealCore, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, looks=Looks(keys={"settings.file": "ctrl+g"})) as driver:
        await driver.pilot.press("f8")
        driver.app.set_keymap({"settings.file": "ctrl+g"})
        area(driver).visit("models.prices")
        await loaded(driver)
        await driver.pilot.press("enter")
        await driver.pilot.pause()
        said = toasts(driver)[-1]
        assert said.startswith("A table is written in the configuration file: Ctrl+G opens it.")
        hint = str(area(driver).query_one(".page-hint", Static).content)
        assert "Ctrl+G file" in hint


async def test_a_model_is_set_with_keys_and_the_status_line_says_it(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=NARROW) as driver:
        await at(driver, "models")
        assert row(driver, "use:").mark == "✓"
        await choose(driver, "set:models.answer")
        assert isinstance(driver.app.screen, LineScreen)
        await answer(driver, "openai/scripted")
        assert row(driver, "set:models.answer").value == "openai/scripted"
        await driver.settled()
        assert "openai/scripted" in driver.screen_text().splitlines()[-1]
        await driver.pilot.press("delete")
        await loaded(driver)
        assert row(driver, "set:models.answer").value == "not set"
    assert (home / "config.toml").read_text().startswith(FILE)


async def test_a_model_that_the_configuration_knows_is_chosen_from_the_list(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    (home / "config.toml").write_text(
        '[models]\nprices = { "openai/ours" = { input = 0.25, output = 2.0 } }\n'
    )
    async with driven(core, tmp_path, size=NARROW) as driver:
        await at(driver, "models")
        await choose(driver, "use:openai/ours")
        await loaded(driver)
        assert row(driver, "use:openai/ours").mark == "✓"
        await choose(driver, "use:")
        await loaded(driver)
        assert row(driver, "use:").mark == "✓"
        assert row(driver, "set:models.answer").value == "not set"


async def test_a_wrong_value_is_refused_and_can_be_typed_on(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "all")
        await choose(driver, "set:search.limit")
        await answer(driver, "many")
        dialog = driver.app.screen
        assert isinstance(dialog, LineScreen)
        assert dialog.query_one(Input).value == "many"
        said = " ".join(str(one.content) for one in dialog.query(Static))
        assert "search.limit must be a whole number" in said
        await driver.pilot.press("escape")
        assert (home / "config.toml").read_text() == FILE
        found = row(driver, "set:search.limit")
        assert (found.value, found.note, found.mark) == ("5", "user file", "•")


async def test_words_of_a_choice_are_chosen_and_yes_or_no_too(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "all")
        await choose(driver, "set:output.color")
        assert isinstance(driver.app.screen, ChoiceScreen)
        await driver.pilot.press("down", "enter")
        await loaded(driver)
        assert row(driver, "set:output.color").value == '"never"'
        await choose(driver, "set:index.hidden")
        await driver.pilot.press("up", "enter")
        await loaded(driver)
        assert row(driver, "set:index.hidden").value == "true"


async def test_what_goes_before_the_file_is_said(
    core: RealCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_SEARCH__LIMIT", "7")
    async with driven(core, tmp_path) as driver:
        await at(driver, "all")
        assert row(driver, "set:search.limit").note == "environment COPILOT_SEARCH__LIMIT"
        await choose(driver, "set:search.limit")
        await answer(driver, "9")
        assert any("something else goes before it" in one for one in toasts(driver))


async def test_keys_that_come_faster_than_pages_do_end_on_the_page_they_meant(
    core: RealCore, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=NARROW) as driver:
        await driver.pilot.press("f8")
        await loaded(driver)
        for key in ("down", "down", "down", "up", "down", "down", "enter"):
            driver.app.post_message(Key(key, None))
        await driver.pilot.pause(0.3)
        await loaded(driver)
        heading = area(driver).query_one("#page .heading", Static).content
        assert heading == "All settings"
        assert len(rows(driver)) > 50
        assert area(driver).query_one(Rows).has_focus


async def test_settings_are_searched(core: RealCore, tmp_path: Path) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "all")
        await driver.pilot.press("slash")
        await driver.type("timeout")
        await driver.pilot.pause()
        assert {one.key for one in rows(driver)} >= {"set:models.total_timeout_s"}
        assert all("timeout" in one.key for one in rows(driver))
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert len(rows(driver)) > 50


async def test_a_key_is_stored_unseen_and_removed(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "keys")
        await driver.pilot.press("a")
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, KeyScreen)
        for key in (*"openai", "enter", *SECRET):  # as fast as somebody pastes
            named = key if len(key) > 1 else _character_to_key(key)
            driver.app.post_message(Key(named, key if len(key) == 1 else None))
        await driver.pilot.pause(0.5)
        assert SECRET not in driver.screen_text()
        assert "•" * len(SECRET) in driver.screen_text()
        await driver.pilot.press("enter")
        await loaded(driver)
        assert row(driver, "key:openai").value == "file"
        assert any("openai is stored in the file." in one for one in toasts(driver))
        assert SECRET not in driver.screen_text() + "".join(toasts(driver))
        await driver.pilot.press("delete")
        await driver.pilot.pause()
        await driver.pilot.press("y")
        await loaded(driver)
        assert rows(driver)[0].name == "No key is stored"
    assert not any(SECRET.encode() in one for one in contents(home))


def contents(home: Path) -> list[bytes]:
    return [file.read_bytes() for file in home.rglob("*") if file.is_file()]


async def test_a_key_that_is_needed_and_nowhere_is_said_so(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    (home / "config.toml").write_text('[models]\nanswer = "openai/scripted"\n')
    async with driven(core, tmp_path) as driver:
        await at(driver, "keys")
        found = row(driver, "key:openai")
        assert (found.mark, found.value, found.note) == ("!", "missing", "needed")
        await choose(driver, "key:openai")
        assert driver.app.screen.query(Input).first().value == "openai"
        assert driver.app.screen.query(Input).last().has_focus


async def test_a_key_is_pressed_for_another_and_works_at_once(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "keymap")
        await choose(driver, "bind:app.keys")
        assert isinstance(driver.app.screen, PressScreen)
        await driver.pilot.press("ctrl+g")
        await loaded(driver)
        assert (row(driver, "bind:app.keys").value, row(driver, "bind:app.keys").mark) == (
            "Ctrl+G",
            "•",
        )
        await driver.pilot.press("f1")
        assert driver.app.screen is area(driver)
        await driver.pilot.press("ctrl+g")
        await driver.pilot.pause()
        assert type(driver.app.screen).__name__ == "HelpScreen"
    assert '[tui.keys]\n"app.keys" = "ctrl+g"\n' in (home / "config.toml").read_text()


async def test_a_key_that_is_taken_is_taken_at_the_second_press_only(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "keymap")
        await choose(driver, "bind:chat.new")
        await driver.pilot.press("ctrl+q")  # quits, were it not for the dialog
        await driver.pilot.pause()
        said = str(driver.app.screen.query_one("#pressed", Static).content)
        assert "Ctrl+Q would be chat.new and app.quit" in said
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert driver.app.screen is area(driver)
        assert (home / "config.toml").read_text() == FILE


async def test_a_changed_key_goes_back_to_what_it_was(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    (home / "config.toml").write_text('[tui.keys]\nchat.new = "ctrl+g"\n')
    async with driven(core, tmp_path) as driver:
        await at(driver, "keymap")
        listed = area(driver).query_one(Rows)
        listed.highlighted = [one.key for one in rows(driver)].index("bind:chat.new")
        await driver.pilot.press("delete")
        await loaded(driver)
        assert row(driver, "bind:chat.new").value == "Ctrl+N"


async def test_health_says_what_is_wrong_first_and_its_remedy_is_copied(
    core: RealCore, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "health")
        first = rows(driver)[0]
        assert (first.mark, first.name) == ("✗", "index")
        assert "copilot index add" in first.about
        await driver.pilot.press("y")
        assert driver.app.clipboard == "copilot index add PATH"


async def test_where_things_are_and_who_asks_is_told(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        await at(driver, "here")
        told = {one.name: one.value for one in rows(driver)}
        assert told["Who asks"] == "local"
        assert told["Configuration"] == str(home / "config.toml")


async def test_a_broken_configuration_is_mended_here(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    (home / "config.toml").write_text('[search]\nlimit = "x"\n')
    async with driven(core, tmp_path) as driver:
        await at(driver, "here")
        assert rows(driver)[0].mark == "✗"
        assert "search.limit must be a whole number" in rows(driver)[0].name
        area(driver).visit("search.limit")
        await loaded(driver)
        await driver.pilot.press("delete")
        await loaded(driver)
        assert row(driver, "set:search.limit").value == "10"


async def test_all_of_it_can_be_done_with_the_mouse(
    core: RealCore, home: Path, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=WIDE) as driver:
        await driver.pilot.press("f8")
        await loaded(driver)
        await driver.pilot.click("#pages", offset=(3, 1))
        await loaded(driver)
        await driver.pilot.click("#rows", offset=(5, 1))
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, LineScreen)
        await driver.pilot.press(*"ollama/x")
        await driver.pilot.click("Doings", offset=(2, 0))
        await loaded(driver)
        assert row(driver, "set:models.answer").value == "ollama/x"
        hint = str(area(driver).query_one(".page-hint", Static).content)
        await driver.pilot.click(".page-hint", offset=(hint.index("reset") + 1, 0))
        await loaded(driver)
        assert row(driver, "set:models.answer").value == "not set"


async def test_a_failure_of_the_core_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    one = calls.Setting("models.answer", '"[b]x[/]\x1b[31m"', "default", '""', "text", "A model.")
    scripted = ScriptedCore(
        replies={
            calls.ReadSettings: calls.SettingsRead((one,), "config.toml", {}),
            calls.ReadKeys: StorageError("the keyring is locked", hint="Unlock it."),
            calls.TestModel: ModelAuthError("the key is wrong", hint="copilot keys set openai"),
        }
    )
    async with driven(scripted, tmp_path) as driver:
        await at(driver, "keys")
        assert any(one == "the keyring is locked|Unlock it." for one in toasts(driver))
        await at(driver, "all")
        assert row(driver, "set:models.answer").value == '"[b]x[/]"'
        assert "[b]x[/]" in driver.screen_text()
        area(driver).action_test()
        await loaded(driver)
        assert any(one == "the key is wrong|copilot keys set openai" for one in toasts(driver))


async def test_a_narrow_screen_shows_the_pages_or_what_is_on_one(
    core: RealCore, tmp_path: Path
) -> None:
    async with driven(core, tmp_path, size=(40, 12)) as driver:
        await driver.pilot.press("f8")
        await loaded(driver)
        assert area(driver).query_one("#pages").region.width > 30
        assert not area(driver).query_one("#page").region
        await driver.pilot.press("down", "enter")
        await loaded(driver)
        assert area(driver).query_one("#page").region.width > 30
        assert not area(driver).query_one("#pages").region
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert area(driver).query_one("#pages").region


async def test_a_turn_that_runs_goes_on_while_the_configuration_changes(
    core: RealCore, home: Path
) -> None:
    before = core.parts.ready()
    assert isinstance(before, Copilot)
    change = calls.ChangeSetting("search.limit", "3")
    await core.call(change, calls.SettingChanged)
    assert before.settings.search.limit == 5
    assert core.parts.ready().settings.search.limit == 3
    assert core.parts.ready().paths == Paths.from_environment({"COPILOT_HOME": str(home)})
