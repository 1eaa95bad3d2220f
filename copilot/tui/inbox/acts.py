"""The line of what can be done now, each with its key, and each a thing to click on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from copilot.tui.wording import shown_line

_NAMES = {
    "approve": ("y", "approve"),
    "edit": ("e", "edit"),
    "reject": ("n", "reject"),
    "retry": ("r", "try again"),
    "undo": ("u", "undo"),
    "again": ("a", "file again"),
    "facts": ("d", "details"),
    "text": ("d", "text"),
    "open": ("Enter", "open"),
    "back": ("Esc", "back"),
    "find": ("/", "search"),
    "filter": ("f", "filter"),
    "stop": ("x", "stop"),
    "save": ("Ctrl+S", "approve as edited"),
    "leave": ("Esc", "leave"),
}


class ActLine(Static):
    """``show`` says what can be done, or what is being done."""

    def __init__(self) -> None:
        super().__init__(id="acts")

    def show(self, acts: Sequence[str], *, said: str = "") -> None:
        """``said`` stands before them: what goes on, or what is wrong."""
        parts = [Content(shown_line(said))] if said else []
        parts += [_act(one) for one in acts]
        self.update(Content("   ").join(parts))


def _act(name: str) -> Content:
    key, does = _NAMES[name]
    return Content.from_markup(
        f"[@click=screen.{name}][bold $accent]{key}[/bold $accent] [$text-muted]{does}[/][/]"
    )
