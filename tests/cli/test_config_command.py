"""``copilot config`` from outside: write, show, check, locate, trust."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, run_cli


def test_init_writes_a_private_file_once(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "home/config.toml"
    assert cli("config", "init").out.strip() == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("[search]\nlimit = 3\n")

    again = cli("config", "init")
    assert again.code == 2
    assert "exists already" in again.err
    assert file.read_text() == "[search]\nlimit = 3\n"

    assert cli("config", "init", "--force").code == 0
    assert file.with_name("config.toml.bak").read_text() == "[search]\nlimit = 3\n"


def test_show_names_value_and_origin(cli: Cli, tmp_path: Path) -> None:
    cli("config", "init")
    file = tmp_path / "home/config.toml"
    file.write_text("[answer]\nmax_words = 99\n")
    shown = cli("config", "show", "--json", env={"COPILOT_SEARCH__LIMIT": "7"}).envelope
    assert shown["kind"] == "config"
    assert shown["schema_version"] == 1
    assert shown["settings"]["search"]["limit"] == 7
    assert shown["provenance"]["search.limit"] == "environment COPILOT_SEARCH__LIMIT"
    assert shown["provenance"]["answer.max_words"] == f"user file {file}:2"
    assert shown["provenance"]["index.hidden"] == "default"
    text = cli("config", "show").out
    assert any(
        line.startswith("max_words = 99") and line.endswith(f"# user file {file}:2")
        for line in text.splitlines()
    )


def test_what_show_prints_is_a_valid_file_with_the_same_meaning(cli: Cli, tmp_path: Path) -> None:
    shown = cli("config", "show").out
    assert "abstain_below" in shown
    file = tmp_path / "shown.toml"
    file.write_text(shown)
    assert cli("config", "check", str(file)).code == 0


def test_check_lists_every_mistake_and_exits_2(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[search]\nlimt = 1\n[output]\ncolor = "blue"\n')
    done = cli("config", "check", str(file))
    assert done.code == 2
    assert f"{file}:2" in done.out
    assert "Did you mean search.limit?" in done.out
    assert f"{file}:4" in done.out
    envelope = cli("config", "check", str(file), "--json").envelope
    assert envelope["ok"] is False
    assert len(envelope["problems"]) == 2
    assert cli("config", "check").code == 0
    assert cli("config", "check", str(tmp_path / "absent.toml")).code == 2


def test_check_knows_the_themes_and_bindings_of_the_application(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "home/config.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('[tui]\ntheme = "norde"\n[tui.keys]\napp.quitt = "ctrl+x"\n')
    done = cli("config", "check")
    assert done.code == 2
    assert "config.toml:2: there is no theme norde.\n  Did you mean nord?" in done.out
    assert "there is no binding app.quitt.\n  Did you mean app.quit?" in done.out
    assert cli("config", "show").code == 0, "what else copilot does is not hindered by it"
    file.write_text('[tui]\ntheme = "nord"\n[tui.keys]\napp.quit = "ctrl+x"\n')
    assert cli("config", "check").code == 0


def test_a_mistake_in_the_configuration_stops_other_commands_with_its_place(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/config.toml").write_text("[search]\nlimt = 1\n")
    done = cli("config", "show", "--json")
    assert done.code == 2
    error = done.envelope["error"]
    assert error["type"] == "ConfigError"
    assert "config.toml:2" in error["message"]
    assert "search.limit" in error["hint"]


def test_hostile_text_in_a_file_never_reaches_the_terminal_raw(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "hostile.toml"
    file.write_text('"\\u001b]0;owned\\u0007\\u202e" = 1\n[search]\nlimit = "\\u001b[31mred"\n')
    for arguments in (["config", "check", str(file)], ["config", "check", str(file), "--json"]):
        done = cli(*arguments)
        assert done.code == 2
        assert "\x1b" not in done.out + done.err
    assert "\u202e" not in cli("config", "check", str(file)).out


def test_path_prints_one_place_for_scripts(cli: Cli, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert cli("config", "path").out == f"{home}/config.toml\n"
    assert cli("config", "path", "index").out == f"{home}/index\n"
    assert cli("config", "path", "nowhere").code == 2
    assert cli("config", "path", "--json").envelope["paths"]["ledger"] == f"{home}/ledger"
    assert not home.exists()


def test_trust_takes_a_valid_file_and_can_be_taken_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = tmp_path / "project.toml"
    file.write_text("[search]\nlimit = 4\n")
    done = run_cli("config", "trust", str(file), home=home)
    assert done.code == 0
    assert "search.limit" in done.err
    assert run_cli("config", "trust", str(file), "--remove", home=home).code == 0
    assert run_cli("config", "trust", str(file), "--remove", home=home).code == 3
    file.write_text("[search]\nlimt = 4\n")
    assert run_cli("config", "trust", str(file), home=home).code == 2


@pytest.mark.parametrize("command", [["config", "init"], ["keys", "set", "openai", "--store=file"]])
def test_a_home_that_cannot_be_made_is_one_clear_error(command: list[str], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = run_cli(
        *command,
        home=blocked / "home",
        stdin="secret-key",
        env={"COPILOT_PASSPHRASE": "long enough"},
    )
    assert done.code == 2
    assert "is not a folder" in done.err
    assert "COPILOT_HOME=" in done.err
    assert "Traceback" not in done.err
