"""A list of names and values, each of which can be chosen.

Invariant: what it is given is already safe to show; a line never wraps, it is cut at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

_WIDEST = 30


@dataclass(frozen=True, slots=True)
class Row:
    """``mark`` says by a sign what a colour would say; ``about`` is told below while it is the
    chosen one; without a ``key`` nothing can be done with it.
    """

    key: str
    name: str
    value: str = ""
    note: str = ""
    mark: str = ""
    about: str = ""
    tone: str = ""


class Rows(OptionList):
    """``chosen`` is the row that the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "cursor_up", "Row above", show=False, id="settings.previous"),
        Binding("j", "cursor_down", "Row below", show=False, id="settings.next"),
    ]

    def __init__(self) -> None:
        super().__init__(id="rows", compact=True)
        self._rows: Sequence[Row] = ()

    @property
    def chosen(self) -> Row | None:
        at = self.highlighted
        return None if at is None or at >= len(self._rows) else self._rows[at]

    def show(self, rows: Sequence[Row], *, at: str | None = None) -> None:
        """Other rows; the cursor goes to the one whose key is ``at``, else stays where it was."""
        stays = self.highlighted or 0
        self._rows = rows
        self.clear_options()
        width = min(_WIDEST, max((len(row.name) for row in rows), default=0))
        self.add_options([Option(_line(row, width), disabled=not row.key) for row in rows])
        if rows:
            keys = [row.key for row in rows]
            self.highlighted = keys.index(at) if at in keys else min(stays, len(rows) - 1)


def _line(row: Row, width: int) -> Content:
    value = (row.value, f"${row.tone}") if row.tone else row.value
    name = row.name if len(row.name) <= width else f"{row.name[: width - 1]}…"
    note = (f"  {row.note}", "$text-muted") if row.note else ""
    return Content.assemble(f"{row.mark or ' '} {name:{width}}  ", value, note)
