"""The groups of a period in a table, a row each; the row one is on stays when figures change.

Invariant: a cell is plain text that went through ``wording``; a figure that no run has is a dash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widgets import DataTable

from copilot.charts import MOMENTS
from copilot.figures import GroupFigures, Overview
from copilot.tui.dashboard.metrics import NOTHING, cut, percent, short, spent, took
from copilot.tui.selecting import dragged, selected

_NAME = 30
Cell = Callable[[GroupFigures], str]


def _ratings(group: GroupFigures) -> str:
    row = group.every
    return f"{row.good:,} / {row.bad:,}" if row.good or row.bad else NOTHING


_COLUMNS: Sequence[tuple[str, Cell]] = (
    ("runs", lambda group: f"{group.every.runs:,}"),
    ("cost", lambda group: spent(group.every)),
    ("tokens", lambda group: short(group.every.input_tokens + group.every.output_tokens)),
    ("p50", lambda group: took(group.asks.latency_p50_ms)),
    ("p95", lambda group: took(group.asks.latency_p95_ms)),
    ("grounded", lambda group: percent(group.asks.grounded_share)),
    ("abstained", lambda group: percent(group.asks.abstention_share)),
    ("good / bad", _ratings),
    ("cache", lambda group: percent(group.every.cache_hit_share)),
    ("failed", lambda group: f"{group.every.failed:,}" if group.every.failed else NOTHING),
)
_FEWEST = 2  # columns, however narrow
_GAP = "  "


class Groups(DataTable[Text]):
    """Enter, or a click on the row that one is on, opens the runs behind it.

    ``lines`` are what it shows, the head first; ``whole`` has every column.
    """

    ALLOW_SELECT = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Next", show=False, id="dashboard.next"),
        Binding("k", "cursor_up", "Previous", show=False, id="dashboard.previous"),
        Binding("left", "screen.turn_figure(-1)", "Figure before", show=False, id="dashboard.left"),
        Binding("right", "screen.turn_figure(1)", "Next figure", show=False, id="dashboard.right"),
    ]

    class Opened(Message):
        """The runs behind a group are wanted."""

        def __init__(self, group: GroupFigures) -> None:
            super().__init__()
            self.group = group

    def __init__(self) -> None:
        super().__init__(id="groups", cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._groups: list[GroupFigures] = []
        self._room = 0
        self.lines: list[str] = []
        self.whole: list[str] = []

    def show(self, told: Overview, *, room: int) -> None:
        """The latest time first, other groups as they come; the columns that there is room for."""
        groups = list(told.groups[::-1] if told.by in MOMENTS else told.groups)
        if (groups, room) == (self._groups, self._room):
            return
        on = self.chosen
        heads = [told.by, *(head for head, _ in _COLUMNS)]
        cells = [heads, *map(_cells, groups)]
        self.lines = lines = _aligned(cells, room=room)
        self.whole = _aligned(cells)
        with self.app.batch_update():
            self.clear(columns=True)
            self.add_column(Text(lines[0]))
            for line in lines[1:]:
                self.add_row(Text(line))
        self._groups, self._room = groups, room
        if on is not None:
            self.choose(on.every.group)

    @property
    def chosen(self) -> GroupFigures | None:
        """The group that one is on."""
        at = self.cursor_row
        return self._groups[at] if 0 <= at < len(self._groups) else None

    def choose(self, name: str) -> bool:
        """Go to the group of this name; whether there is one."""
        for at, group in enumerate(self._groups):
            if group.every.group == name:
                self.move_cursor(row=at)
                return True
        return False

    # --- selecting text -------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        row = y if y < self.header_height else y + self.scroll_offset.y
        return selected(self, super().render_line(y), row).apply_offsets(0, row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        before = " " * self.cell_padding
        return selection.extract("\n".join(f"{before}{line}" for line in self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def on_click(self, event: Click) -> None:
        event.prevent_default()  # which selects all with the second click
        row = event.style.meta.get("row", -1)
        if row < 0 or dragged(self):
            return
        if row == self.cursor_row:
            self.action_select_cursor()
        self.move_cursor(row=row)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))


def _cells(group: GroupFigures) -> list[str]:
    return [cut(group.every.group, _NAME), *(cell(group) for _, cell in _COLUMNS)]


def _aligned(rows: Sequence[Sequence[str]], *, room: int | None = None) -> list[str]:
    """Each row as one line: a cell a row is measured many times faster than ten."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    ends = accumulate(widths, lambda at, width: at + len(_GAP) + width)
    many = max(sum(room is None or end <= room for end in ends), _FEWEST)
    lines = []
    for row in rows:
        spaces = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        figures = [space + cell for cell, space in zip(row, spaces, strict=True)]
        lines.append(_GAP.join([row[0] + spaces[0], *figures[1:many]]))
    return lines
