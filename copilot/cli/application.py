"""The one door to the terminal application."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.tui.themes import Fault

_SHOW_NOTHING = ("dumb", "unknown")


def open_application(*, inline: bool) -> int:
    """Run it until the person quits; returns the exit code.

    Raises ConfigError for a terminal that can't show it, no home, or one that can't be written.
    """
    from copilot.config.looks import read_looks
    from copilot.config.paths import Paths, ensure
    from copilot.errors import ConfigError, InternalError

    if os.environ.get("TERM", "") in _SHOW_NOTHING:
        raise ConfigError(
            "This terminal can't show the application: it moves no cursor (TERM=dumb).",
            hint='`copilot ask "…"` answers here too; `copilot --help` lists the rest',
        )
    paths = Paths.from_environment(os.environ)
    log = ensure(paths.log)
    try:
        opened = (log / "core.log").open("ab")
    except OSError as error:
        raise ConfigError(f"{log / 'core.log'} can't be written: {error.strerror}.") from error
    from copilot.serving.client import Client
    from copilot.tui.app import CopilotApp

    with opened as printed:
        looks = read_looks(paths.looks_file)
        app = CopilotApp(Client(log=printed), log=log / "copilot.log", looks=looks)
        app.run(inline=inline)
    if app.broken:
        raise InternalError("a bug ended the application", hint=app.broken)
    return app.return_code or 0


def faults(theme: str, keys: Mapping[str, str]) -> list[Fault]:
    """What is wrong with what is configured for it."""
    from copilot.tui import keymap, themes

    return [*themes.faults(theme), *keymap.faults(keys)]
