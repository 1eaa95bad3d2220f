"""What a day may cost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.config.schema import AlertRule
from copilot.figures import BudgetState
from copilot.telemetry.limits import day_alert_usd, day_limit_usd

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_least_limit_of_todays_budgets_holds() -> None:
    budgets = [
        BudgetState("team", "2026-11-22", 0, 9_000_000),
        BudgetState("ann", "2026-11-22", 0, 5_000_000),
        BudgetState("open", "2026-11-22", 0, None),
        BudgetState("yesterday", "2026-11-21", 0, 1_000_000),
        BudgetState("month", "2026-11", 0, 1_000_000),
    ]
    assert day_limit_usd(budgets, NOW) == 5.0
    assert day_limit_usd(budgets[2:], NOW) is None


@pytest.mark.parametrize(
    ("rule", "bound"),
    [
        ({"figure": "cost", "above": 5.0, "window": "1d"}, 5.0),
        ({"figure": "cost", "above": 5.0, "window": "24h"}, 5.0),
        ({"figure": "cost", "above": 5.0, "window": "1h"}, None),
        ({"figure": "cost", "below": 5.0, "window": "1d"}, None),
        ({"figure": "runs", "above": 5.0, "window": "1d"}, None),
    ],
)
def test_an_alert_on_what_a_day_costs_has_a_bound(
    rule: dict[str, object], bound: float | None
) -> None:
    rules = {"it": AlertRule(**rule), "other": AlertRule(figure="error_rate", above=0.5)}  # type: ignore[arg-type]
    assert day_alert_usd(rules, NOW) == bound
    more = {**rules, "less": AlertRule(figure="cost", above=2.0, window="1d")}
    assert day_alert_usd(more, NOW) == 2.0
