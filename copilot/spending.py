"""What calls to models may cost: whose money it is, what is set aside, and the port that keeps it.

Invariant: money is whole micro-dollars; what is set aside counts as spent until it is settled, and
for good if nobody settles it in time. ``BudgetStore`` is as the ports of ``ports.py``: a real
adapter and a shipped double pass the same contract suite; it blocks.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from copilot.messages import Usage


@dataclass(frozen=True, slots=True)
class Payer:
    """For whom and for what a model is asked."""

    principal: str
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """Money and tokens, both read and written ones."""

    microusd: int = 0
    tokens: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.microusd + other.microusd, self.tokens + other.tokens)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.microusd - other.microusd, self.tokens - other.tokens)


@dataclass(frozen=True, slots=True)
class Account:
    """A budget in one period. ``budget`` is as the configuration has it: ``day``.

    ``owner`` tells accounts of one budget apart (whose it is, which conversation), by a digest.
    """

    budget: str
    period: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How far an account may go; None: no limit in this unit."""

    account: Account
    microusd: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account stands. ``granted`` is what it may go further than its limit."""

    account: Account
    spent: Amount = field(default_factory=Amount)
    reserved: Amount = field(default_factory=Amount)
    granted: Amount = field(default_factory=Amount)

    @property
    def used(self) -> Amount:
        """Spent, or set aside to be."""
        return self.spent + self.reserved


What = Literal["reserved", "settled", "released", "expired"]


@dataclass(frozen=True, slots=True)
class Change:
    """What one step did to an account, and where it stands after it."""

    what: What
    amount: Amount
    balance: Balance


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a store, done whole. ``over``: the first limit that stood in the way."""

    changes: tuple[Change, ...] = ()
    over: Limit | None = None
    balance: Balance | None = None


class BudgetStore(Protocol):
    """What was spent and what is set aside, known to all processes of a home.

    Each call is one atomic step. Raises StorageError.
    """

    def reserve(
        self, hold: str, limits: Sequence[Limit], amount: Amount, *, now: datetime, until: datetime
    ) -> Step:
        """Set ``amount`` aside in every account, or in none if one of the limits forbids it.

        Before it, what was set aside until an earlier time than now counts as spent.
        """
        ...

    def settle(self, hold: str, spent: Amount) -> Step:
        """What was set aside under this name has come to ``spent``. A second time does nothing.

        One that was taken for spent in the meantime is put right.
        """
        ...

    def balances(self, accounts: Sequence[Account]) -> list[Balance]:
        """Where these stand, in their order; what is overdue counts as set aside."""
        ...

    def grant(self, account: Account, more: Amount) -> Balance:
        """Let the account go further than its limit; what was granted before adds up."""
        ...

    def disown(self, owners: Collection[str], *, dry_run: bool = False) -> int:
        """Give the accounts of these owners a random one each, and leave no trace of the old.

        Their figures stay, and what is set aside is settled as ever. Returns how many it were.
        """
        ...


def owner(*names: str) -> str:
    """What stands in an account for a person, or a conversation: never a name."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def owned(principal: str, conversations: Iterable[str]) -> frozenset[str]:
    """The owners of every account that a person has, by themselves or in these conversations."""
    return frozenset({owner(principal), *(owner(principal, name) for name in conversations)})


def forbids(limit: Limit, balance: Balance, amount: Amount) -> bool:
    """Whether the account can't take this, too; what costs nothing no limit forbids."""
    after, more = balance.used + amount, balance.granted
    money = limit.microusd is not None and after.microusd > limit.microusd + more.microusd
    tokens = limit.tokens is not None and after.tokens > limit.tokens + more.tokens
    return bool((money and amount.microusd) or (tokens and amount.tokens))


@dataclass(frozen=True, slots=True)
class Hold:
    """What is set aside for one request: ``most`` of it. Without a name nothing is kept."""

    name: str
    most: Amount


class Purse(Protocol):
    """Who asks for money before a request and says afterwards what it came to. Blocks."""

    @property
    def counts(self) -> bool:
        """Whether there is any budget at all; without one neither call does anything."""
        ...

    def hold(self, most: Usage, *, within_s: float) -> Hold:
        """Set aside what the request may cost at most. Raises BudgetError."""
        ...

    def settle(self, hold: Hold, usage: Usage | None) -> None:
        """The request ended; None: it wasn't taken, and costs nothing. Raises nothing."""
        ...


class Bill:
    """The money for one request: ``hold`` before it, ``settle`` after it, whatever became of it.

    Without a purse, or where there is no budget, neither does anything.
    """

    def __init__(self, purse: Purse | None, *, within_s: float) -> None:
        self._purse = purse
        self._within_s = within_s
        self._hold: Hold | None = None

    async def hold(self, most: Callable[[], Usage]) -> None:
        """Set aside what ``most``, called in a thread, says. Raises BudgetError."""
        purse = self._purse
        if purse is None or not purse.counts:
            return
        holding = asyncio.ensure_future(
            asyncio.to_thread(lambda: purse.hold(most(), within_s=self._within_s))
        )
        try:
            self._hold = await asyncio.shield(holding)
        except asyncio.CancelledError:
            # What the thread sets aside meanwhile, nobody will ask for.
            await asyncio.wait([holding])
            if holding.exception() is None:
                purse.settle(holding.result(), None)
            raise

    def settle_now(self, usage: Usage | None) -> None:
        """Blocks, for milliseconds. A second time does nothing."""
        hold, self._hold = self._hold, None
        if self._purse is not None and hold is not None:
            self._purse.settle(hold, usage)

    async def settle(self, usage: Usage | None) -> None:
        """As ``settle_now``, in a thread."""
        if self._hold is not None:
            await asyncio.to_thread(self.settle_now, usage)
