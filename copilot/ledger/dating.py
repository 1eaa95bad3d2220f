"""Runs that are dated ahead of the clock, which then was set back.

Invariant: nothing is moved or hidden: such a run stands first until its time has come, and is said
to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from copilot.runs import RunSummary

# Two machines that share a home needn't agree to the second.
_LEEWAY = timedelta(minutes=5)


def dated_ahead(runs: Sequence[RunSummary], now: datetime) -> tuple[str, ...]:
    """What to say of the runs that began after ``now``, newest first; mostly nothing."""
    ahead = [run for run in runs if run.started_at > now + _LEEWAY]
    if not ahead:
        return ()
    return (
        f"{len(ahead)} run(s) are dated ahead of the clock, which was set back: the latest, "
        f"{ahead[0].id}, counts as the last run until {ahead[0].started_at:%Y-%m-%d %H:%M} UTC",
    )
