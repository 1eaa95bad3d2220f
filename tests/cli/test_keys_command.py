"""``copilot keys`` from outside: stored hidden, listed by name, never shown."""

from __future__ import annotations

import os
import pty
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
    files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert all(SECRET.encode() not in file.read_bytes() for file in files)

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
    for arguments in (["openai", SECRET], [SECRET, "openai"], [SECRET]):
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


def on_terminal(
    *arguments: str, home: Path, replies: list[tuple[str, str]], env: dict[str, str]
) -> tuple[int, str]:
    """Run ``copilot`` on a terminal of its own; to each prompt its reply. Code and all shown."""
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(REPOSITORY)
        command = [sys.executable, "-m", "copilot.cli", *arguments]
        environment = {"PATH": os.environ["PATH"], "COPILOT_HOME": str(home), **env}
        os.execve(sys.executable, command, environment)
    shown, since = "", 0
    waiting = list(replies)
    while True:
        if waiting and waiting[0][0] in shown[since:]:
            since = len(shown)
            os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
        try:
            more = os.read(terminal, 1000)
        except OSError:  # how Linux says that the other end has closed
            break
        if not more:
            break
        shown += more.decode()
    os.close(terminal)
    _, status = os.waitpid(process_id, 0)
    assert not waiting, f"never asked for {waiting[0][0]!r}: {shown}"
    return os.waitstatus_to_exitcode(status), shown


def test_on_a_terminal_key_and_passphrase_are_asked_for_without_echo(tmp_path: Path) -> None:
    phrase = PASSPHRASE["COPILOT_PASSPHRASE"]
    command = ("keys", "set", "openai", "--store", "file")
    replies = [("not shown", SECRET), ("New passphrase", phrase), ("Once more", phrase)]
    code, shown = on_terminal(*command, home=tmp_path, replies=replies, env={})
    assert code == 0, shown
    assert SECRET not in shown
    assert phrase not in shown

    replies = [("not shown", "sk-other"), ("Passphrase", phrase)]
    assert on_terminal(*command, home=tmp_path, replies=replies, env={})[0] == 0
    replies = [("not shown", "sk-other"), ("Passphrase", "a wrong one")]
    assert on_terminal(*command, home=tmp_path, replies=replies, env={})[0] == 2


def test_a_new_passphrase_that_is_mistyped_stores_nothing(tmp_path: Path) -> None:
    replies = [("not shown", SECRET), ("New passphrase", "correct horse"), ("Once more", "other")]
    command = ("keys", "set", "openai", "--store", "file")
    code, shown = on_terminal(*command, home=tmp_path, replies=replies, env={})
    assert code == 2
    assert "differ" in shown
    assert not (tmp_path / "keys.json").exists()
