"""The bare command: the application on a terminal, help everywhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

_ENTERS, _LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """A pseudo-terminal with the application in it."""

    def __init__(self, home: Path, *arguments: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._fd = ours
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "copilot.cli", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COPILOT_HOME": str(home)},
            start_new_session=True,
        )
        os.close(theirs)

    def until(self, words: bytes, *, seconds: float = 60) -> None:
        """Read what it draws until these words are in it."""
        end = time.monotonic() + seconds
        while words not in self.seen:
            left = end - time.monotonic()
            if left <= 0:
                pytest.fail(f"{words!r} never came; seen: {self.seen[-2000:]!r}")
            if select.select([self._fd], [], [], left)[0]:
                try:
                    self.seen += os.read(self._fd, 65_536)
                except OSError:  # the other end is closed
                    break
        assert words in self.seen

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._fd)


def test_without_a_terminal_it_is_the_help(cli: Cli) -> None:
    done = cli()
    assert done.code == 2
    assert "Without a command it opens the terminal application" in " ".join(done.out.split())


def test_on_a_terminal_it_opens_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    try:
        terminal.until(_ENTERS)
        terminal.until(b"Ask your documents")
        terminal.press(b"\x11")
        terminal.until(_LEAVES)
        assert terminal.process.wait(timeout=30) == 0
    finally:
        terminal.close()


def test_inline_it_keeps_the_terminals_own_scrollback(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "--inline")
    try:
        terminal.until(b"Ask your documents")
        terminal.press(b"\x11")
        assert terminal.process.wait(timeout=30) == 0
        assert _ENTERS not in terminal.seen
    finally:
        terminal.close()
