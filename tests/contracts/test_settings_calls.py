"""What the core answers about settings, keys and health."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from copilot.calls import settings as asked
from copilot.calls.asking import Done, Standing, Stands
from copilot.config.looks import Looks, read_looks
from copilot.errors import ConfigError, NotFoundError, UsageError
from copilot.testing.openai_server import OpenAIServer, text
from copilot.tui.core import Core
from tests.tui.driving import real_core

SECRET = "sk-not-to-be-seen-anywhere-0123456789"
FILE = "# mine\n[search]\nlimit = 5  # enough\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(FILE)
    return home


@pytest.fixture
def core(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Core]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    monkeypatch.setenv("COPILOT_PASSPHRASE", "a long one for tests")
    monkeypatch.setenv("COPILOT_INDEX__HIDDEN", "true")
    yield real_core(home, monkeypatch)
    keyring.set_keyring(before)
    assert SECRET not in "".join(capfd.readouterr())


def contents(home: Path) -> list[bytes]:
    return [file.read_bytes() for file in home.rglob("*") if file.is_file()]


async def setting(core: Core, key: str) -> asked.Setting:
    told = await core.call(asked.ReadSettings(), asked.SettingsRead)
    [found] = [one for one in told.settings if one.key == key]
    return found


async def change(core: Core, key: str, value: str | None, name: str = "") -> asked.SettingChanged:
    return await core.call(asked.ChangeSetting(key, value, name), asked.SettingChanged)


async def test_a_setting_says_where_it_comes_from(core: Core, home: Path) -> None:
    limit, hidden = await setting(core, "search.limit"), await setting(core, "index.hidden")
    assert (limit.value, limit.default, limit.kind) == ("5", "10", "whole number")
    assert limit.origin == f"user file {home}/config.toml:3"
    assert (hidden.value, hidden.origin) == ("true", "environment COPILOT_INDEX__HIDDEN")
    assert (await setting(core, "models.answer")).origin == "default"


async def test_a_change_is_written_and_in_force_for_the_next_call(core: Core, home: Path) -> None:
    assert (await core.call(Standing(), Stands)).model == ""
    told = await change(core, "models.answer", "openai/scripted")
    assert (told.value, told.in_force) == ('"openai/scripted"', True)
    assert (await core.call(Standing(), Stands)).model == "openai/scripted"
    assert (home / "config.toml").read_text() == (FILE + '\n[models]\nanswer = "openai/scripted"\n')
    await change(core, "models.answer", None)
    assert (await core.call(Standing(), Stands)).model == ""


async def test_a_change_goes_into_the_audit_trail(core: Core, home: Path) -> None:
    await change(core, "search.limit", "7")
    [entry] = map(json.loads, (home / "ledger" / "audit.jsonl").read_text().splitlines())
    assert entry["action"] == "config.set"
    assert entry["detail"]["setting"] == "search.limit"


async def test_what_goes_before_the_file_is_said(core: Core) -> None:
    told = await change(core, "index.hidden", "false")
    assert (told.value, told.origin) == ("true", "environment COPILOT_INDEX__HIDDEN")
    assert not told.in_force


@pytest.mark.parametrize(
    ("key", "value", "error", "message"),
    [
        ("search.limit", "many", ConfigError, "search.limit must be a whole number"),
        ("search.limit", "0", ConfigError, "search.limit must be at least 1"),
        ("models.key", SECRET, ConfigError, "looks like a key"),
        ("output.color", "red", ConfigError, "one of"),
        ("serch.limit", "1", UsageError, "no setting serch.limit"),
    ],
)
async def test_a_wrong_value_changes_nothing(
    core: Core, home: Path, key: str, value: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        await change(core, key, value)
    assert SECRET not in str(caught.value)
    assert (home / "config.toml").read_text() == FILE


async def test_a_broken_configuration_is_mended_from_here(core: Core, home: Path) -> None:
    (home / "config.toml").write_text("[search]\nlimit = 'x'\n[index]\nhiden = true\n")
    with pytest.raises(ConfigError):
        await core.call(Standing(), Stands)
    told = await core.call(asked.ReadSettings(), asked.SettingsRead)
    assert len(told.problems) == 2
    assert not (await change(core, "search.limit", "3")).in_force  # the other one stands yet
    told = await core.call(asked.ReadSettings(), asked.SettingsRead)
    assert [one.hint for one in told.problems] == ["Did you mean index.hidden?"]
    (home / "config.toml").write_text("[search]\nlimit = 3\n")
    assert await core.call(Standing(), Stands)


async def test_looks_are_kept_when_they_change(core: Core, home: Path) -> None:
    await change(core, "tui.theme", "nord")
    await change(core, "tui.keys", "ctrl+x", "app.quit")
    told = await core.call(asked.ReadLooks(), asked.LooksRead)
    assert told == asked.LooksRead("nord", {"app.quit": "ctrl+x"})
    assert read_looks(home / "looks.json") == Looks("nord", {"app.quit": "ctrl+x"})
    await change(core, "tui.keys", None, "app.quit")
    assert read_looks(home / "looks.json") == Looks("nord", {})


async def test_a_key_is_kept_and_said_where_but_never_told(core: Core, home: Path) -> None:
    await change(core, "models.answer", "openai/scripted")
    kept = await core.call(asked.StoreKey("OpenAI", SECRET), asked.KeyKept)
    assert (kept.name, kept.store, kept.used) == ("openai", "file", "file")
    told = await core.call(asked.ReadKeys(), asked.KeysRead)
    assert told.keys == (asked.KeyStored("openai", "file", used=True),)
    assert told.needed == ("openai",)
    assert told.keyring
    assert SECRET not in repr(asked.StoreKey("openai", SECRET))
    assert not any(SECRET.encode() in content for content in contents(home))
    assert await core.call(asked.RemoveKey("openai"), Done) == Done()
    with pytest.raises(NotFoundError, match="no key called openai"):
        await core.call(asked.RemoveKey("openai"), Done)


async def test_without_a_keyring_and_a_passphrase_it_says_where_else_keys_go(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COPILOT_PASSPHRASE")
    with pytest.raises(ConfigError) as caught:
        await core.call(asked.StoreKey("openai", SECRET), asked.KeyKept)
    assert "COPILOT_KEY_OPENAI" in caught.value.hint


async def test_a_model_is_tested_with_one_small_call(core: Core) -> None:
    with pytest.raises(UsageError, match="No chat model is configured"):
        await core.call(asked.TestModel(), asked.ModelAnswered)
    with OpenAIServer([text("Yes.")]) as server:
        await change(core, "models.api_base", server.url)
        await core.call(asked.StoreKey("openai", SECRET), asked.KeyKept)
        told = await core.call(asked.TestModel("openai/scripted"), asked.ModelAnswered)
    assert (told.model, told.words) == ("openai/scripted", "Yes.")
    assert len(server.requests) == 1


async def test_the_doctor_names_what_is_to_be_done(core: Core) -> None:
    told = await core.call(asked.Examine(), asked.Examined)
    found = {one.check: one for one in told.findings}
    assert found["configuration"].status == "ok"
    assert found["index"].fix
    assert "terminal" not in found
