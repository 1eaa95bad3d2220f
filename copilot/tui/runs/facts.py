"""A run in two lines: what was asked, and what became of it.

Invariant: what isn't known is left out, but for a price.
"""

from __future__ import annotations

from copilot.quantities import duration, money
from copilot.runs import RunDetail
from copilot.tui.runs.run_list import NOT_KEPT
from copilot.tui.wording import shown_line


def question(run: RunDetail) -> str:
    """What was asked, or read."""
    asked = run.summary.question
    return NOT_KEPT if asked is None else shown_line(asked)


def facts(run: RunDetail) -> str:
    """How it ended, when, by which model, for how much, in which conversation."""
    summary = run.summary
    cost = summary.cost_microusd
    known = cost != 0 or summary.input_tokens
    found = [
        f"{summary.status} {summary.kind}",
        f"{summary.started_at.astimezone():%d %b %Y %H:%M:%S}",
        duration(summary.latency_ms) if summary.latency_ms is not None else "",
        ("price unknown" if cost is None else money(cost, places=4)) if known else "",
        summary.model,
        f"{summary.input_tokens:,} + {summary.output_tokens:,} tokens" if known else "",
        f"release {summary.release}" if summary.release else "",
        f"by {summary.principal}" if summary.principal else "",
        summary.id[:13],
    ]
    return shown_line("  ·  ".join(fact for fact in found if fact))
