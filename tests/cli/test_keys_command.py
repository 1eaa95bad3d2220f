"""``copilot keys`` from outside: stored hidden, listed by name, never shown."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

SECRET = "sk-test-do-not-show-1234"
PASSPHRASE = {"COPILOT_PASSPHRASE": "correct horse battery"}
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def test_a_key_goes_from_stdin_into_the_encrypted_file_and_is_listed_by_name(
    cli: Cli, tmp_path: Path
) -> None:
    done = cli("keys", "set", "OpenAI", "--store", "file", stdin=SECRET + "\n", env=PASSPHRASE)
    assert done.code == 0, done.err
    assert "stored in the file" in done.out
    listed = cli("keys", "list", "--json", env=NO_KEYRING)
    assert [(line["name"], line["store"]) for line in listed.lines] == [("openai", "file")]
    assert SECRET not in done.out + done.err + listed.out + listed.err
    assert all(SECRET.encode() not in f.read_bytes() for f in (tmp_path / "home").iterdir())

    assert cli("keys", "remove", "openai", env=PASSPHRASE).code == 0
    assert cli("keys", "list", "--json", env=NO_KEYRING).out == ""
    assert cli("keys", "remove", "openai", env=PASSPHRASE).code == 3


def test_without_a_keyring_the_file_and_the_variable_are_offered(cli: Cli) -> None:
    done = cli("keys", "set", "openai", stdin=SECRET, env=NO_KEYRING)
    assert done.code == 2
    assert "no OS keyring" in done.err
    assert "copilot keys set openai --store file" in done.err
    assert "COPILOT_KEY_OPENAI" in done.err
    assert SECRET not in done.err


def test_a_null_keyring_is_not_believed(cli: Cli) -> None:
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    done = cli("keys", "set", "openai", stdin=SECRET, env=env)
    assert done.code == 2
    assert "switched off" in done.err


def test_a_keyring_backend_that_does_not_exist_is_no_crash(cli: Cli) -> None:
    done = cli(
        "keys", "set", "openai", stdin=SECRET, env={"PYTHON_KEYRING_BACKEND": "no.such.Ring"}
    )
    assert done.code == 2
    assert "--store file" in done.err
    assert "Traceback" not in done.err


def test_a_key_as_an_argument_is_refused_and_not_repeated(cli: Cli) -> None:
    for arguments in (["openai", SECRET], [SECRET]):
        done = cli("keys", "set", *arguments, stdin="x")
        assert done.code == 2
        assert SECRET not in done.out + done.err


def test_a_wrong_passphrase_is_a_clear_error(cli: Cli) -> None:
    cli("keys", "set", "openai", "--store", "file", stdin=SECRET, env=PASSPHRASE)
    wrong = {"COPILOT_PASSPHRASE": "something else"}
    done = cli("keys", "set", "groq", "--store", "file", "--json", stdin=SECRET, env=wrong)
    assert done.code == 2
    assert "passphrase" in done.envelope["error"]["message"]


def test_an_empty_key_is_refused(cli: Cli) -> None:
    done = cli("keys", "set", "openai", "--store", "file", stdin="\n", env=PASSPHRASE)
    assert done.code == 2
    assert "empty" in done.err


def test_a_key_in_the_environment_is_listed_and_not_removable(cli: Cli) -> None:
    env = {**NO_KEYRING, "OPENAI_API_KEY": SECRET}
    listed = cli("keys", "list", "--json", env=env)
    assert [(line["name"], line["store"]) for line in listed.lines] == [("openai", "environment")]
    done = cli("keys", "remove", "openai", env=env)
    assert done.code == 2
    assert "unset OPENAI_API_KEY" in done.err


def test_on_a_terminal_the_key_is_asked_for_without_echo(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "COPILOT_HOME": str(tmp_path), **PASSPHRASE}
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(REPOSITORY)
        command = [sys.executable, "-m", "copilot.cli", "keys", "set", "openai", "--store", "file"]
        os.execve(sys.executable, command, environment)
    shown = b""
    while b"not shown" not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, f"{SECRET}\n".encode())
    while True:
        try:
            more = os.read(terminal, 1000)
        except OSError:  # how Linux says that the other end has closed
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    _, status = os.waitpid(process_id, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert SECRET.encode() not in shown
    listed = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "keys", "list"],
        cwd=REPOSITORY,
        env={**environment, **NO_KEYRING},
        capture_output=True,
        check=True,
    )
    assert b"openai" in listed.stdout
