"""The README tells what the code does: its examples run, its tables are complete."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from copilot.errors import ExitCode
from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# After this heading `copilot` is the installed command; before it stands the set-up itself,
# which .ci/run executes from a clean clone.
TASKS = README[README.index("## Four tasks") :]
EXAMPLES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", TASKS, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_of_the_readme_runs(line: str, handbook_home: Path) -> None:
    command = line.partition("  #")[0].replace(
        "copilot ", f"{shlex.quote(sys.executable)} -m copilot.cli "
    )
    done = subprocess.run(
        ["bash", "-c", command],
        input="sk-example",
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(handbook_home),
            "COPILOT_HOME": str(handbook_home),
            "COPILOT_PASSPHRASE": "only for this test",
        },
        check=False,
    )
    # Only the follow-up may be more than the handbook holds.
    assert done.returncode in ((0, 10) if "ask -c" in line else (0,)), done.stderr
    assert done.stdout


def test_the_configuration_example_is_valid(tmp_path: Path, cli: Cli) -> None:
    toml = "\n".join(re.findall(r"```toml\n(.*?)```", README, re.DOTALL))
    file = tmp_path / "config.toml"
    file.write_text(toml, encoding="utf-8")
    done = cli("config", "check", str(file))
    assert done.code == 0, done.err


def test_every_exit_code_is_in_the_readme_and_in_the_help(cli: Cli) -> None:
    table = README[README.index("## Exit codes") : README.index("## Where things live")]
    shown = " ".join(cli("--help").out.replace("│", " ").split())
    for code in ExitCode:
        if code in (ExitCode.NO_SHIP, ExitCode.INCONCLUSIVE):
            continue  # no command returns them yet
        assert re.search(rf"\| {code.value} \|", table), code
        assert re.search(rf"\b{code.value} [a-z]", shown), code


def test_the_set_up_is_two_commands() -> None:
    blocks = re.findall(r"<!-- (first|second) command -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert [name for name, _ in blocks] == ["first", "second"]
    assert all(len(body.strip().splitlines()) == 1 for _, body in blocks)
