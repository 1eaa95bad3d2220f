"""Accounts of budgets and what is set aside in them, for all processes of a home.

Invariant: each step is one transaction that holds the write lock from before it reads; an account
goes beyond its limit only by what a request came to beyond what was set aside for it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from copilot.adapters.sqlite import Database
from copilot.spending import Account, Amount, Balance, Change, Limit, Step, forbids

_TABLES = """
CREATE TABLE IF NOT EXISTS accounts (
    budget TEXT NOT NULL,
    period TEXT NOT NULL,
    owner TEXT NOT NULL,
    spent_microusd INTEGER NOT NULL DEFAULT 0,
    spent_tokens INTEGER NOT NULL DEFAULT 0,
    granted_microusd INTEGER NOT NULL DEFAULT 0,
    granted_tokens INTEGER NOT NULL DEFAULT 0,
    used_at REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (budget, period, owner)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
    hold TEXT NOT NULL,
    budget TEXT NOT NULL,
    period TEXT NOT NULL,
    owner TEXT NOT NULL,
    microusd INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    until REAL NOT NULL,
    expired INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hold, budget, period, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS holds_of ON holds (budget, period, owner);
"""
_OF = "budget = ? AND period = ? AND owner = ?"
_OWNER_BYTES = 12  # as long as a digest of a name
_DAY_S = 86_400
_KEPT_S = 400 * _DAY_S  # what nobody used for so long is no period's any more
_PUT_RIGHT_S = 7 * _DAY_S  # how long what was taken for spent may still be put right


class SqliteBudgets:
    """As ``spending.BudgetStore``."""

    def __init__(self, file: Path) -> None:
        self._database = Database(
            file, tables=_TABLES, holds="what was spent of budgets, which then begin anew"
        )

    def reserve(
        self, hold: str, limits: Sequence[Limit], amount: Amount, *, now: datetime, until: datetime
    ) -> Step:
        with self._database.transaction() as connection:
            changes = _expire(connection, now.timestamp())
            before = [_balance(connection, limit.account) for limit in limits]
            for limit, balance in zip(limits, before, strict=True):
                if forbids(limit, balance, amount):
                    return Step(tuple(changes), limit, balance)
            for limit in limits:
                account = limit.account
                _open(connection, account, now.timestamp())
                key = (account.budget, account.period, account.owner)
                connection.execute(
                    "INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                    (hold, *key, amount.microusd, amount.tokens, until.timestamp()),
                )
                changes.append(Change("reserved", amount, _balance(connection, account)))
            return Step(tuple(changes))

    def settle(self, hold: str, spent: Amount) -> Step:
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT budget, period, owner, microusd, tokens, expired FROM holds WHERE hold = ?",
                (hold,),
            ).fetchall()
            connection.execute("DELETE FROM holds WHERE hold = ?", (hold,))
            changes = []
            for budget, period, owner, microusd, tokens, expired in rows:
                account, held = Account(budget, period, owner), Amount(microusd, tokens)
                _spend(connection, account, spent - held if expired else spent)
                balance = _balance(connection, account)
                if spent == Amount():
                    changes.append(Change("released", held, balance))
                else:
                    changes.append(Change("settled", spent, balance))
            return Step(tuple(changes))

    def balances(self, accounts: Sequence[Account]) -> list[Balance]:
        with self._database.reading() as connection:
            if connection is None:
                return [Balance(account) for account in accounts]
            connection.execute("BEGIN")  # all of one moment
            return [_balance(connection, account) for account in accounts]

    def grant(self, account: Account, more: Amount) -> Balance:
        with self._database.transaction() as connection:
            _open(connection, account, None)
            connection.execute(
                "UPDATE accounts SET granted_microusd = granted_microusd + ?, "
                f"granted_tokens = granted_tokens + ? WHERE {_OF}",
                (more.microusd, more.tokens, account.budget, account.period, account.owner),
            )
            return _balance(connection, account)

    def disown(self, owners: Collection[str], *, dry_run: bool = False) -> int:
        if not self._database.file.exists():
            return 0
        count = 0
        with self._database.transaction() as connection:
            for old in owners:
                new = secrets.token_hex(_OWNER_BYTES)
                for table in ("accounts", "holds"):
                    found = connection.execute(
                        f"SELECT count(*) FROM {table} WHERE owner = ?", (old,)
                    ).fetchone()
                    count += found[0] if table == "accounts" else 0
                    if not dry_run:
                        connection.execute(
                            f"UPDATE {table} SET owner = ? WHERE owner = ?", (new, old)
                        )
        with self._database.reading() as connection:
            if connection is not None and not dry_run:
                # Written anew: deleted rows keep their bytes, also those of holds long settled.
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count


def _open(connection: sqlite3.Connection, account: Account, now: float | None) -> None:
    key = (account.budget, account.period, account.owner)
    made = connection.execute(
        "INSERT INTO accounts (budget, period, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", key
    )
    if now is None:
        return
    connection.execute(f"UPDATE accounts SET used_at = ? WHERE {_OF}", (now, *key))
    if made.rowcount:
        connection.execute(
            "DELETE FROM accounts WHERE used_at > 0 AND used_at < ?", (now - _KEPT_S,)
        )


def _spend(connection: sqlite3.Connection, account: Account, spent: Amount) -> None:
    connection.execute(
        "UPDATE accounts SET spent_microusd = spent_microusd + ?, spent_tokens = spent_tokens + ? "
        f"WHERE {_OF}",
        (spent.microusd, spent.tokens, account.budget, account.period, account.owner),
    )


def _expire(connection: sqlite3.Connection, now: float) -> list[Change]:
    """What nobody settled in time counts as spent."""
    rows = connection.execute(
        "SELECT hold, budget, period, owner, microusd, tokens FROM holds "
        "WHERE NOT expired AND until <= ?",
        (now,),
    ).fetchall()
    changes = []
    for hold, budget, period, owner, microusd, tokens in rows:
        account, held = Account(budget, period, owner), Amount(microusd, tokens)
        connection.execute(
            f"UPDATE holds SET expired = 1 WHERE hold = ? AND {_OF}", (hold, budget, period, owner)
        )
        _spend(connection, account, held)
        changes.append(Change("expired", held, _balance(connection, account)))
    connection.execute("DELETE FROM holds WHERE expired AND until < ?", (now - _PUT_RIGHT_S,))
    return changes


def _balance(connection: sqlite3.Connection, account: Account) -> Balance:
    key = (account.budget, account.period, account.owner)
    row = connection.execute(
        "SELECT spent_microusd, spent_tokens, granted_microusd, granted_tokens FROM accounts "
        f"WHERE {_OF}",
        key,
    ).fetchone()
    spent_usd, spent_tokens, more_usd, more_tokens = row or (0, 0, 0, 0)
    held_usd, held_tokens = connection.execute(
        "SELECT coalesce(sum(microusd), 0), coalesce(sum(tokens), 0) FROM holds "
        f"WHERE {_OF} AND NOT expired",
        key,
    ).fetchone()
    return Balance(
        account,
        Amount(spent_usd, spent_tokens),
        Amount(held_usd, held_tokens),
        Amount(more_usd, more_tokens),
    )
