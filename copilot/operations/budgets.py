"""Where budgets stand, and letting one go further, which is written down.

Invariant: nothing is granted without a reason; who is told of it may count on the audit trail.
"""

from __future__ import annotations

from copilot.bootstrap import Copilot
from copilot.errors import NotFoundError, UsageError
from copilot.events import Warned
from copilot.gateway.budgeting import Standing
from copilot.spending import Amount

_LONGEST_REASON = 200
_MOST_USD = 1e9
_MOST_TOKENS = 10**15


def grant(
    copilot: Copilot, budget: str, *, usd: float, tokens: int, reason: str
) -> tuple[Standing, tuple[Warned, ...]]:
    """Let a budget go further until it begins anew: where it stands, and the trail's notices.

    Raises UsageError, NotFoundError for a budget that nobody set, StorageError.
    """
    if not (0 <= usd <= _MOST_USD and 0 <= tokens <= _MOST_TOKENS) or not (usd or tokens):
        raise UsageError("nothing is granted", hint="say how much more: --usd 1.50, --tokens 50000")
    reason = " ".join(reason.split())
    if not reason or len(reason) > _LONGEST_REASON:
        raise UsageError(
            f"a grant needs a reason of at most {_LONGEST_REASON} characters",
            hint='--reason "the quarter\'s report"',
        )
    kept = [one.limit.account.budget for one in copilot.budgets.standings() if one.frees_at]
    if budget not in kept:
        raise NotFoundError(
            f"there is no budget {budget!r} to go further",
            hint=f"there is {', '.join(kept)}" if kept else "none is set: see [budgets]",
        )
    standing = copilot.budgets.grant(budget, Amount(round(usd * 1_000_000), tokens))
    from copilot.audit.noting import note

    notices = note(
        lambda: copilot.audit_trail,
        "budget.grant",
        f"{budget} {standing.limit.account.period}",
        principal=copilot.settings.principal.name,
        microusd=round(usd * 1_000_000),
        tokens=tokens,
        reason=reason,
    )
    return standing, notices
