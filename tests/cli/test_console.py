"""What every command has in common: streams, pipes that close, warnings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, run_cli
from tests.corpora import REPOSITORY


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "config", "show"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "COPILOT_HOME": str(tmp_path)},
        check=False,
    )
    os.close(writer)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize("shut", ["<&-", ">&-", "2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_or_full_is_no_bug(shut: str, tmp_path: Path) -> None:
    done = shell(f"config show {shut}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    asked = shell(f"ask {shut}", tmp_path)
    assert asked.returncode == 2
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("arguments", ["config show", "config show --json", "stats --json"])
def test_a_full_stdout_is_a_failure_of_storage(arguments: str, tmp_path: Path) -> None:
    done = shell(f"{arguments} > /dev/full", tmp_path)
    assert done.returncode == 5
    assert done.stderr == "copilot: stdout can't be written: No space left on device\n"


def shell(arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """``copilot`` with redirections, asked nothing on stdin."""
    return subprocess.run(
        ["bash", "-c", f"{sys.executable} -m copilot.cli {arguments}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "COPILOT_HOME": str(home)},
        check=False,
    )


@pytest.mark.parametrize("group", [[], ["index"], ["runs"], ["keys"], ["config"]], ids=str)
def test_a_command_without_its_part_shows_its_help_and_nothing_more(
    group: list[str], cli: Cli
) -> None:
    done = cli(*group)
    assert done.code == 2
    assert "Usage: copilot" in done.out
    assert done.err == ""


_NARROW = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def test_json_is_valid_in_an_encoding_that_lacks_letters(handbook: Cli) -> None:
    done = handbook("search", "Gebühr £180 😀", "--json", env=_NARROW)
    assert done.code == 0
    assert done.envelope["query"] == "Gebühr £180 😀"
    assert done.out.isascii()


def test_bytes_that_are_no_text_are_searched_for_as_unknown_characters(handbook: Cli) -> None:
    odd = os.fsdecode(b"backup \xff")
    assert handbook("search", odd, "--json").envelope["query"] == "backup \ufffd"
    assert handbook("ask", odd, "--json").envelope["status"] in ("answered", "abstained")
    for narrowed in ("--path", "--source"):
        assert handbook("search", "backup", narrowed, odd, "--json").envelope["hits"] == []
    done = handbook("runs", "show", odd)
    assert (done.code, "there is no run" in done.err) == (3, True)


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_question_is_refused_and_no_run(command: str, text: str, cli: Cli) -> None:
    for done in (cli(command, text), cli(command, stdin=text)):
        assert done.code == 2
        assert "the question is empty" in done.err
    assert cli("runs", "list").out == ""


def test_an_index_without_documents_is_listed_as_such(cli: Cli) -> None:
    done = cli("index", "list")
    assert (done.code, done.out) == (0, "")
    assert "no documents" in done.err


def test_documents_are_listed_by_a_relative_path_too(handbook_home: Path) -> None:
    done = run_cli("index", "list", "data/handbook/runbooks", "--json", home=handbook_home)
    assert done.code == 0
    runbooks = (REPOSITORY / "data" / "handbook" / "runbooks").rglob("*.md")
    assert {line["path"] for line in done.lines} == {str(path) for path in runbooks}
    assert all("/runbooks/" in line["path"] for line in done.lines)


def test_a_warning_never_carries_control_characters(tmp_path: Path, cli: Cli) -> None:
    project = tmp_path / "a\x1b[31mb"
    project.mkdir()
    (project / ".copilot.toml").write_text("[search]\nlimit = 3\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "ask", "anything?"],
        capture_output=True,
        text=True,
        cwd=project,
        env={
            "PATH": "/usr/bin:/bin",
            "COPILOT_HOME": str(tmp_path / "home"),
            "PYTHONPATH": str(REPOSITORY),
        },
        check=False,
    )
    assert ".copilot.toml" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(("besides", "frozen"), [("sys", True), ("duckdb", False)])
def test_a_program_that_ends_looks_for_no_garbage(besides: str, frozen: bool) -> None:
    ends = (
        f"import atexit, gc, sys, {besides}; from copilot.cli.main import main\n"
        "from copilot.adapters.models.loading import load_litellm; load_litellm()\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "sys.argv = ['copilot', '--version']; main()"
    )
    done = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(frozen)
    assert done.stderr == ""
