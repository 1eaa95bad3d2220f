"""What a day may cost: the limit that a budget sets, and where an alert begins.

Invariant: None where nobody set one; of several the least.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from copilot.config.schema import AlertRule
from copilot.figures import BudgetState
from copilot.ledger.queries import since_when


def day_limit_usd(budgets: Iterable[BudgetState], now: datetime) -> float | None:
    """Of the budgets whose period is this day, here or in UTC."""
    today = {f"{now.astimezone():%Y-%m-%d}", f"{now.astimezone(UTC):%Y-%m-%d}"}
    limits = [
        one.limit_microusd / 1e6
        for one in budgets
        if one.limit_microusd is not None and one.period in today
    ]
    return min(limits, default=None)


def day_alert_usd(rules: Mapping[str, AlertRule], now: datetime) -> float | None:
    """Above which cost of a day an alert fires."""
    bounds = [
        rule.above
        for rule in rules.values()
        if rule.figure == "cost"
        and rule.above is not None
        and now - since_when(rule.window, now) == timedelta(days=1)
    ]
    return min(bounds, default=None)
