"""The bare command: the application on a terminal, help everywhere else."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.paged import QUESTION, paged_home
from tests.terminal import COMMAND, ENTERS, LEAVES, Terminal

_BREAKS = """
from copilot.cli.application import open_application
from copilot.cli.main import main
from copilot.tui.chat import ChatArea
def breaks(self):
    secret = "sk-" + "leak"
    raise RuntimeError("a widget broke" if secret else "")
ChatArea.action_new = breaks
main()
"""

_DEAF = ("sh", "-c", 'trap "" HUP; exec "$0" "$@"', *COMMAND)


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@contextmanager
def opened(terminal: Terminal) -> Iterator[Terminal]:
    """Once it shows itself."""
    try:
        terminal.until(b"Ask your documents")
        yield terminal
    finally:
        terminal.close()


def test_without_a_terminal_it_is_the_help(cli: Cli) -> None:
    done = cli()
    assert done.code == 2
    assert "Without a command it opens the terminal application" in " ".join(done.out.split())


def test_where_it_could_not_draw_it_is_the_help(tmp_path: Path) -> None:
    shell = ["sh", "-c", f"exec {' '.join(COMMAND)} 2>{tmp_path}/errors"]
    terminal = Terminal(tmp_path, shell)
    assert terminal.ended() == 2
    assert b"Usage" in terminal.seen
    assert ENTERS not in terminal.seen
    terminal.close()


def test_on_a_terminal_it_opens_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with opened(Terminal(tmp_path)) as terminal:
        assert ENTERS in terminal.seen
        terminal.press(b"\x11")
        assert terminal.ended() == 0
        assert LEAVES in terminal.seen
        assert terminal.is_sane()


def test_inline_it_keeps_the_terminals_own_scrollback(tmp_path: Path) -> None:
    with opened(Terminal(tmp_path, [*COMMAND, "--inline"])) as terminal:
        terminal.press(b"\x11")
        assert terminal.ended() == 0
        assert ENTERS not in terminal.seen
        assert terminal.is_sane()


def test_a_bug_in_a_widget_leaves_the_terminal_sane_the_talk_saved_and_says_where_the_log_is(
    paged: Path,
) -> None:
    with opened(Terminal(paged, [sys.executable, "-c", _BREAKS])) as terminal:
        terminal.press(QUESTION.encode() + b"\r")
        terminal.until(b"45 minutes to acknowledge")
        terminal.until(b"borne out")
        terminal.press(b"\x0e")
        assert terminal.ended() == 70
        shown = terminal.seen.rpartition(LEAVES)[2].decode()
        assert "a bug ended the application" in shown
        assert str(next(paged.rglob("copilot.log"))) in "".join(shown.split("\r\n"))
        assert terminal.is_sane()
    assert b"sk-leak" not in terminal.seen
    assert "a widget broke" in next(paged.rglob("copilot.log")).read_text()
    assert QUESTION in "".join(told(paged))


def test_a_core_that_dies_is_told_and_the_next_question_starts_another(paged: Path) -> None:
    with opened(Terminal(paged)) as terminal:
        terminal.until(b"quoting")
        core = core_of(terminal)
        os.kill(core, signal.SIGKILL)
        assert ends(core)
        terminal.press(b"who is paged then?\r")
        terminal.until(b"the backup is paged")
        terminal.press(b"\x11")
        assert terminal.ended() == 0
        assert terminal.is_sane()
    assert "who is paged then?" in "".join(told(paged))


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGKILL], ids=["hang-up", "kill"])
def test_a_terminal_that_is_closed_ends_it_and_its_core(paged: Path, how: signal.Signals) -> None:
    with opened(Terminal(paged)) as terminal:
        terminal.until(b"quoting")
        core = core_of(terminal)
        terminal.process.send_signal(how)
        assert terminal.ended() == -how
        assert ends(core)


@pytest.mark.parametrize(
    ("command", "code"),
    [(COMMAND, -signal.SIGHUP), (_DEAF, 128 + signal.SIGHUP)],
    ids=["as usual", "hang-ups ignored"],
)
def test_a_terminal_that_vanishes_without_a_word_ends_it_and_its_core(
    paged: Path, command: Sequence[str], code: int
) -> None:
    with opened(Terminal(paged, command)) as terminal:
        terminal.until(b"quoting")
        core = core_of(terminal)
        terminal.vanish()
        assert terminal.process.wait(timeout=30) == code
        assert ends(core)


@pytest.mark.parametrize(
    ("how", "inline"),
    [(signal.SIGTERM, []), (signal.SIGTERM, ["--inline"]), (signal.SIGINT, [])],
    ids=["end", "end-inline", "interrupt"],
)
def test_who_tells_it_to_end_gets_the_terminal_back(
    paged: Path, how: signal.Signals, inline: list[str]
) -> None:
    with opened(Terminal(paged, [*COMMAND, *inline])) as terminal:
        terminal.until(b"quoting")
        core = core_of(terminal)
        terminal.process.send_signal(how)
        assert terminal.ended() == 128 + how
        assert terminal.is_sane()
        assert ends(core)


def test_stopped_it_gives_the_terminal_back_and_continued_it_draws_all_again(paged: Path) -> None:
    with opened(Terminal(paged)) as terminal:
        terminal.until(b"quoting")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.until(LEAVES)
        assert comes_to(terminal.process.pid, "T")
        assert terminal.is_sane()
        terminal.seen = b""
        terminal.process.send_signal(signal.SIGCONT)
        for words in (ENTERS, b"Dashboard", b"Ask your documents", b"quoting"):
            terminal.until(words)


def told(home: Path) -> Iterator[str]:
    """What conversations hold."""
    for file in (home / "sessions").rglob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.dumps(json.loads(line))


def core_of(terminal: Terminal) -> int:
    children = Path(f"/proc/{terminal.process.pid}/task").glob("*/children")
    [core] = {int(one) for listed in children for one in listed.read_text().split()}
    return core


def ends(process: int) -> bool:
    """Whether it is gone once it has done what it was at, which is a matter of seconds."""
    return comes_to(process, "Z")


def comes_to(process: int, state: str) -> bool:
    until = time.monotonic() + 30
    while state_of(process) not in (state, ""):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def state_of(process: int) -> str:
    """T: stopped, Z: dead; empty where it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""
