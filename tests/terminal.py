"""The application in a pseudo-terminal: what is typed to it, what it draws, how it leaves."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.corpora import REPOSITORY

ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"
COMMAND = (sys.executable, "-m", "copilot.cli")


class Terminal:
    """A pseudo-terminal with ``command`` in it. ``modes``: how it was set before."""

    def __init__(
        self,
        home: Path,
        command: Sequence[str] = COMMAND,
        *,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self._fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._theirs = theirs
        self._gone = False
        self.before = self.modes()
        self.seen = b""
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=REPOSITORY,
            env={
                "PATH": os.environ["PATH"],
                "TERM": "xterm-256color",
                "COPILOT_HOME": str(home),
                **(env or {}),
            },
            start_new_session=True,
        )

    def modes(self) -> list[object]:
        """Echo, lines, signals: what a shell finds set."""
        return termios.tcgetattr(self._theirs)[:4]

    def is_sane(self) -> bool:
        """Whether a shell finds it as it was."""
        return self.modes() == self.before and self._left_on() == []

    def until(self, words: bytes, *, seconds: float = 60) -> None:
        """Read what it draws until these words are in it."""
        end = time.monotonic() + seconds
        while words not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not self._read(left):
                pytest.fail(f"{words!r} never came; seen: {self.seen[-2000:]!r}")

    def ended(self, *, seconds: float = 60) -> int:
        """Read to its end; the exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                pytest.fail(f"it goes on; seen: {self.seen[-2000:]!r}")
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.process.wait()

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def vanish(self) -> None:
        """Be gone without a word: nobody is told to hang up."""
        if not self._gone:
            self._gone = True
            os.close(self._fd)
            os.close(self._theirs)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.vanish()

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        self.seen += os.read(self._fd, 65_536)
        return True

    def _left_on(self) -> list[str]:
        """What was switched on and not off again: mouse, pasting, another screen; or hidden."""
        last = dict(re.findall(rb"\x1b\[\?(\d+)([hl])", self.seen))
        keyboards = len(re.findall(rb"\x1b\[>\d+u", self.seen)) - self.seen.count(b"\x1b[<u")
        usual = (b"7", b"25")  # lines are wrapped, the cursor is seen
        left = [mode.decode() for mode, how in last.items() if (how == b"h") != (mode in usual)]
        return left + ["keyboard"] * keyboards
