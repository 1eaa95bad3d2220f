"""``copilot models budget`` and ``grant``: where budgets stand, and letting one go further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from copilot.cli import console

if TYPE_CHECKING:
    from copilot.gateway.budgeting import Standing

_NONE = "no budget is set: models may cost what they cost; see [budgets] in the configuration"


def show(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a budget.")] = False,
) -> None:
    """Show each budget: what is spent, set aside and left, and when it begins anew."""
    console.set_json(as_json)
    from copilot.bootstrap import build

    copilot = build()
    found = copilot.budgets.standings()
    if as_json:
        for one in found:
            console.emit({"kind": "budget", **plain(one)})
        return
    if not found:
        console.out(_NONE)
        return
    from copilot.cli.tables import table

    header = ["budget", "spent", "set aside", "limit", "left", "begins anew"]
    rows = [row for one in found for row in _rows(one)]
    for line in table(header, rows, right=["spent", "set aside", "limit", "left"]):
        console.out(line)


def grant(
    budget: Annotated[
        str, typer.Argument(metavar="BUDGET", help="day, month, principal.day, principal.month.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit trail.")],
    usd: Annotated[float, typer.Option(help="US dollars more.")] = 0.0,
    tokens: Annotated[int, typer.Option(help="Tokens more.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON envelope.")] = False,
) -> None:
    """Let a budget go further than its limit, until it begins anew."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.operations import budgets

    name, why = console.typed(budget), console.typed(reason)
    done, notices = budgets.grant(build(), name, usd=usd, tokens=tokens, reason=why)
    console.warn(f"{notice.message}; {notice.hint}" for notice in notices)
    if as_json:
        console.emit({"kind": "budget", **plain(done)})
        return
    for _, spent, _, limit, left, anew in _rows(done):
        console.out(f"{name}: {spent} of {limit} spent, {left} left; it begins anew {anew}")


def plain(one: Standing) -> dict[str, Any]:
    """A budget as its envelope says it."""
    limit, balance = one.limit, one.balance
    return {
        "budget": limit.account.budget,
        "period": limit.account.period,
        "limit_microusd": limit.microusd,
        "limit_tokens": limit.tokens,
        "spent_microusd": balance.spent.microusd,
        "spent_tokens": balance.spent.tokens,
        "reserved_microusd": balance.reserved.microusd,
        "reserved_tokens": balance.reserved.tokens,
        "granted_microusd": balance.granted.microusd,
        "granted_tokens": balance.granted.tokens,
        "frees_at": one.frees_at.isoformat() if one.frees_at else None,
    }


def _rows(one: Standing) -> list[list[str]]:
    """One in money, one in tokens, as they are limited."""
    from copilot.quantities import money

    limit, balance, used = one.limit, one.balance, one.balance.used
    name = limit.account.budget
    anew = f"{one.frees_at:%d %b %H:%M}" if one.frees_at else f"each {name.rpartition('.')[2]}"
    rows = []
    if limit.microusd is not None:
        most = limit.microusd + balance.granted.microusd
        figures = (balance.spent.microusd, balance.reserved.microusd, most)
        rows.append([name, *(money(n) for n in figures), money(max(0, most - used.microusd)), anew])
    if limit.tokens is not None:
        most = limit.tokens + balance.granted.tokens
        counts = (balance.spent.tokens, balance.reserved.tokens, most, max(0, most - used.tokens))
        rows.append([f"{name}, tokens", *(f"{n:,}" for n in counts), anew])
    return rows
