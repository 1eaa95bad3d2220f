"""The application in tmux: keys go in, screens come out, as text or as pictures."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_GROUND = TerminalTheme((15, 18, 23), (217, 222, 229), [(0, 0, 0)] * 8)


class Tmux:
    """A server of its own with one session, in which ``command`` runs, in ``folder``."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        size: tuple[int, int] = (120, 36),
    ) -> None:
        self._socket = str(folder / "tmux")
        self._width = size[0]
        settings = folder / "tmux.conf"
        settings.write_text(
            'set -g default-terminal "tmux-256color"\nset -ga terminal-overrides ",*:RGB"\n'
            "set -g status off\nset -g escape-time 10\nset -g remain-on-exit on\n",
            encoding="utf-8",
        )
        pairs = [f"{name}={value}" for name, value in env.items()]
        self._tmux(
            *("-f", str(settings), "new-session", "-d", "-x", str(size[0]), "-y", str(size[1])),
            *("-c", str(folder)),
            *("env", "-i", f"PATH={os.environ['PATH']}", "COLORTERM=truecolor"),
            *("TERM=tmux-256color", "LANG=C.UTF-8", *pairs, *command),
        )

    def keys(self, *names: str) -> None:
        """Keys by tmux's names: Enter, Escape, C-r, F3, Up."""
        for name in names:
            self._tmux("send-keys", name)
            if name == "Escape":
                time.sleep(0.3)  # what follows at once would be taken for Alt and that key

    def type(self, text: str) -> None:
        """Letters, as they are."""
        self._tmux("send-keys", "-l", text)

    def click(self, words: str) -> None:
        """Press and let go of the mouse where these words first stand."""
        lines = self.screen().splitlines()
        row = next(at for at, line in enumerate(lines) if words in line)
        column = lines[row].index(words)
        for kind in "Mm":
            self.type(f"\x1b[<0;{column + 1};{row + 1}{kind}")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def until(self, pattern: str, *, seconds: float = 60) -> str:
        """The screen, once the pattern is on it."""
        end = time.monotonic() + seconds
        while not re.search(pattern, seen := self.screen(), re.S):
            if time.monotonic() > end:
                pytest.fail(f"{pattern!r} never came; on the screen:\n{seen}")
            time.sleep(0.1)
        return seen

    def gone(self, pattern: str, *, seconds: float = 60) -> None:
        """Wait until the pattern is off the screen."""
        end = time.monotonic() + seconds
        while re.search(pattern, seen := self.screen(), re.S):
            if time.monotonic() > end:
                pytest.fail(f"{pattern!r} stays; on the screen:\n{seen}")
            time.sleep(0.1)

    def ended(self, *, seconds: float = 20) -> int:
        """The exit code of what ran, once it has ended."""
        end = time.monotonic() + seconds
        form = "#{pane_dead}#{pane_dead_status} #{pid}"
        while not (over := re.match(r"1(\d+) ", told := self._tmux("list-panes", "-F", form))):
            if time.monotonic() > end:
                pytest.fail(f"it goes on; on the screen:\n{self.screen()}")
            if told.startswith("1 "):  # tmux saw the end, and overlooked the signal that tells how
                os.kill(int(told.split()[1]), signal.SIGCHLD)
            time.sleep(0.1)
        return int(over[1])

    def picture(self, file: Path, title: str) -> None:
        """Draw the screen as it is now, as an SVG."""
        console = Console(
            record=True,
            width=self._width,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
        )
        for line in self._tmux("capture-pane", "-p", "-e", "-N").splitlines():
            console.print(Text.from_ansi(line), no_wrap=True, soft_wrap=False, crop=True)
        drawn = console.export_svg(title=title, theme=_GROUND, unique_id=file.stem)
        file.write_text(drawn, encoding="utf-8")

    def close(self) -> None:
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", self._socket, *words], capture_output=True, text=True, check=True
        ).stdout
