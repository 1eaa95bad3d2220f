"""What every command has in common: streams, pipes that close, warnings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_documents_are_listed_by_a_relative_path_too(handbook_home: Path) -> None:
    done = run_cli("index", "list", "data/handbook/runbooks", "--json", home=handbook_home)
    assert done.code == 0
    assert len(done.lines) == 8
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
