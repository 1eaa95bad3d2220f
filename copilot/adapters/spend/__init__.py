"""What was spent of budgets, in one SQLite file that all processes share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.spend.accounts import SqliteBudgets


def build_budgets(file: Path) -> SqliteBudgets:
    """What was spent, kept in ``file``, which is made when something is set aside."""
    from copilot.adapters.spend.accounts import SqliteBudgets

    return SqliteBudgets(file)
