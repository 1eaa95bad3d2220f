"""Runs, one line each, the newest first; the next page is asked for before its end is reached.

Invariant: of a ledger of any size no more is held than was scrolled through.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.message import Message

from copilot.quantities import duration, money
from copilot.runs import RunSummary
from copilot.tui.items import fitted
from copilot.tui.runs.rows import Rows
from copilot.tui.wording import shown_line

NOT_KEPT = "(not kept)"
_AHEAD = 60  # lines below the last one on the screen
_WIDE = 100
LOOKS = {
    "answered": "success",
    "failed": "error",
    "interrupted": "error",
    "abstained": "warning",
    "degraded": "warning",
    "refused": "warning",
    "limited": "warning",
}


class RunList(Rows):
    """``show`` a first page, ``add`` the next ones."""

    class Wanted(Message):
        """The lines come to an end: there may be more."""

    def __init__(self, now: datetime) -> None:
        super().__init__(id="run-list")
        self._now = now
        self._runs: list[RunSummary] = []

    @property
    def count(self) -> int:
        return len(self._runs)

    @property
    def current(self) -> RunSummary | None:
        return self._runs[self.at] if self._runs else None

    @property
    def last(self) -> RunSummary | None:
        return self._runs[-1] if self._runs else None

    def show(self, runs: Sequence[RunSummary], now: datetime) -> None:
        """Other runs; the current one stays it, if it is among them."""
        before = self.current.id if self.current is not None else ""
        self._runs, self._now = list(runs), now
        places = (at for at, run in enumerate(runs) if run.id == before)
        self.told(at=next(places, 0))

    def add(self, runs: Sequence[RunSummary]) -> None:
        self._runs += runs
        self.told(at=self.at)

    def step(self, by: int) -> RunSummary | None:
        """The run above or below the current one becomes it; None at an end."""
        if not 0 <= self.at + by < self.count:
            return None
        self.go(self.at + by)
        return self.current

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value + self.size.height + _AHEAD >= self.count > 0:
            self.post_message(self.Wanted())

    def line(self, at: int, width: int) -> list[tuple[str, str]]:
        run = self._runs[at]
        look = LOOKS.get(run.status, "faint")
        question = NOT_KEPT if run.question is None else shown_line(run.question)
        ends = [(f"{_cost(run):>9}", ""), (f"{duration(run.latency_ms):>8} ", "faint")]
        if width >= _WIDE:
            ends.insert(0, (f"  {fitted(shown_line(run.model) or '-', 22)}", "faint"))
        begins = [
            (f" {_when(run.started_at, self._now):<12} ", "faint"),
            (fitted(run.status, 12), look),
            (fitted(run.kind, 8), "faint"),
        ]
        taken = sum(len(text) for text, _ in (*begins, *ends))
        return [*begins, (fitted(question, max(0, width - taken)), ""), *ends]

    def heads(self, width: int) -> str:
        """What stands above the columns."""
        model = f"  {'model':<22}" if width >= _WIDE else ""
        ends = f"{model}{'cost':>9}{'took':>8} "
        begins = f" {'when':<12} {'status':<12}{'kind':<8}question"
        return begins.ljust(width - len(ends))[: max(0, width - len(ends))] + ends


def _cost(run: RunSummary) -> str:
    return money(run.cost_microusd, places=4)


def _when(moment: datetime, now: datetime) -> str:
    when, today = moment.astimezone(), now.astimezone()
    if when.date() == today.date():
        return f"{when:%H:%M:%S}"
    if when.year == today.year:
        return f"{when.day:>2} {when:%b %H:%M}"
    return f"{when:%Y-%m-%d}"
