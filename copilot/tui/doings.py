"""A faint line of what can be done here: each thing its key and its word, both to be clicked.

Invariant: it says nothing that comes from a document or a person.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

Doing = tuple[str, str, str]  # key, word, action


class Doings(Static):
    """``doings``: key, word, action of the screen; without an action it is only said."""

    DEFAULT_CSS = """
    Doings {
        height: auto; color: $text-muted; link-color: $text-muted; link-style: none;
        link-background: transparent; link-color-hover: $accent; link-style-hover: underline;
        link-background-hover: transparent;
    }
    """

    def __init__(self, *doings: Doing, classes: str | None = None) -> None:
        super().__init__(_line(doings), classes=classes, markup=False)

    def say(self, *doings: Doing) -> None:
        """Other ones from now on."""
        self.update(_line(doings))


def _line(doings: Sequence[Doing]) -> Content:
    parts: list[Content] = []
    for key, word, action in doings:
        text = Content.assemble((key, "bold"), " " if key else "", word)
        if action:
            text = text.stylize(Style.from_meta({"@click": action}))
        parts.append(text)
    return Content("   ").join(parts)
