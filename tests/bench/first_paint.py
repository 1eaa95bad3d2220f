"""How long until the application shows itself, beside an empty one of the same library.

    python -m tests.bench.first_paint [--times N]

From the start of the process until its screen's last line is drawn, in a pseudo-terminal of 120 by
40; the baseline is a Textual application with one line of text. The budget is 0.6 s.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence

_EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("here it is")
Empty().run()
"""
_OURS = [sys.executable, "-m", "copilot.cli"]


def painted(command: Sequence[str], words: bytes) -> float:
    """Seconds from the start of ``command`` until ``words`` are drawn."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "TERM": "xterm-256color", "COPILOT_HOME": home}
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)
        seen = b""
        while words not in seen and select.select([ours], [], [], 60)[0]:
            seen += os.read(ours, 65_536)
        took = time.perf_counter() - began
        process.kill()
        process.wait()
    os.close(ours)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    times = parser.parse_args().times
    told: dict[str, list[float]] = {"copilot": [], "empty": []}
    for _ in range(times):
        told["copilot"].append(painted(_OURS, b"starting"))
        told["empty"].append(painted([sys.executable, "-c", _EMPTY], b"here it is"))
    for name, took in told.items():
        middle = statistics.median(took)
        print(f"{name:8} median {middle:.2f} s, from {min(took):.2f} to {max(took):.2f}")
    ratio = statistics.median(told["copilot"]) / statistics.median(told["empty"])
    print(f"copilot / empty: {ratio:.2f}")


if __name__ == "__main__":
    main()
