"""Whether twenty processes at once spend more than a budget lets them.

    python -m tests.bench.budget_race [--processes 20] [--calls 6] [--budget 40]

Each process asks a server on the loopback, over our gateway, adapter and litellm, as fast as it
can. The budget is worth so many calls, each of which costs to the micro-dollar what was set aside
for it. In the same run: a store that looks whether something is left, and adds up when the call
has ended. Goal: 0 calls too many.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from copilot.adapters.spend import build_budgets
from copilot.config.budgets import BudgetSettings
from copilot.config.models import ModelPrice, ModelSettings
from copilot.config.schema import Settings
from copilot.errors import BudgetError, ModelError
from copilot.gateway.budgeting import Budgets
from copilot.messages import ModelRequest, Turn
from copilot.routes import ModelRoutes
from copilot.spending import Amount, Balance, BudgetStore, Limit, Step, forbids
from copilot.testing.openai_server import OpenAIServer, Reply, refused_url

MODEL = "openai/scripted"
WRITTEN = 50  # tokens of an answer, which is all that it may have
COST = WRITTEN * 10  # micro-dollars; what is read costs nothing
REPLY = Reply(pieces=("Forty-five ", "minutes."), usage=(11, WRITTEN), first_delay_s=0.05)


@dataclass(frozen=True, slots=True)
class Raced:
    """``made`` calls went through, ``refused`` didn't; the store says ``spent``."""

    made: int
    refused: int
    spent_microusd: int
    limit_microusd: int
    seconds: float

    @property
    def over(self) -> int:
        """Calls beyond the budget."""
        return max(0, self.made - self.limit_microusd // COST)


class CheckThenIncrement:
    """The common way: look whether something is left, call, add up what it came to."""

    def __init__(self, store: BudgetStore) -> None:
        self._store = store
        self._limits: dict[str, Sequence[Limit]] = {}

    def reserve(
        self, hold: str, limits: Sequence[Limit], amount: Amount, *, now: datetime, until: datetime
    ) -> Step:
        balances = self._store.balances([limit.account for limit in limits])
        for limit, balance in zip(limits, balances, strict=True):
            if forbids(limit, balance, amount):
                return Step((), limit, balance)
        self._limits[hold] = limits
        return Step()

    def settle(self, hold: str, spent: Amount) -> Step:
        unlimited = [Limit(limit.account) for limit in self._limits.pop(hold)]
        now = datetime.now(UTC)
        self._store.reserve(hold, unlimited, spent, now=now, until=now)
        return self._store.settle(hold, spent)

    def balances(self, accounts: Sequence[object]) -> list[Balance]:
        return self._store.balances(accounts)  # type: ignore[arg-type]

    def grant(self, account: object, more: Amount) -> Balance:
        return self._store.grant(account, more)  # type: ignore[arg-type]


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def _gateway_calls(folder: Path, url: str, limit: int, calls: int, *, naive: bool) -> int:
    """How many of so many calls went through."""
    kept = build_budgets(folder / "budgets.db")
    store: BudgetStore = CheckThenIncrement(kept) if naive else kept
    settings = Settings(
        models=ModelSettings(
            answer=MODEL,
            api_base=url,
            prices={MODEL: ModelPrice(input=0, output=10)},
            retries=0,
            first_token_timeout_s=110,
        ),
        budgets=BudgetSettings(month_usd=limit / 1e6),
    )
    held = Budgets(settings.budgets, lambda: store, _Clock(), principal="ann")
    gateway = ModelRoutes(
        settings, folder / "models.db", key_for=lambda _: None, clock=_Clock(), budgets=held
    ).chat("answer")
    assert gateway is not None
    request = ModelRequest(MODEL, "", (Turn("user", "How long?"),), max_output_tokens=WRITTEN)

    async def ask() -> int:
        made = 0
        for _ in range(calls):
            try:
                async for _ in gateway.stream(request):
                    pass
                made += 1
            except BudgetError:
                continue
        return made

    return asyncio.run(ask())


def _worker(
    told: Connection, start: Barrier, folder: Path, url: str, limit: int, calls: int, naive: bool
) -> None:
    start.wait()
    told.send(_gateway_calls(folder, url, limit, calls, naive=naive))


def race(url: str, folder: Path, *, processes: int, calls: int, budget: int, naive: bool) -> Raced:
    """So many processes, forked from one that has imported litellm, make so many calls each."""
    context = multiprocessing.get_context("fork")
    start, limit = context.Barrier(processes + 1), budget * COST
    several, results = [], []
    for _ in range(processes):
        mine, theirs = context.Pipe(duplex=False)
        several.append(
            context.Process(target=_worker, args=(theirs, start, folder, url, limit, calls, naive))
        )
        results.append(mine)
    for one in several:
        one.start()
    start.wait()
    began = time.perf_counter()
    made = sum(mine.recv() for mine in results)
    took = time.perf_counter() - began
    for one in several:
        one.join()
    held = Budgets(
        BudgetSettings(month_usd=limit / 1e6),
        lambda: build_budgets(folder / "budgets.db"),
        _Clock(),
        principal="ann",
    )
    [standing] = held.standings()
    assert standing.balance.reserved == Amount()
    spent = standing.balance.spent.microusd
    assert spent == made * COST, "the store doesn't say what was spent"
    return Raced(made, processes * calls - made, spent, limit, took)


def _serve(told: Connection) -> None:
    with OpenAIServer([REPLY]) as server:
        told.send(server.url)
        told.poll(None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--calls", type=int, default=6)
    parser.add_argument("--budget", type=int, default=40)
    given = parser.parse_args()
    # In a process of its own: what is forked has no threads.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    url = ours.recv()
    # What a first call imports is imported before anything is forked.
    warm = Path(tempfile.mkdtemp(prefix="budget-race-"))
    with suppress(ModelError):
        _gateway_calls(warm, refused_url(), 10 * COST, 1, naive=False)
    shutil.rmtree(warm)
    for naive in (True, False):
        folder = Path(tempfile.mkdtemp(prefix="budget-race-"))
        found = race(
            url,
            folder,
            processes=given.processes,
            calls=given.calls,
            budget=given.budget,
            naive=naive,
        )
        shutil.rmtree(folder)
        name = "check, then increment" if naive else "reserve, then settle"
        print(
            f"{name:22} {found.made:4} calls made of {given.budget} that the budget is worth, "
            f"{found.refused} refused, {found.over} too many "
            f"(${found.spent_microusd / 1e6:.4f} of ${found.limit_microusd / 1e6:.4f}), "
            f"{found.seconds:.1f} s"
        )
    ours.send(None)
    server.join(timeout=5)


if __name__ == "__main__":
    main()
