"""A faint line of what can be done here: each thing its key and its word, both to be clicked.

Invariant: it says nothing that comes from a document or a person, and the keys are those that do
it now.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from copilot.tui.keymap import told

Doing = tuple[str, str, str]  # key, word, action


class Doings(Static):
    """``doings``: key, word, action of the screen; without an action it is only said. A key is
    the binding's own: where another one is configured, that one is shown.
    """

    DEFAULT_CSS = """
    Doings {
        height: auto; color: $text-muted; link-color: $text-muted; link-style: none;
        link-background: transparent; link-color-hover: $accent; link-style-hover: underline;
        link-background-hover: transparent;
    }
    """

    def __init__(
        self,
        *doings: Doing,
        classes: str | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(_line(doings), classes=classes, id=id, markup=False)
        self._doings: Sequence[Doing] = doings

    def on_mount(self) -> None:
        self.watch(self.app, "other_keys", self._tell)

    def say(self, *doings: Doing) -> None:
        """Other ones from now on."""
        self._doings = doings
        if self.is_attached:
            self._tell()

    def _tell(self) -> None:
        screen = self.screen
        self.update(_line([(told(screen, key, do), word, do) for key, word, do in self._doings]))


def _line(doings: Sequence[Doing]) -> Content:
    parts: list[Content] = []
    for key, word, action in doings:
        text = Content.assemble((key, "bold"), " " if key else "", word)
        if action:
            text = text.stylize(Style.from_meta({"@click": action}))
        parts.append(text)
    return Content("   ").join(parts)
