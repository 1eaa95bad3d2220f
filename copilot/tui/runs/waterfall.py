"""The steps of a run, one line each: when it began, how long it took, what it came to.

Invariant: a bar stands where the ledger says; a step without a time has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.quantities import duration, money
from copilot.runs import RunStep
from copilot.tui.items import fitted
from copilot.tui.runs.rows import Rows
from copilot.tui.runs.run_list import NOT_KEPT
from copilot.tui.wording import shown_line

_TITLE, _TOOK, _SPENT = 11, 8, 22
_WIDE = 90


class Waterfall(Rows):
    """``show`` the steps of a run that took so long."""

    def __init__(self) -> None:
        super().__init__(id="run-waterfall")
        self.steps: list[RunStep] = []
        self._took = 0.0

    @property
    def count(self) -> int:
        return len(self.steps)

    @property
    def current(self) -> RunStep | None:
        return self.steps[self.at] if self.steps else None

    def show(self, steps: Sequence[RunStep], took_ms: float, *, at: int = 0) -> None:
        self.steps, self._took = list(steps), took_ms
        self.styles.height = len(self.steps)
        self.told(at=at)

    def replace(self, at: int, step: RunStep) -> None:
        """Another step in the place of this one, or behind the last."""
        self.steps[at : at + 1] = [step]
        self.styles.height = len(self.steps)
        self.told(at=self.at)

    def line(self, at: int, width: int) -> list[tuple[str, str]]:
        step = self.steps[at]
        mark = "✗" if step.failed else " "
        look = "error" if step.failed else "accent"
        bar = bar_room(width)
        took = "" if step.took_ms is None else duration(step.took_ms)
        told = NOT_KEPT if step.told is None else shown_line(step.told)
        spent = _spent(step) if width >= _WIDE else _money(step)
        room = max(0, width - 2 - _TITLE - bar - _TOOK - 2 - (len(spent) + 2 if spent else 0) - 1)
        return [
            (f"{mark} ", "error"),
            (fitted(step.title, _TITLE), "faint"),
            *self._bar(step, bar, look),
            (f"{took:>{_TOOK}}  ", "faint"),
            (fitted(told, room), "error" if step.failed else ""),
            (f"  {spent}" if spent else "", ""),
        ]

    def _bar(self, step: RunStep, width: int, look: str) -> list[tuple[str, str]]:
        if step.start_ms is None or not width:
            return [(" " * width, "")]
        scale = (width - 1) / self._took if self._took else 0.0
        start = min(width - 1, round(step.start_ms * scale))
        if step.took_ms is None:
            return [(" " * start, ""), ("•", look), (" " * (width - start - 1), "")]
        end = min(width, max(start + 1, round((step.start_ms + step.took_ms) * scale) + 1))
        waits = min(end - start, round((step.wait_ms or 0.0) * scale))
        return [
            (" " * start, ""),
            ("╌" * waits, "faint"),
            ("━" * (end - start - waits), look),
            (" " * (width - end), ""),
        ]

    def axis(self, width: int) -> str:
        """What stands above the bars: from nothing to all of it."""
        bar = bar_room(width)
        whole = duration(self._took)
        return " " * (2 + _TITLE) + "0".ljust(max(1, bar - len(whole))) + whole


def bar_room(width: int) -> int:
    """Cells of the bars."""
    return max(12, (width - 2 - _TITLE - _TOOK) * 2 // 5)


def _spent(step: RunStep) -> str:
    if not (step.input_tokens or step.output_tokens):
        return ""
    return f"{step.input_tokens:,} + {step.output_tokens:,} tokens  {_money(step)}"


def _money(step: RunStep) -> str:
    return money(step.cost_microusd) if step.input_tokens or step.output_tokens else ""
