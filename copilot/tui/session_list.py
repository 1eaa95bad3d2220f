"""Conversations, one line each, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from copilot.calls import Session
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.wording import shown_line

_WHEN = 8  # cells


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation; ``snippet``: where its texts hold what is looked for."""

    session: Session
    snippet: str = ""


class SessionList(Items):
    """``current`` is the conversation that keys are about."""

    def __init__(self, now: datetime) -> None:
        super().__init__(id="sessions")
        self._now = now
        self._rows: Sequence[Row] = ()

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def current(self) -> Session | None:
        return None if self.at is None else self._rows[self.at].session

    def show(self, rows: Sequence[Row], *, stay: bool = True) -> None:
        """Other rows; the current conversation stays the current one, if it is among them."""
        name = self.current.name if stay and self.current is not None else ""
        self._rows = rows
        found = (at for at, row in enumerate(rows) if row.session.name == name)
        self.renew(next(found, 0) if name else 0)

    def tops_of(self, width: int) -> Sequence[int]:
        return range(self.count + 1)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        row = self._rows[at]
        room = max(10, width - _WHEN - 7)
        title = shown_line(row.session.title) or row.session.name
        title = fitted(title, min(cell_len(title), room))
        snippet = f"  {shown_line(row.snippet)}" if row.snippet else ""
        return (
            (
                (" ★ " if row.session.pinned else "   ", "accent"),
                (title, ""),
                (fitted(snippet, room - cell_len(title)), "faint"),
                (f"  {_when(row.session.touched_at, self._now):>{_WHEN}}  ", "faint"),
            ),
        )


def _when(touched_at: str, now: datetime) -> str:
    when, today = datetime.fromisoformat(touched_at).astimezone(), now.astimezone()
    if when.date() == today.date():
        return f"{when:%H:%M}"
    if when.year == today.year:
        return f"{when.day} {when:%b}"
    return f"{when:%b %Y}"
