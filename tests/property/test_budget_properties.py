"""Whatever happens to requests, in whichever order: no budget is overshot, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.adapters.spend import build_budgets
from copilot.config.budgets import BudgetSettings
from copilot.config.models import ModelSettings
from copilot.errors import ModelError, ModelUnavailableError
from copilot.events import ModelAttempt
from copilot.gateway import Gateway
from copilot.messages import ModelRequest, Turn
from copilot.metering import metered
from copilot.spending import Amount, Balance, BudgetStore, Limit, Step
from copilot.testing.memory_budgets import MemoryBudgets
from copilot.testing.scripted_model import Say
from tests.budgeted import Priced, budgets
from tests.contracts.test_budget_store import DAY, LATER, LIMITS, MONTH, NOON
from tests.routes import route
from tests.unit.test_gateway import Clock

ENDS = ("whole", "broken", "refused", "cancelled")
SAYS = st.tuples(st.sampled_from(ENDS), st.integers(1, 6), st.integers(0, 3))
LIMIT = 150


class Watched(MemoryBudgets):
    """Looks after each step whether what is used is within the limit."""

    def reserve(
        self, hold: str, limits: Sequence[Limit], amount: Amount, *, now: datetime, until: datetime
    ) -> Step:
        step = super().reserve(hold, limits, amount, now=now, until=until)
        self._look([limit.account for limit in limits])
        return step

    def _look(self, accounts: Sequence[object]) -> None:
        for balance in self.balances(accounts):  # type: ignore[arg-type]
            assert balance.used.microusd <= LIMIT


async def _one(gateway: Gateway, end: str, wait: int) -> list[ModelAttempt]:
    attempts: list[ModelAttempt] = []

    async def read() -> None:
        async for step in gateway.stream(
            ModelRequest("x/y", "", (Turn("user", f"{end} please"),), max_output_tokens=6)
        ):
            if isinstance(step, ModelAttempt):
                attempts.append(step)  # noqa: PERF401 (what was told by a cancellation counts)

    with metered(attempts.append):
        reading = asyncio.create_task(read())
    for _ in range(wait):
        await asyncio.sleep(0)
    if end == "cancelled":
        reading.cancel()
    with suppress(ModelError, asyncio.CancelledError):
        await reading
    return attempts


async def _all(store: BudgetStore, calls: Sequence[tuple[str, int, int]]) -> tuple[Balance, int]:
    held = budgets(BudgetSettings(day_usd=LIMIT / 1e6), store)

    def gateway(end: str, words: int) -> Gateway:
        failure = ModelUnavailableError("down") if end in ("broken", "refused") else None
        said = "" if end == "refused" else " ".join(["word"] * words)
        clock = Clock()
        model = Priced([Say(said, fail=failure)])
        models = ModelSettings(answer="x/y", retries=1)
        return Gateway(route(model), models, clock, budgets=held, sleep=clock.sleep)

    told = await asyncio.gather(*(_one(gateway(end, n), end, wait) for end, n, wait in calls))
    paid = [attempt.usage for attempts in told for attempt in attempts if attempt.usage]
    [standing] = held.standings()
    return standing.balance, sum(usage.cost_microusd or 0 for usage in paid)


@settings(max_examples=25, deadline=None)
@given(calls=st.lists(SAYS, min_size=1, max_size=12))
def test_a_budget_holds_what_the_attempts_say_to_the_micro_dollar(
    calls: list[tuple[str, int, int]],
) -> None:
    balance, paid = asyncio.run(_all(Watched(), calls))
    assert balance.reserved == Amount()
    assert balance.spent.microusd == paid <= LIMIT


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["reserve", "settle"]), st.integers(1, 40)),
        max_size=20,
    )
)
def test_both_keepers_come_to_the_same_in_any_order(
    steps: list[tuple[int, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file: Path = tmp_path_factory.mktemp("spend") / "b.db"
    both: list[BudgetStore] = [MemoryBudgets(), build_budgets(file)]
    open_holds: set[int] = set()
    for number, what, amount in steps:
        if what == "reserve" and number not in open_holds:
            done = [
                one.reserve(str(number), LIMITS, Amount(amount, 1), now=NOON, until=LATER)
                for one in both
            ]
            if done[0].over is None:
                open_holds.add(number)
        else:
            done = [one.settle(str(number), Amount(amount // 2, 1)) for one in both]
            open_holds.discard(number)
        assert done[0] == done[1]
        day, month = both[0].balances([DAY, MONTH])
        assert [day, month] == both[1].balances([DAY, MONTH])
        assert day.used.microusd <= 100
        assert month.used.tokens <= 50
