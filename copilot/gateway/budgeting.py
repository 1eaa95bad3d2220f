"""Which budgets a request concerns, and whether it may be made.

Invariant: what a request may cost at most is set aside in all of its budgets, in one step, before
it is made, or it isn't made; a budget that can't be kept lets nothing be spent. So a budget is
overshot by no more than what a provider charges beyond the tokens that it was allowed to write,
or counted as read.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from copilot.errors import BudgetError, StorageError
from copilot.gateway.looping import Loops
from copilot.messages import Usage
from copilot.noting import note, running
from copilot.ports import Clock
from copilot.quantities import money
from copilot.records import BudgetChanged
from copilot.spending import (
    Account,
    Amount,
    Balance,
    BudgetStore,
    Hold,
    Limit,
    Payer,
    Step,
    owner,
)

if TYPE_CHECKING:
    from copilot.config.budgets import BudgetSettings
    from copilot.gateway.routing import Route

_MICRO = 1_000_000
# Beyond the time that a request may take, until what was set aside for it counts as spent.
_GRACE_S = 60.0
_LOOK = "`copilot models budget` shows all of them"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as it is now. ``frees_at``: when it begins anew; None: it doesn't by itself."""

    limit: Limit
    balance: Balance
    frees_at: datetime | None


class Budgets:
    """All budgets of a home, as ``spending.Purse``. ``store`` is opened when one is looked at.

    ``loops`` ends runs that ask over and over, budget or not. ``principal`` pays for what belongs
    to no run.
    """

    def __init__(
        self,
        settings: BudgetSettings,
        store: Callable[[], BudgetStore],
        clock: Clock,
        *,
        principal: str,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._principal = principal
        self.loops = Loops(settings, clock)
        # A call alone needs no account: its limits are in the request.
        self._calls = tuple(_limits(settings, ("call",), Payer(principal), clock.now()))
        spans = ("conversation", "day", "month")
        known = Payer(principal, conversation="any")
        limits = [*self._calls, *_limits(settings, spans, known, clock.now())]
        self._in_money = any(one.microusd is not None for one in limits)
        self._counts = bool(limits)

    @property
    def in_money(self) -> bool:
        """Whether a call whose price nobody knows is refused."""
        return self._in_money

    @property
    def counts(self) -> bool:
        """As ``Purse.counts``."""
        return self._counts

    def hold(self, most: Usage, *, within_s: float) -> Hold:
        """As ``Purse.hold``: blocks, raises BudgetError."""
        if self._in_money and most.cost_microusd is None:
            raise BudgetError(
                f"{most.model}: nobody knows its price, and there is a budget in money",
                hint=f'set it in models.prices, dollars a million tokens: "{most.model}" = '
                "{ input = 0.25, output = 2.0 }",
            )
        amount = Amount(most.cost_microusd or 0, most.input_tokens + most.output_tokens)
        now = self._clock.now()
        for limit in self._calls:
            if _above(limit, amount):
                _note_refused(limit, Balance(limit.account), amount)
                raise _refusal(limit, Balance(limit.account), amount, now)
        limits = self._of(self._payer(), now)
        if not limits:
            return Hold("", amount)
        name = secrets.token_hex(12)
        until = now + timedelta(seconds=within_s + _GRACE_S)
        try:
            step = self._store().reserve(name, limits, amount, now=now, until=until)
        except StorageError as error:
            raise BudgetError(
                f"budgets can't be kept, so nothing is spent: {error.message}", hint=error.hint
            ) from error
        self._note(step, limits)
        if step.over is not None:
            balance = step.balance or Balance(step.over.account)
            _note_refused(step.over, balance, amount)
            raise _refusal(step.over, balance, amount, now)
        return Hold(name, amount)

    def settle(self, hold: Hold, usage: Usage | None) -> None:
        """As ``Purse.settle``: blocks. Of an unknown price, all that was set aside is taken."""
        if not hold.name:
            return
        spent = Amount()
        if usage is not None:
            cost = hold.most.microusd if usage.cost_microusd is None else usage.cost_microusd
            spent = Amount(cost, usage.input_tokens + usage.output_tokens)
        try:
            step = self._store().settle(hold.name, spent)
        except StorageError as error:
            _log.warning("a budget isn't settled, all that was set aside counts: %s", error.message)
            return
        self._note(step, self._of(self._payer(), self._clock.now()))

    def thrifty(self) -> bool:
        """Whether a budget is spent to its soft limit, so that cheaper models go first. Blocks."""
        limits = self._of(self._payer(), self._clock.now())
        try:
            balances = self._store().balances([one.account for one in limits]) if limits else []
        except StorageError:
            return False  # a request will say so
        for limit, balance in zip(limits, balances, strict=True):
            if _share(limit, balance) >= self._settings.soft:
                _note_change("limited", limit, balance, Amount())
                return True
        return False

    def standings(self) -> list[Standing]:
        """Every budget that is set, as it is for whose run this is. Blocks; StorageError."""
        now = self._clock.now()
        limits = self._of(self._payer(), now)
        balances = self._store().balances([one.account for one in limits]) if limits else []
        kept = [
            Standing(limit, balance, _frees_at(limit.account.budget, now))
            for limit, balance in zip(limits, balances, strict=True)
        ]
        each = list(_limits(self._settings, ("call", "conversation"), Payer("", "any"), now))
        return [*(Standing(one, Balance(one.account), None) for one in each), *kept]

    def grant(self, budget: str, more: Amount) -> Standing:
        """Let a budget go further, until it begins anew. Blocks; KeyError for none that is set."""
        now = self._clock.now()
        limits = self._of(self._payer(), now)
        found = {one.account.budget: one for one in limits}[budget]
        balance = self._store().grant(found.account, more)
        return Standing(found, balance, _frees_at(budget, now))

    def _payer(self) -> Payer:
        """Whose run this is; outside of any, the configured principal."""
        run = running()
        return Payer(self._principal) if run is None else Payer(run.principal, run.conversation)

    def _of(self, payer: Payer, now: datetime) -> list[Limit]:
        spans = ("conversation", "day", "month") if payer.conversation else ("day", "month")
        return list(_limits(self._settings, spans, payer, now))

    @staticmethod
    def _note(step: Step, limits: list[Limit]) -> None:
        of = {limit.account: limit for limit in limits}
        for one in step.changes:
            account = one.balance.account
            _note_change(one.what, of.get(account, Limit(account)), one.balance, one.amount)


async def thrifty(budgets: Budgets | None, route: Route[Any]) -> bool:
    """Whether a route that has cheaper models should begin with them."""
    if budgets is None or not budgets.counts or route.tiers is None:
        return False
    return await asyncio.to_thread(budgets.thrifty)


def _limits(
    settings: BudgetSettings, spans: tuple[str, ...], payer: Payer, now: datetime
) -> Iterator[Limit]:
    here = now.astimezone()
    periods = {"day": f"{here:%Y-%m-%d}", "month": f"{here:%Y-%m}"}
    for of_principal in (False, True):
        for span in spans:
            usd = settings.limit(span, "usd", of_principal=of_principal)
            tokens = settings.limit(span, "tokens", of_principal=of_principal)
            if usd is None and tokens is None:
                continue
            owners = [payer.principal] if of_principal else []
            owners += [payer.conversation] if span == "conversation" else []
            yield Limit(
                Account(
                    f"principal.{span}" if of_principal else span,
                    periods.get(span, ""),
                    owner(*owners) if owners else "",
                ),
                microusd=None if usd is None else round(usd * _MICRO),
                tokens=None if tokens is None else int(tokens),
            )


def _above(limit: Limit, amount: Amount) -> bool:
    return (limit.microusd is not None and amount.microusd > limit.microusd) or (
        limit.tokens is not None and amount.tokens > limit.tokens
    )


def _share(limit: Limit, balance: Balance) -> float:
    """How much of it is used, of money or of tokens, whichever is more."""
    used, granted, shares = balance.used, balance.granted, [0.0]
    if limit.microusd is not None:
        shares.append(used.microusd / max(1, limit.microusd + granted.microusd))
    if limit.tokens is not None:
        shares.append(used.tokens / max(1, limit.tokens + granted.tokens))
    return max(shares)


def _frees_at(budget: str, now: datetime) -> datetime | None:
    here = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    match budget.rpartition(".")[2]:
        case "day":
            midnight = here + timedelta(days=1)
        case "month":
            midnight = (here.replace(day=1) + timedelta(days=32)).replace(day=1)
        case _:
            return None
    return midnight.astimezone()  # of that day: clocks may be changed in between


def _refusal(limit: Limit, balance: Balance, amount: Amount, now: datetime) -> BudgetError:
    """Which budget says no, what stands in it, and what would free it."""
    budget, used = limit.account.budget, balance.used
    span = budget.rpartition(".")[2]
    most = None if limit.microusd is None else limit.microusd + balance.granted.microusd
    if most is not None and amount.microusd and used.microusd + amount.microusd > most:
        setting, may = f"budgets.{budget}_usd", money(amount.microusd)
        of, spent, unit = money(most), money(used.microusd), "--usd"
    else:
        tokens = (limit.tokens or 0) + balance.granted.tokens
        setting, may = f"budgets.{budget}_tokens", f"{amount.tokens:,} tokens"
        of, spent, unit = f"{tokens:,}", f"{used.tokens:,}", "--tokens"
    if span == "call":
        return BudgetError(
            f"{setting} is {of}, and this request may cost {may}",
            hint=f"raise {setting}, or lower models.max_output_tokens",
        )
    frees_at = _frees_at(budget, now)
    ways = [f"raise {setting}"]
    if frees_at is not None:
        ways.append(f"`copilot models grant {budget} {unit} MORE --reason WHY`")
    if not _above(limit, amount):  # else it would be too much for a new one, too
        anew = "begin another conversation"
        if frees_at is not None:
            anew = f"it begins anew on {frees_at:%d %b at %H:%M}"
        ways.insert(0, anew)
    return BudgetError(
        f"{setting}: {spent} of {of} are spent or set aside, and this request may cost {may}",
        hint=f"{', or '.join(ways)}; {_LOOK}",
    )


def _note_refused(limit: Limit, balance: Balance, amount: Amount) -> None:
    _note_change("refused", limit, balance, amount)


def _note_change(
    what: Literal["reserved", "settled", "released", "expired", "limited", "refused"],
    limit: Limit,
    balance: Balance,
    amount: Amount,
) -> None:
    granted, used = balance.granted, balance.used
    note(
        BudgetChanged(
            budget=limit.account.budget,
            change=what,
            amount_microusd=amount.microusd,
            spent_microusd=used.microusd,
            limit_microusd=None if limit.microusd is None else limit.microusd + granted.microusd,
            period=limit.account.period,
            amount_tokens=amount.tokens,
            spent_tokens=used.tokens,
            limit_tokens=None if limit.tokens is None else limit.tokens + granted.tokens,
        )
    )
