"""The command as its users run it: a process of its own, a home of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.corpora import REPOSITORY
from tests.forking import Forks

PASSPHRASE = {"COPILOT_PASSPHRASE": "correct horse battery"}


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        envelope = json.loads(self.out)
        assert isinstance(envelope, dict)
        return envelope

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The NDJSON on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


Cli = Callable[..., Finished]

# Variables that a program reads when it runs, not when its interpreter begins.
_READ_LATER = ("PATH", "HOME", "TZ", "OPENAI_API_KEY", "OPENAI_API_BASE")


@cache
def forks() -> Forks:
    """One process that is forked for each that runs tests."""
    made = Forks(REPOSITORY)
    atexit.register(made.close)
    return made


def run_cli(
    *arguments: str,
    home: Path,
    stdin: str | bytes = "",
    env: dict[str, str] | None = None,
    timeout: float = 120,
) -> Finished:
    """Run ``copilot`` with ``arguments``; nothing of this process's environment but PATH.

    An environment that Python itself reads when it begins has a new interpreter.
    """
    data = stdin.encode() if isinstance(stdin, str) else stdin
    path = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    whole = {**path, "HOME": str(home), "COPILOT_HOME": str(home), **(env or {})}
    if all(name in _READ_LATER or name.startswith("COPILOT_") for name in whole):
        done = forks().run(arguments, env=whole, stdin=data, timeout=timeout)
    else:
        done = subprocess.run(
            [sys.executable, "-m", "copilot.cli", *arguments],
            input=data,
            capture_output=True,
            cwd=REPOSITORY,
            env=whole,
            timeout=timeout,
            check=False,
        )
    return Finished(
        done.returncode,
        done.stdout.decode("utf-8", errors="replace"),
        done.stderr.decode("utf-8", errors="replace"),
    )


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """``copilot`` in an empty home."""
    home = tmp_path / "home"

    def run(*arguments: str, **options: Any) -> Finished:
        return run_cli(*arguments, **{"home": home, **options})

    return run


@pytest.fixture(scope="session")
def handbook_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index holds the sample handbook; tests must not change the index."""
    home = tmp_path_factory.mktemp("handbook-home")
    done = run_cli("index", "add", "data/handbook", home=home, timeout=300)
    assert done.code == 0, done.err
    return home


@pytest.fixture
def handbook(handbook_home: Path) -> Cli:
    """``copilot`` in a home that knows the sample handbook."""

    def run(*arguments: str, **options: Any) -> Finished:
        return run_cli(*arguments, **{"home": handbook_home, **options})

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of ``cli``, which isn't made yet."""
    return tmp_path / "home"


@pytest.fixture
def trail(home: Path) -> Path:
    return home / "ledger" / "audit.jsonl"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    file = tmp_path / "project" / ".copilot.toml"
    file.parent.mkdir()
    file.write_text("[search]\nlimit = 5\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def audited_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose trail has four entries; to be copied."""
    folder = tmp_path_factory.mktemp("audited")
    home, file = folder / "home", folder / ".copilot.toml"
    file.write_text("[search]\nlimit = 5\n", encoding="utf-8")
    for _ in range(2):
        assert run_cli("config", "trust", str(file), home=home).code == 0
        assert run_cli("config", "trust", "--remove", str(file), home=home).code == 0
    return home


@pytest.fixture
def audited(cli: Cli, home: Path, audited_home: Path) -> Cli:
    """``copilot`` in a home whose trail has four entries."""
    shutil.copytree(audited_home, home)
    return cli


def audit_entries(cli: Cli, *options: str) -> list[tuple[str, str, dict[str, object]]]:
    """Action, subject and detail of each entry that ``audit list`` tells, newest first."""
    found = [line["entry"] for line in cli("audit", "list", "--json", *options).lines]
    return [(entry["action"], entry["subject"], entry["detail"]) for entry in found]
