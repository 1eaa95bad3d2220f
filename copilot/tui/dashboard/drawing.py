"""Draws a figure by group in cells: bars for sums, lines for what time moves.

Invariant: a group without the figure is a gap, never a zero; what stands where is told with the
picture, so that a point can be chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from rich.console import Console
from rich.text import Text
from textual.strip import Strip
from textual_plotext import Plot

from copilot.charts import MOMENTS, unbroken
from copilot.figures import GroupFigures, StatsGroup
from copilot.tui.dashboard.metrics import Drawn, Metric, cut

_LABEL = 28
_AXIS = 2  # lines below the plot
_NAMES = 6  # columns for the names of lines
_DATE = 9  # columns for a date below the axis
_STEPS = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)
RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    main: RGB
    other: RGB
    axes: RGB


@dataclass(frozen=True, slots=True)
class Picture:
    """Its lines, and where each of ``names`` stands: ``across`` it or down.

    The plot itself begins at column ``left`` and is ``span`` groups wide; down it, each group has
    ``deep`` lines.
    """

    lines: tuple[Strip, ...] = ()
    names: tuple[str, ...] = ()
    across: bool = True
    left: int = 0
    span: float = 1.0
    width: int = 0
    deep: int = 1

    def at(self, x: int, y: int) -> str | None:
        """The group at a cell."""
        if not self.names:
            return None
        if self.across:
            place = (x - self.left + 0.5) * self.span / max(self.width - self.left, 1)
        else:
            place = y / self.deep
        return self.names[int(place)] if 0 <= place < len(self.names) else None


def draw(told: Drawn, width: int, height: int, palette: Palette) -> Picture:
    """Takes some hundredths of a second for a large one."""
    plot, across = Plot(), told.by in MOMENTS
    if across:
        known = [group.every.group for group in told.groups]
        names = unbroken([*known, *told.ends], by=told.by)
        deep = 1
    else:
        ranked = sorted(told.groups, key=lambda group: -(told.metric.of(group) or 0))
        names = [group.every.group for group in ranked[: max((height - _AXIS) // 2, 1)]]
        deep = 3 if len(names) * 3 <= height - _AXIS else 2
        height = len(names) * deep + _AXIS
    plot.plotsize(width, height)
    plot._set_size(width, height)  # plotsize alone is held to the terminal's own size
    plot.theme("textual-clear")
    plot.frame(False)
    plot.xaxes(True, False)
    plot.yaxes(True, False)
    plot.ticks_color(palette.axes)
    span = 1.0
    if across:
        span = _over_time(plot, told, names, palette, width=width)
    else:
        _side_by_side(plot, told, names, palette, deep=deep)
    text = Text.from_ansi(plot.build(), no_wrap=True)
    console = Console(file=StringIO(), width=width, color_system="truecolor")
    lines = tuple(Strip(list(line.render(console, end=""))) for line in text.split("\n"))
    first = text.plain.partition("\n")[0]
    left = max(first.find("┤"), first.find("│")) + 1
    return Picture(lines, tuple(names), across, left, span, width, deep)


def _over_time(
    plot: Plot, told: Drawn, names: Sequence[str], palette: Palette, *, width: int
) -> float:
    """How many groups wide it is: the names of lines stand beyond the last."""
    metric, span = told.metric, float(len(names))
    places = [float(place) for place in range(1, len(names) + 1)]
    values = _values(told, names, metric.of)
    most = _most(told)
    if metric.lines:
        if metric.beside is not None:
            span += _NAMES * span / width
            beside, figure = metric.beside
            under = _values(told, names, lambda group: figure.of(metric.row(group)))
            _line(plot, under, palette.other, marker="dot", label=beside)
        _line(plot, values, palette.main, marker="hd", label="p95" if metric.beside else "")
    else:
        heights = [value or 0 for value in values]
        plot.bar(places, heights, marker="hd", color=palette.main, width=0.7)
    plot.xlim(0.5, span + 0.5)
    plot.ylim(0, most)
    scale = [most * part / 2 for part in range(3)]
    plot.yticks(scale, _scale(metric, scale))
    marked = places[:: max(-(-len(names) * _DATE // max(width - 8, 1)), 1)]
    plot.xticks(marked, [_moment(names[int(place) - 1], told.by) for place in marked])
    return span


def _side_by_side(
    plot: Plot, told: Drawn, names: Sequence[str], palette: Palette, *, deep: int
) -> None:
    """One below the other, in whole lines: a bar, and a line of nothing below it."""
    values, most = _values(told, names, told.metric.of), _most(told)
    lines = len(names) * deep
    middle, thick = (deep - 2) / 2, deep - 1.1
    places = [lines - 1 - deep * n - middle for n in range(len(names))]
    for place, value in zip(places, values, strict=True):
        plot.bar(
            [place],
            [value or 0],
            orientation="horizontal",
            color=palette.main,
            width=thick,
        )
    plot.yticks(places, [cut(name, _LABEL) for name in names])
    plot.ylim(0, lines - 1)
    plot.xlim(0, most)
    scale = [most * part / 2 for part in range(3)]
    plot.xticks(scale, _scale(told.metric, scale))


def _values(
    told: Drawn, names: Sequence[str], of: Callable[[GroupFigures], float | None]
) -> list[float | None]:
    known = {group.every.group: of(group) for group in told.groups}
    return [known.get(name) for name in names]


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
    """The end of the scale."""
    largest = max((told.metric.of(group) or 0 for group in told.groups), default=0)
    return told.metric.figure.whole or _round_up(largest or 1)


def _round_up(value: float) -> float:
    """The next number that reads well at the end of a scale, and at its middle."""
    size = 10.0 ** (len(f"{int(value)}") - 1) if value >= 1 else 1.0
    while size > value:
        size /= 10
    return next(size * step for step in _STEPS if size * step >= value)


def _moment(group: str, by: StatsGroup) -> str:
    at = datetime.strptime(group, MOMENTS[by])  # noqa: DTZ007 (a name, not a time)
    return f"{at:%H:00}" if by == "hour" else f"{at:%d %b}" if by == "day" else f"{at:%b %Y}"
