"""Budgets in memory: honours ``spending.BudgetStore`` as the kept one does."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.spending import Account, Amount, Balance, Change, Limit, Step, What, forbids


@dataclass
class _Held:
    accounts: tuple[Account, ...]
    amount: Amount
    until: datetime
    expired: bool = False


class MemoryBudgets:
    """Of this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._balances: dict[Account, Balance] = {}
        self._held: dict[str, _Held] = {}

    def reserve(
        self, hold: str, limits: Sequence[Limit], amount: Amount, *, now: datetime, until: datetime
    ) -> Step:
        with self._lock:
            changes = self._expire(now)
            for limit in limits:
                balance = self._of(limit.account)
                if forbids(limit, balance, amount):
                    return Step(tuple(changes), limit, balance)
            accounts = tuple(limit.account for limit in limits)
            self._held[hold] = _Held(accounts, amount, until)
            for account in accounts:
                balance = self._of(account)
                after = replace(balance, reserved=balance.reserved + amount)
                changes.append(self._put("reserved", amount, after))
            return Step(tuple(changes))

    def settle(self, hold: str, spent: Amount) -> Step:
        with self._lock:
            held = self._held.pop(hold, None)
            if held is None:
                return Step()
            changes = []
            for account in held.accounts:
                balance = self._of(account)
                if held.expired:
                    after = replace(balance, spent=balance.spent + spent - held.amount)
                else:
                    after = replace(
                        balance,
                        spent=balance.spent + spent,
                        reserved=balance.reserved - held.amount,
                    )
                if spent == Amount():
                    changes.append(self._put("released", held.amount, after))
                else:
                    changes.append(self._put("settled", spent, after))
            return Step(tuple(changes))

    def balances(self, accounts: Sequence[Account]) -> list[Balance]:
        with self._lock:
            return [self._of(account) for account in accounts]

    def grant(self, account: Account, more: Amount) -> Balance:
        with self._lock:
            balance = self._of(account)
            self._balances[account] = replace(balance, granted=balance.granted + more)
            return self._balances[account]

    def disown(self, owners: Collection[str], *, dry_run: bool = False) -> int:
        with self._lock:
            new = {old: secrets.token_hex(12) for old in owners}
            found = [one for one in self._balances if one.owner in new]
            if dry_run:
                return len(found)
            for old in found:
                account = replace(old, owner=new[old.owner])
                self._balances[account] = replace(self._balances.pop(old), account=account)
            for held in self._held.values():
                held.accounts = tuple(
                    replace(one, owner=new.get(one.owner, one.owner)) for one in held.accounts
                )
            return len(found)

    def _of(self, account: Account) -> Balance:
        return self._balances.get(account, Balance(account))

    def _put(self, what: What, amount: Amount, balance: Balance) -> Change:
        self._balances[balance.account] = balance
        return Change(what, amount, balance)

    def _expire(self, now: datetime) -> list[Change]:
        changes = []
        for held in self._held.values():
            if held.expired or held.until > now:
                continue
            held.expired = True
            for account in held.accounts:
                balance = self._of(account)
                after = replace(
                    balance,
                    spent=balance.spent + held.amount,
                    reserved=balance.reserved - held.amount,
                )
                changes.append(self._put("expired", held.amount, after))
        return changes
