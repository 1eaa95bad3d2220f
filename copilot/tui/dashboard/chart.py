"""A figure by group, drawn in the terminal: bars for sums, lines for what time moves.

Invariant: a group without the figure is a gap, never a zero; what is under the pointer is the
group whose column or row it is; nothing is drawn anew unless what is drawn, its size or the theme
has changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text
from textual.color import Color
from textual.events import Click
from textual.message import Message
from textual.widget import Widget
from textual_plotext import Plot

from copilot.charts import MOMENTS, unbroken
from copilot.figures import GroupFigures, StatsGroup
from copilot.tui.dashboard.metrics import Metric
from copilot.tui.wording import shown_line

_LABEL = 28
_STEPS = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)
_LEAST = 4  # lines below which a plot says nothing
RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn: ``groups`` in their order, of ``by``; ``kind`` of runs."""

    metric: Metric
    by: StatsGroup
    groups: tuple[GroupFigures, ...]


class Chart(Widget):
    """Shows a figure by group; a click on a group chooses it."""

    DEFAULT_CSS = """
    Chart { height: 1fr; margin: 0 1; }
    """

    class Chosen(Message):
        """A click on the group of this name."""

        def __init__(self, group: str) -> None:
            super().__init__()
            self.group = group

    def __init__(self) -> None:
        super().__init__(id="chart")
        self._told: Drawn | None = None
        self._picture = Text()
        self._of: tuple[object, ...] = ()
        self._left = 0
        self._span = 1.0
        self._names: list[str] = []

    def show(self, told: Drawn) -> None:
        """Draw this from now on."""
        if told != self._told:
            self._told = told
            self.refresh()

    @property
    def names(self) -> list[str]:
        """The groups as they are drawn: from left to right, or from the top down."""
        return self._names

    def render(self) -> Text:
        size, told = self.size, self._told
        if told is None or size.height < _LEAST or not told.groups:
            self._names = []
            return Text()
        key = (told, size, self.app.theme)
        if key != self._of:
            self._of, self._picture = key, self._draw(told, size.width, size.height)
        return self._picture

    def on_click(self, event: Click) -> None:
        told, many = self._told, len(self._names)
        if told is None or not many:
            return
        if told.by in MOMENTS:
            room = max(self.size.width - self._left, 1)
            at = math.floor((event.x - self._left + 0.5) * self._span / room)
        else:
            at = event.y * many // max(self.size.height - 1, 1)
        if 0 <= at < many:
            self.post_message(self.Chosen(self._names[at]))

    # --- drawing --------------------------------------------------------------------------

    def _draw(self, told: Drawn, width: int, height: int) -> Text:
        plot = self._canvas(width, height)
        values = {group.every.group: told.metric.of(group) for group in told.groups}
        most = told.metric.figure.whole or _round_up(_most(told))
        if told.by in MOMENTS:
            self._names = unbroken(list(values), by=told.by)
            self._over_time(plot, told, most, width)
        else:
            ranked = sorted(values, key=lambda name: -(values[name] or 0))
            self._names = ranked[: max((height - 1) // 2, 1)]
            self._side_by_side(plot, told, most)
        picture = Text.from_ansi(plot.build(), no_wrap=True)
        first = picture.plain.partition("\n")[0]
        self._left = max(first.find("┤"), first.find("│")) + 1
        return picture

    def _canvas(self, width: int, height: int) -> Plot:
        plot = Plot()
        plot.plotsize(width, height)
        plot._set_size(width, height)  # plotsize alone is held to the terminal's own size
        plot.theme("textual-clear")
        plot.frame(False)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        plot.ticks_color(self._colour("foreground", faded=0.4))
        return plot

    def _over_time(self, plot: Plot, told: Drawn, most: float, width: int) -> None:
        names, metric = self._names, told.metric
        places = [float(place) for place in range(1, len(names) + 1)]
        main, other = self._colour("accent"), self._colour("foreground", faded=0.45)
        series = _series(told, names)
        self._span = float(len(names))
        if metric.lines:
            if metric.beside is not None:
                self._span += 6 * self._span / width  # room for the lines' names
                beside, figure = metric.beside
                under = _values(told, names, lambda group: figure.of(metric.row(group)))
                _line(plot, under, other, marker="dot", label=beside)
            _line(plot, series, main, marker="hd", label="p95" if metric.beside else "")
        else:
            plot.bar(places, [value or 0 for value in series], marker="hd", color=main, width=0.7)
        plot.xlim(0.5, self._span + 0.5)
        plot.ylim(0, most)
        scale = [most * part / 2 for part in range(3)]
        plot.yticks(scale, _scale(metric, scale))
        step = -(-len(names) * 9 // max(width - 8, 1))
        marked = places[:: max(step, 1)]
        plot.xticks(marked, [_moment(names[int(place) - 1], told.by) for place in marked])

    def _side_by_side(self, plot: Plot, told: Drawn, most: float) -> None:
        values = dict(zip(self._names, _series(told, self._names), strict=True))
        upwards = self._names[::-1]
        labels = [_cut(name) for name in upwards]
        main = self._colour("accent")
        places = [float(place) for place in range(1, len(upwards) + 1)]
        plot.bar(
            places,
            [values[name] or 0 for name in upwards],
            orientation="horizontal",
            color=main,
            width=0.5,
        )
        plot.yticks(places, labels)
        plot.ylim(0.5, len(upwards) + 0.5)
        plot.xlim(0, most)
        scale = [most * part / 2 for part in range(3)]
        plot.xticks(scale, _scale(told.metric, scale))

    def _colour(self, name: str, *, faded: float = 0.0) -> RGB:
        variables = self.app.theme_variables
        ground = Color.parse(variables["background"])
        red, green, blue = Color.parse(variables[name]).blend(ground, faded).rgb
        return red, green, blue


def _values(
    told: Drawn, names: Sequence[str], of: Callable[[GroupFigures], float | None]
) -> list[float | None]:
    known = {group.every.group: of(group) for group in told.groups}
    return [known.get(name) for name in names]


def _series(told: Drawn, names: Sequence[str]) -> list[float | None]:
    return _values(told, names, told.metric.of)


def _line(
    plot: Plot, values: Sequence[float | None], colour: RGB, *, marker: str, label: str
) -> None:
    """A line through what is known, broken where nothing is; its name at its end."""
    stretch: list[tuple[int, float]] = []
    last: tuple[int, float] | None = None
    for place, value in [*enumerate(values, start=1), (len(values) + 1, None)]:
        if value is not None:
            stretch.append((place, value))
            last = (place, value)
        elif stretch:
            places, heights = [one[0] for one in stretch], [one[1] for one in stretch]
            if len(stretch) > 1:
                plot.plot(places, heights, marker=marker, color=colour)
            else:
                plot.scatter(places, heights, marker="dot", color=colour)
            stretch = []
    if last is not None and label:
        plot.text(f" {label}", x=last[0], y=last[1], alignment="left", color=colour)


def _scale(metric: Metric, values: Sequence[float]) -> list[str]:
    return [
        metric.figure.shown(value).replace("0 ms", "0", 1 if not value else 0) for value in values
    ]


def _most(told: Drawn) -> float:
    return max((told.metric.of(group) or 0 for group in told.groups), default=0) or 1


def _round_up(value: float) -> float:
    """The next number that reads well at the end of a scale, and at its middle."""
    size = 10.0 ** (len(f"{int(value)}") - 1) if value >= 1 else 1.0
    while size > value:
        size /= 10
    return next(size * step for step in _STEPS if size * step >= value)


def _moment(group: str, by: StatsGroup) -> str:
    at = datetime.strptime(group, MOMENTS[by])  # noqa: DTZ007 (a name, not a time)
    return f"{at:%H:00}" if by == "hour" else f"{at:%d %b}" if by == "day" else f"{at:%b %Y}"


def _cut(name: str) -> str:
    line = shown_line(name)
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1]}…"
