"""Processes that spend at once, over one file, never spend more than a budget lets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from copilot.adapters.spend import build_budgets
from copilot.config.budgets import BudgetSettings
from copilot.spending import Amount
from tests.budgeted import budgets
from tests.corpora import REPOSITORY

PROCESSES, EACH, WORTH, COST = 6, 15, 40, 500
_SPENDS = f"""
import sys, time
from pathlib import Path
from copilot.adapters.spend import build_budgets
from copilot.config.budgets import BudgetSettings
from copilot.errors import BudgetError
from copilot.messages import Usage
from tests.budgeted import budgets
held = budgets(BudgetSettings(day_usd={WORTH * COST} / 1e6), build_budgets(Path(sys.argv[1])))
Path(sys.argv[1] + "." + sys.argv[2]).touch()
while len(list(Path(sys.argv[1]).parent.glob("b.db.[0-9]"))) < {PROCESSES}:
    time.sleep(0.002)
made = 0
for _ in range({EACH}):
    try:
        hold = held.hold(Usage("x/y", 0, 50, {COST}), within_s=60)
    except BudgetError:
        continue
    time.sleep(0.005)
    held.settle(hold, Usage("x/y", 0, 50, {COST}))
    made += 1
print(made)
"""


def test_what_processes_spend_at_once_is_what_the_budget_is_worth(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    several = [
        subprocess.Popen(
            [sys.executable, "-c", _SPENDS, str(file), str(n)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(PROCESSES)
    ]
    made = [int(one.communicate(timeout=60)[0]) for one in several]
    assert sum(made) == WORTH < PROCESSES * EACH
    [standing] = budgets(BudgetSettings(day_usd=1), build_budgets(file)).standings()
    assert standing.balance.used == standing.balance.spent == Amount(WORTH * COST, WORTH * 50)
