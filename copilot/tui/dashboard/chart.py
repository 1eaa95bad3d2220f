"""The plot of the dashboard: drawn off the loop, shown line by line, chosen from by a click.

Invariant: what was drawn stays until what comes next is ready, so that nothing waits or flickers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.color import Color
from textual.events import Click, Resize
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from copilot.tui.dashboard.metrics import Drawn
from copilot.tui.selecting import dragged, selected

if TYPE_CHECKING:
    from copilot.tui.dashboard.drawing import Palette, Picture

_LEAST = 4  # lines below which a plot says nothing


class Chart(Widget):
    """Shows a figure by group; a click on a group chooses it."""

    class Chosen(Message):
        """A click on the group of this name."""

        def __init__(self, group: str) -> None:
            super().__init__()
            self.group = group

    def __init__(self) -> None:
        super().__init__(id="chart")
        self._told: Drawn | None = None
        self._picture: Picture | None = None

    def show(self, told: Drawn) -> None:
        """Draw this from now on."""
        if told != self._told:
            self._told = told
            self._redraw()

    @property
    def names(self) -> tuple[str, ...]:
        """The groups as they are drawn: from left to right, or from the top down."""
        return self._picture.names if self._picture is not None else ()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._redraw())

    def on_resize(self, event: Resize) -> None:
        self._redraw()

    def render_line(self, y: int) -> Strip:
        lines = self._picture.lines if self._picture is not None else ()
        style, width = self.rich_style, self.size.width
        if y >= len(lines):
            return Strip.blank(width, style)
        strip = lines[y].apply_style(style).adjust_cell_length(width, style)
        return selected(self, strip, y).apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        lines = self._picture.lines if self._picture is not None else ()
        return selection.extract("\n".join(line.text.rstrip() for line in lines)), "\n"

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        if dragged(self):
            return
        name = self._picture.at(event.x, event.y) if self._picture is not None else None
        if name is not None:
            self.post_message(self.Chosen(name))

    def _redraw(self) -> None:
        told, size = self._told, self.size
        if told is None:
            return
        if size.height < _LEAST or not told.groups:
            self.workers.cancel_group(self, "drawing")
            self._hang(None)
        else:
            self._draw(told, size.width, size.height)

    @work(thread=True, group="drawing", exclusive=True, exit_on_error=False)
    def _draw(self, told: Drawn, width: int, height: int) -> None:
        """In a thread: the first time the library is imported, and a large plot takes its time."""
        from copilot.tui.dashboard.drawing import draw

        picture = draw(told, width, height, _palette(self.app))
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._hang, picture)

    def _hang(self, picture: Picture | None) -> None:
        self._picture = picture
        self.refresh()


def _palette(app: App[object]) -> Palette:
    from copilot.tui.dashboard.drawing import Palette

    variables = app.theme_variables
    ground, text = Color.parse(variables["background"]), Color.parse(variables["foreground"])
    return Palette(
        main=Color.parse(variables["accent"]).rgb,
        other=text.blend(ground, 0.45).rgb,
        axes=text.blend(ground, 0.3).rgb,
    )
