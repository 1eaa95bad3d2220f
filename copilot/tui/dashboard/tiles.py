"""The figures of a period side by side, each with its change against the period before.

Invariant: one of them is the figure that is plotted, and it is marked by a sign, too.
"""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from copilot.figures import Overview
from copilot.tui.dashboard.metrics import METRICS, NOTHING, Metric, change
from copilot.tui.selecting import dragged

_ROOM = 20  # columns that a tile needs
_WAYS = {"better": "$text-success", "worse": "$text-error", "": "$text-muted"}


class Tiles(Widget):
    """Click a figure to have it plotted."""

    chosen: reactive[str] = reactive("cost", layout=False)
    told: reactive[Overview | None] = reactive(None)

    class Chosen(Message):
        def __init__(self, metric: Metric) -> None:
            super().__init__()
            self.metric = metric

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 3 * -(-len(METRICS) // _across(width)) - 1

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        if dragged(self):
            return
        across, width = _across(self.size.width), self._width
        at = event.y // 3 * across + event.x // width
        if event.y % 3 < 2 and event.x // width < across and at < len(METRICS):
            self.post_message(self.Chosen(METRICS[at]))

    def render(self) -> Content:
        across, lines = _across(self.size.width), []
        for first in range(0, len(METRICS), across):
            row = METRICS[first : first + across]
            lines.append(Content("").join([self._head(one) for one in row]))
            lines.append(Content("").join([self._value(one) for one in row]))
            lines.append(Content(""))
        return Content("\n").join(lines[:-1])

    @property
    def _width(self) -> int:
        return max(self.size.width // _across(self.size.width), 1)

    def _head(self, metric: Metric) -> Content:
        if metric.name == self.chosen:
            return self._cell(Content.styled(f"▸ {metric.title}", "bold $accent"))
        return self._cell(Content.styled(f"  {metric.title}", "$text-muted"))

    def _value(self, metric: Metric) -> Content:
        told = self.told
        if told is None:
            return self._cell(Content.styled(f"  {NOTHING}", "$text-muted"))
        row = metric.row(told.now)
        text, way = change(metric, told.now, told.before)
        good = "" if not way or not metric.better else _good(way == metric.better)
        value = Content.assemble("  ", (metric.tile(row) if row.runs else NOTHING, "bold"))
        changed = Content.styled(f"  {text}" if text else "", _WAYS[good])
        whole = value + changed
        return self._cell(whole if whole.cell_length < self._width else value)

    def _cell(self, content: Content) -> Content:
        width = self._width
        room = max(width - 1, 1)
        if content.cell_length > room:
            content = content.truncate(room, ellipsis=True)
        return content.pad_right(width - content.cell_length)


def _good(is_it: bool) -> str:
    return "better" if is_it else "worse"


def _across(width: int) -> int:
    """How many tiles stand side by side."""
    for across in (8, 4, 2):
        if width >= across * _ROOM - 4:
            return across
    return 1
