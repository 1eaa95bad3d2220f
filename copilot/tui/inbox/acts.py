"""The line of what can be done now, each with its key, and each a thing to click on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.widgets import Static

from copilot.tui.keymap import shown, split
from copilot.tui.wording import shown_line

# The binding, the key that it has unless somebody gave it another one, and what it does.
_ACTS = {
    "approve": ("inbox.approve", "y", "approve"),
    "edit": ("inbox.edit", "e", "edit"),
    "reject": ("inbox.reject", "n", "reject"),
    "retry": ("inbox.retry", "r", "try again"),
    "undo": ("inbox.undo", "u", "undo"),
    "again": ("inbox.again", "a", "file again"),
    "facts": ("inbox.details", "d", "details"),
    "text": ("inbox.details", "d", "text"),
    "open": ("items.open", "enter", "open"),
    "back": ("inbox.back", "escape", "back"),
    "find": ("inbox.search", "slash", "search"),
    "filter": ("inbox.filter", "f", "filter"),
    "stop": ("inbox.stop", "x", "stop"),
    "save": ("inbox.save", "ctrl+s", "approve as edited"),
    "leave": ("inbox.back", "escape", "leave"),
}

_WRITTEN = {"enter": "Enter"}
_ROOMY = 60


class ActLine(Static):
    """``show`` says what can be done, or what is being done."""

    def __init__(self) -> None:
        super().__init__(id="acts")

    def show(self, acts: Sequence[str], *, said: str = "") -> None:
        """``said`` stands before them: what goes on, or what is wrong."""
        parts = [Content(shown_line(said))] if said else []
        parts += [_act(one, self.app._keymap) for one in acts]
        gap = "   " if self.size.width >= _ROOMY else "  "
        self.update(Content(gap).join(parts))


def _act(name: str, others: Mapping[str, str]) -> Content:
    """``others``: keys that were given to bindings in the place of their own."""
    binding, own, does = _ACTS[name]
    key = split(others.get(binding, own))[0]
    return Content.from_markup(
        f"[@click=screen.{name}][bold $accent]$key[/bold $accent] [$text-muted]{does}[/][/]",
        key=_WRITTEN.get(key) or shown(key),
    )
