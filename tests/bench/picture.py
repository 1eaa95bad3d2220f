"""The README's picture: a real run in a real terminal, drawn as SVG.

``python -m tests.bench.picture`` runs the installed command on a pseudo-terminal over the
sample handbook, in a home of its own, and writes ``data/pictures/ask.svg``.
"""

from __future__ import annotations

import os
import pty
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.corpora import REPOSITORY

WIDTH = 96
PICTURE = REPOSITORY / "data" / "pictures" / "ask.svg"
QUESTIONS = (
    ("A customer's API key has leaked. What do I do?", ()),
    ("How much does the company pay into my pension?", ()),
)


def typed(arguments: list[str], home: Path) -> str:
    """What the command prints on a terminal ``WIDTH`` columns wide."""
    shown = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 4096)
        shown.extend(data)
        return b""

    os.environ.update(COPILOT_HOME=str(home), COLUMNS=str(WIDTH), TERM="xterm-256color")
    os.environ.pop("NO_COLOR", None)
    pty.spawn([sys.executable, "-m", "copilot.cli", *arguments], read)
    return shown.decode("utf-8", errors="replace").replace("\r\n", "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        typed(["index", "add", str(REPOSITORY / "data" / "handbook")], home)
        console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"))  # noqa: SIM115
        for question, options in QUESTIONS:
            console.print(Text.assemble(("❯ ", "bold green"), f'copilot ask "{question}"'))
            output = typed(["ask", question, *options], home)
            console.print(Text.from_ansi(output.replace(str(REPOSITORY) + "/", "")))
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(console.export_svg(title="copilot"), encoding="utf-8")
    print(f"{PICTURE.relative_to(REPOSITORY)} written")


if __name__ == "__main__":
    main()
