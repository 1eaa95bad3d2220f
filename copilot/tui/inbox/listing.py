"""The proposals, two lines each: what it is about, and what would be done where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from rich.cells import cell_len

from copilot.calls.inbox import ProposalRow
from copilot.tui.inbox.words import MARKS, age_of, state_of
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.wording import shown_line


class ProposalList(Items):
    """``busy``: the ids of those that something is being done with."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="proposals")
        self._now = now
        self.rows: Sequence[ProposalRow] = ()
        self.busy: Collection[str] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def chosen(self) -> ProposalRow | None:
        """The row that keys are about."""
        return None if self.at is None else self.rows[self.at]

    def show(self, rows: Sequence[ProposalRow], chosen: str = "") -> None:
        """Other rows. The one with this id is chosen; where it isn't there, what took its place."""
        at = self.at
        self.rows = rows
        if chosen:
            at = next((n for n, one in enumerate(rows) if one.id == chosen), at)
        self.renew(at)

    def tops_of(self, width: int) -> Sequence[int]:
        return range(0, 2 * len(self.rows) + 1, 2)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        row = self.rows[at]
        busy = row.id in self.busy
        age = f" {age_of(row.at, self._now())} "
        mark = "→" if busy else MARKS[row.state]
        warning = "! " if row.suspicious else ""
        room = width - 3 - len(warning) - cell_len(age)
        title = fitted(shown_line(row.title) or "(no title)", room)
        said = "in hand …" if busy else state_of(row.state)[2:]
        error = f": {row.error}" if row.error else ""
        below = shown_line(f"{said}{error} · {row.what} · {row.sink}")
        return (
            ((f" {mark} ", "strong"), (warning, "warning"), (title, "strong"), (age, "faint")),
            ((f"   {fitted(below, width - 4)}", "error" if row.error and not busy else "faint"),),
        )
