"""Opens a source where it stands: in the person's editor, at its line.

Invariant: a path is one argument, never part of a shell's line; without an editor nothing runs.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App, SuspendNotSupported

from copilot.messages import Locator
from copilot.places import file_of
from copilot.tui.wording import shown_line

_PLUS_LINE = frozenset("vi vim nvim nano emacs emacsclient micro kak joe ne pico view".split())
_COLON_LINE = frozenset("code codium subl hx helix zed cursor".split())


def editor_command(environment: Mapping[str, str], path: str, locator: Locator) -> Sequence[str]:
    """The command that opens ``path`` at its line; empty where no editor is named."""
    chosen = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(chosen)
    except ValueError:
        return ()
    if not words:
        return ()
    file = file_of(path)
    line = locator.start if locator.kind == "lines" else 1
    name = os.path.basename(words[0])  # noqa: PTH119 (a name on the PATH, not a file of ours)
    if name in _PLUS_LINE:
        return [*words, f"+{line}", file]
    if name in _COLON_LINE:
        flag = ["--goto"] if name in ("code", "codium", "cursor") else []
        return [*words, *flag, f"{file}:{line}"]
    return [*words, file]


def edit(app: App[Any], command: Sequence[str], *, otherwise: str = "") -> None:
    """Give the editor the terminal until it ends; ``otherwise``: what to do where it fails."""
    try:
        with app.suspend():
            code = run_editor(command)
    except SuspendNotSupported:
        title = "No editor can have the terminal while copilot runs in a part of it (--inline)"
        app.notify(otherwise, title=title, severity="warning", markup=False)
        return
    if code != 0:
        told = f"It ended with {code}. {otherwise}".rstrip()
        title = f"{shown_line(command[0])} failed"
        app.notify(told, title=title, severity="warning", markup=False)


def run_editor(command: Sequence[str]) -> int:
    """Its exit code; 127 where it isn't there."""
    try:
        return subprocess.run(command, check=False).returncode
    except OSError:
        return 127
