"""Calls about what runs add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.figures import Overview, StatsGroup

Period = Literal["today", "7d", "30d", "all"]


@dataclass(frozen=True, slots=True)
class LookOver:
    """Asks for the figures of a period; an empty ``kind`` is all kinds of runs.

    ``by`` ``time``: by the hour, the day or the month, as suits the period.
    """

    period: Period = "7d"
    by: StatsGroup | Literal["time"] = "time"
    kind: str = ""


Call = LookOver
Reply = Overview
