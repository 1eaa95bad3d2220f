"""Writes a conversation out, to a place that the person names.

Invariant: a file that is there is written over only after a yes.
"""

from __future__ import annotations

import re
from typing import Any

from textual.screen import Screen

from copilot import calls
from copilot.calls import Session
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.wording import shown_line

_MOST = 48  # letters of a title that become a file's name


async def export(screen: Screen[Any], core: Core, session: Session) -> None:
    """Ask where to, and write; says on ``screen`` how it went. To be run in a worker."""
    asked = LineScreen(
        "Export to a file",
        value=f"~/{_slug(session)}.md",
        why="Markdown; a name that ends in .json writes JSON.",
    )
    path = await screen.app.push_screen_wait(asked)
    if not path or not path.strip():
        return
    form = "json" if path.strip().lower().endswith(".json") else "markdown"
    call = calls.ExportSession(session.name, path.strip(), form)  # type: ignore[arg-type]
    try:
        done = await core.call(call, calls.SessionExported)
        if not done.written:
            means = f"{shown_line(done.path)} is there already."
            sure = SureScreen("Write over this file?", means=means, yes="write over it")
            if not await screen.app.push_screen_wait(sure):
                return
            over = calls.ExportSession(session.name, path.strip(), call.form, replace=True)
            done = await core.call(over, calls.SessionExported)
    except CopilotError as error:
        screen.notify(
            shown_line(error.hint) or "The log tells more.",
            title=shown_line(error.message),
            severity="error",
            markup=False,
        )
        return
    screen.notify(shown_line(done.path), title="Exported", markup=False)


def _slug(session: Session) -> str:
    words = re.sub(r"[^\w]+", "-", session.title.casefold()).strip("-")
    return words[:_MOST].rstrip("-") or session.name
