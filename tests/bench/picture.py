"""The README's picture: a real run in a real terminal, drawn as SVG.

``python -m tests.bench.picture`` runs the installed command on a pseudo-terminal over the
sample handbook, in a home of its own, and writes ``data/pictures/ask.svg``.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.corpora import REPOSITORY

WIDTH = 96
PICTURE = REPOSITORY / "data" / "pictures" / "ask.svg"
QUESTIONS = (
    "A customer's API key has leaked. What do I do?",
    "Which hotel chain in Tokyo gives us a discount?",
)


def typed(arguments: list[str], home: Path) -> str:
    """What the command prints on a terminal ``WIDTH`` columns wide."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    environment = {**os.environ, "COPILOT_HOME": str(home), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", *arguments],
        stdin=end,
        stdout=end,
        stderr=end,
        env=environment,
        cwd=REPOSITORY,
    )
    os.close(end)
    shown = bytearray()
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the last writer has closed its end
            break
        if not data:
            break
        shown.extend(data)
    process.wait()
    os.close(terminal)
    return shown.decode("utf-8", errors="replace").replace("\r\n", "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        typed(["index", "add", str(REPOSITORY / "data" / "handbook")], home)
        console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"))  # noqa: SIM115
        for question in QUESTIONS:
            console.print(Text.assemble(("❯ ", "bold green"), f'copilot ask "{question}"'))
            output = typed(["ask", question], home)
            console.print(Text.from_ansi(output))
    PICTURE.parent.mkdir(exist_ok=True)
    svg = console.export_svg(title="copilot")
    # No fonts from elsewhere: the reader's own monospace will do.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace(
        "Fira Code", "ui-monospace"
    )
    PICTURE.write_text(svg, encoding="utf-8")
    print(f"{PICTURE.relative_to(REPOSITORY)} written")


if __name__ == "__main__":
    main()
