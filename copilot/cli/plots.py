"""Plots in the terminal: one bar a group, its figure beside it.

Invariant: a group without the figure has the words ``no data`` and no bar; bars are blocks where
the output can write them, else number signs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from copilot.charts import Figure, unbroken
from copilot.cli.tables import room, shortened
from copilot.figures import StatsGroup, StatsRow
from copilot.guard.terminal import clean_line

_WIDTH = 80
_LABEL = 28
_EIGHTHS = " ▏▎▍▌▋▊▉"


def plotted(rows: Sequence[StatsRow], figure: Figure, *, by: StatsGroup) -> list[str]:
    """A line a group, stretches of time without runs among them."""
    from rich.cells import cell_len

    known = {row.group: figure.of(row) for row in rows}
    values = [(group, known.get(group)) for group in unbroken(list(known), by=by)]
    texts = ["no data" if value is None else figure.shown(value) for _, value in values]
    labels = [shortened(clean_line(group), _LABEL) for group, _ in values]
    width, beside = max(map(cell_len, labels)), max(map(len, texts))
    space = max((room() or _WIDTH) - width - beside - 4, 8)
    most = figure.whole or max((value or 0 for _, value in values), default=0) or 1
    lines = []
    for label, text, (_, value) in zip(labels, texts, values, strict=True):
        named = label + " " * (width - cell_len(label))
        lines.append(f"{named}  {text:>{beside}}  {_bar((value or 0) / most, space)}".rstrip())
    return lines


def _bar(part: float, space: int) -> str:
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        return "#" * round(part * space)
    eighths = round(part * space * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
