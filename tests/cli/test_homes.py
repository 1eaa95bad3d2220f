"""No home, an unset HOME, a read-only home: one clear error each, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Finished
from tests.corpora import REPOSITORY
from tests.privileges import obey_permissions

# A user whom the user database doesn't know, as in many containers.
_STRANGER = """
import pwd, sys
def unknown(_):
    raise KeyError("no such user")
pwd.getpwuid = unknown
from copilot.cli.main import main
sys.argv = ["copilot", *sys.argv[1:]]
main()
"""


def copilot(*arguments: str, env: dict[str, str], code: str = "", stdin: str = "") -> Finished:
    start = ["-c", code] if code else ["-m", "copilot.cli"]
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", **env},
        preexec_fn=obey_permissions,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that can't be written, nor anything made in it."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o500)
    probe = subprocess.run(
        ["mkdir", str(folder / "probe")],
        preexec_fn=obey_permissions,
        capture_output=True,
        check=False,
    )
    assert probe.returncode != 0, "the folder can be written: these tests would prove nothing"
    yield folder
    folder.chmod(0o700)


@pytest.mark.parametrize("arguments", [["config", "init"], ["config", "path"]], ids=" ".join)
def test_without_any_home_the_variable_to_set_is_named(arguments: list[str]) -> None:
    done = copilot(*arguments, env={}, code=_STRANGER)
    assert done.code == 2
    assert "HOME is not set" in done.err
    assert "COPILOT_HOME=" in done.err
    assert not (REPOSITORY / "~").exists()


def test_without_any_home_settings_and_doctor_still_work() -> None:
    assert copilot("config", "show", env={}, code=_STRANGER).code == 0
    done = copilot("doctor", env={}, code=_STRANGER)
    assert done.code == 2
    assert "nowhere to keep anything" in done.out
    assert "terminal" in done.out


def test_a_home_that_is_not_a_folder_is_named() -> None:
    done = copilot("config", "init", env={"HOME": "/dev/null"})
    assert done.code == 2
    assert "/dev/null is not a folder" in done.err
    assert "COPILOT_HOME=" in done.err


@pytest.mark.parametrize(
    "command",
    [["config", "init"], ["keys", "set", "openai", "--store", "file"]],
    ids=" ".join,
)
@pytest.mark.parametrize("inside", ["", "below/it"])
def test_a_read_only_home_is_a_clear_error(
    command: list[str], inside: str, read_only: Path
) -> None:
    env = {"COPILOT_HOME": str(read_only / inside), "COPILOT_PASSPHRASE": "long enough"}
    done = copilot(*command, env=env, stdin="secret")
    assert done.code == 2
    assert f"{read_only} can't be written" in done.err
    assert "COPILOT_HOME=" in done.err
    assert list(read_only.iterdir()) == []


def test_the_doctor_says_that_a_home_is_read_only(read_only: Path) -> None:
    done = copilot("doctor", env={"COPILOT_HOME": str(read_only)})
    assert done.code == 2
    assert f"{read_only} can't be written" in done.out


def test_a_home_whose_name_no_database_can_open_is_named(tmp_path: Path) -> None:
    home = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    for command in (["index", "add", str(REPOSITORY / "README.md")], ["doctor"]):
        done = copilot(*command, env={"COPILOT_HOME": home})
        assert done.code == 2
        assert "not UTF-8" in done.out + done.err
        assert "COPILOT_HOME=" in done.out + done.err
    assert not any(tmp_path.iterdir())


def test_nothing_is_left_outside_the_home(cli: Cli, tmp_path: Path) -> None:
    user, note = tmp_path / "user", tmp_path / "note.md"
    user.mkdir()
    note.write_text("# Printer\n\nThe printer is in room 12.\n", encoding="utf-8")
    for command in (["index", "add", str(note)], ["ask", "Where is the printer?"], ["doctor"]):
        assert cli(*command, env={"HOME": str(user)}).code == 0
    assert list(user.rglob("*")) == []


def test_what_lies_in_the_home_is_private(cli: Cli, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Printer\n\nThe printer is in room 12.\n", encoding="utf-8")
    assert cli("index", "add", str(note)).code == 0
    assert cli("config", "init").code == 0
    home = tmp_path / "home"
    for place in (home, *home.iterdir()):
        assert place.stat().st_mode & 0o077 == 0, f"others may look into {place}"
