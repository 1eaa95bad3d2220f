"""Which requests budgets let through, what they set aside and settle, and what they say."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from copilot.config.budgets import BudgetSettings
from copilot.config.models import ModelSettings
from copilot.errors import BudgetError, LimitError, ModelError, ModelUnavailableError, StorageError
from copilot.gateway import Deployed, Deployment, Gateway, Route
from copilot.gateway.budgeting import Budgets
from copilot.gateway.tiers import Tiers
from copilot.messages import ModelChunk, ModelRequest, Turn, Usage
from copilot.ports import ChatModel
from copilot.spending import Amount, Limit, Step
from copilot.testing.memory_budgets import MemoryBudgets
from copilot.testing.scripted_model import Say, ScriptedModel
from tests.budgeted import Priced, StandingClock, Unpriced, budgets, run_of
from tests.routes import breaker, route
from tests.unit.test_gateway import Clock

# Two words read and four that may be written: 42 micro-dollars, 6 tokens at most.
REQUEST = ModelRequest("x/y", "", (Turn("user", "How long?"),), max_output_tokens=4)
MOST = Usage("x/y", 2, 4, 42)


@pytest.fixture(autouse=True)
def in_utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def spent(held: Budgets) -> dict[str, Amount]:
    return {one.limit.account.budget: one.balance.spent for one in held.standings()}


async def ask(gateway: Gateway) -> tuple[str, ModelError | None]:
    text = ""
    try:
        async for step in gateway.stream(REQUEST):
            text += step.text if isinstance(step, ModelChunk) else ""
    except ModelError as error:
        return text, error
    return text, None


def gateway(held: Budgets, *models: ChatModel, **changes: int) -> Gateway:
    settings = ModelSettings(answer="x/y", **{"retries": 0, **changes})  # type: ignore[arg-type]
    clock = Clock()
    return Gateway(route(*models), settings, clock, budgets=held, sleep=clock.sleep)


async def test_a_request_is_settled_on_what_it_cost() -> None:
    held = budgets(BudgetSettings(day_usd=1, month_tokens=100))
    assert await ask(gateway(held, Priced(["Ten minutes."]))) == ("Ten minutes.", None)
    assert spent(held) == {"day": Amount(22, 4), "month": Amount(22, 4)}


async def test_a_request_that_may_cost_more_than_is_left_is_not_made() -> None:
    held, model = budgets(BudgetSettings(day_usd=60e-6)), Priced(["Ten minutes."])
    asked = gateway(held, model)
    await ask(asked)
    _, error = await ask(asked)
    assert isinstance(error, LimitError)
    assert error.exit_code == 8
    assert error.message == (
        "budgets.day_usd: $0.000022 of $0.00006 are spent or set aside, "
        "and this request may cost $0.000042"
    )
    assert error.hint == (
        "it begins anew on 23 Nov at 00:00, or raise budgets.day_usd, or "
        "`copilot models grant day --usd MORE --reason WHY`; "
        "`copilot models budget` shows all of them"
    )
    assert len(model.requests) == 1
    assert spent(held) == {"day": Amount(22, 4)}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (BudgetSettings(call_usd=41e-6), "budgets.call_usd is $0.000041"),
        (BudgetSettings(call_tokens=5), "budgets.call_tokens is 5, and"),
        (BudgetSettings(day_tokens=5), "budgets.day_tokens: 0 of 5 are spent"),
        (BudgetSettings(month_usd=0), "budgets.month_usd: $0 of $0 are"),
        (BudgetSettings(principal={"day_tokens": 5}), "budgets.principal.day_tokens: 0 of 5"),
        (BudgetSettings(principal={"call_usd": 0}), "budgets.principal.call_usd is $0"),
    ],
)
async def test_each_budget_refuses_by_its_name(settings: BudgetSettings, says: str) -> None:
    model = Priced(["Never."])
    _, error = await ask(gateway(budgets(settings), model))
    assert error is not None
    assert error.message.startswith(says)
    assert model.requests == []


async def test_each_conversation_and_each_principal_has_its_own() -> None:
    settings = BudgetSettings(conversation_tokens=8, principal={"day_tokens": 12})
    held = budgets(settings)
    asked = gateway(held, Priced(["One two three four"]))

    async def says(principal: str, conversation: str) -> str:
        with run_of(principal, conversation):
            _, error = await ask(asked)
        return "" if error is None else error.message.partition(":")[0]

    assert await says("ann", "a") == ""
    assert await says("ann", "a") == "budgets.conversation_tokens"
    assert await says("ann", "b") == ""
    assert await says("ann", "c") == "budgets.principal.day_tokens"
    assert await says("bo", "c") == ""


async def test_what_costs_nothing_needs_no_money_but_tokens() -> None:
    held = budgets(BudgetSettings(day_usd=0, day_tokens=10))
    asked = gateway(held, ScriptedModel(["One two three four"]))
    assert (await ask(asked))[1] is None
    _, error = await ask(asked)
    assert error is not None
    assert "day_tokens" in error.message


async def test_a_price_that_nobody_knows_is_refused_only_where_money_is_limited() -> None:
    _, error = await ask(gateway(budgets(BudgetSettings(month_usd=5)), Unpriced(["No."])))
    assert isinstance(error, BudgetError)
    assert "x/y: nobody knows its price" in error.message
    assert "models.prices" in error.hint
    held = budgets(BudgetSettings(month_tokens=500))
    assert (await ask(gateway(held, Unpriced(["Yes."]))))[1] is None


async def test_a_free_model_steps_in_for_one_that_is_over_budget() -> None:
    held = budgets(BudgetSettings(day_usd=0))
    assert await ask(gateway(held, Priced(["Dear."]), ScriptedModel(["Free."]))) == ("Free.", None)
    _, error = await ask(
        gateway(held, Priced(["Dear."]), ScriptedModel([Say(fail=ModelUnavailableError("down"))]))
    )
    assert isinstance(error, BudgetError)  # rather than what befell the one that stepped in


async def test_what_a_provider_did_not_take_costs_nothing_and_each_attempt_counts() -> None:
    held = budgets(BudgetSettings(day_usd=1))
    down = Say(fail=ModelUnavailableError("down"))
    with run_of("ann") as told:
        await ask(gateway(held, Priced([down, "Ten minutes."]), retries=1))
    assert [one.change for one in told] == ["reserved", "released", "reserved", "settled"]
    assert [one.spent_microusd for one in told] == [42, 0, 42, 22]
    assert {one.limit_microusd for one in told} == {1_000_000}
    assert spent(held) == {"day": Amount(22, 4)}


async def test_a_stream_that_breaks_is_settled_on_what_was_read_and_written() -> None:
    held = budgets(BudgetSettings(day_usd=1))
    await ask(gateway(held, Priced([Say("Ten ", fail=ModelUnavailableError("gone"))])))
    assert spent(held) == {"day": Amount(12, 3)}


@pytest.mark.parametrize("how", ["closed", "cancelled"])
async def test_a_call_that_is_left_is_settled_at_once(how: str) -> None:
    held = budgets(BudgetSettings(day_usd=1))
    asked = gateway(held, Priced([Say("Ten minutes or so", delay_s=0.01)]))
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(asked.stream(REQUEST)) as steps:
            async for step in steps:
                if isinstance(step, ModelChunk):
                    begun.set()
                    if how == "closed":
                        return

    reading = asyncio.create_task(read())
    await begun.wait()
    if how == "cancelled":
        reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    [standing] = held.standings()
    assert standing.balance.reserved == Amount()
    assert standing.balance.spent.microusd >= 12


async def test_cancelled_while_money_is_set_aside_it_is_given_back() -> None:
    class Slow(MemoryBudgets):
        def reserve(self, hold: str, limits, amount, *, now, until) -> Step:  # type: ignore[no-untyped-def]
            time.sleep(0.05)
            return super().reserve(hold, limits, amount, now=now, until=until)

    held, model = budgets(BudgetSettings(day_usd=1), Slow()), Priced(["Never."])
    asking = asyncio.create_task(ask(gateway(held, model)))
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    [standing] = held.standings()
    assert (standing.balance.used, model.requests) == (Amount(), [])


def test_what_a_process_that_died_set_aside_is_spent_and_told() -> None:
    clock, store = StandingClock(), MemoryBudgets()
    held = budgets(BudgetSettings(day_usd=100e-6), store, clock)
    held.hold(MOST, within_s=120)
    clock.goes_on(seconds=179)
    assert held.standings()[0].balance.reserved.microusd == 42
    clock.goes_on(seconds=2)
    with run_of("ann") as told:
        held.settle(held.hold(MOST, within_s=120), MOST)
    assert [(one.change, one.amount_microusd) for one in told] == [
        ("expired", 42),
        ("reserved", 42),
        ("settled", 42),
    ]
    with pytest.raises(BudgetError):
        held.hold(MOST, within_s=120)


def test_a_new_day_begins_at_midnight_and_a_new_month_on_its_first() -> None:
    clock = StandingClock()
    held = budgets(BudgetSettings(day_usd=50e-6, month_usd=100e-6), clock=clock)
    held.settle(held.hold(MOST, within_s=1), MOST)
    with pytest.raises(BudgetError, match="day_usd"):
        held.hold(MOST, within_s=1)
    clock.goes_on(hours=12)
    held.settle(held.hold(MOST, within_s=1), MOST)
    clock.goes_on(days=1)
    with pytest.raises(BudgetError, match="month_usd") as caught:
        held.hold(MOST, within_s=1)
    assert "01 Dec at 00:00" in caught.value.hint
    clock.at = datetime(2026, 12, 1, tzinfo=clock.at.tzinfo)
    held.hold(MOST, within_s=1)


def test_what_a_new_day_would_not_free_is_not_waited_for() -> None:
    held = budgets(BudgetSettings(day_tokens=5, conversation_usd=1e-6))
    with pytest.raises(BudgetError) as caught:
        held.hold(MOST, within_s=1)
    assert caught.value.hint.startswith(
        "raise budgets.day_tokens, or `copilot models grant day --tokens MORE --reason WHY`; "
    )
    with run_of("ann", "talk"), pytest.raises(BudgetError) as caught:
        held.hold(MOST, within_s=1)
    assert caught.value.hint.startswith("raise budgets.conversation_usd; ")


def test_a_month_begins_at_its_own_midnight_where_clocks_change_on_its_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        clock = StandingClock(datetime(2026, 10, 15, 12, tzinfo=UTC))
        [standing] = budgets(BudgetSettings(month_usd=1), clock=clock).standings()
        assert standing.frees_at is not None
        assert standing.frees_at.astimezone(UTC) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_grant_holds_until_the_budget_begins_anew() -> None:
    clock = StandingClock()
    held = budgets(BudgetSettings(day_usd=50e-6), clock=clock)
    held.settle(held.hold(MOST, within_s=1), MOST)
    held.grant("day", Amount(microusd=40))
    held.settle(held.hold(MOST, within_s=1), MOST)
    clock.goes_on(days=1)
    held.hold(MOST, within_s=1)
    with pytest.raises(BudgetError):
        held.hold(MOST, within_s=1)


async def test_from_the_soft_limit_on_cheaper_models_go_first() -> None:
    held = budgets(BudgetSettings(day_tokens=10, soft=0.4))
    dear, cheap = ScriptedModel(["Dear."]), ScriptedModel(["Cheap."])
    at = [Deployed(Deployment(name, name), model) for name, model in (("d", dear), ("c", cheap))]
    both: Route[ChatModel] = Route("answer", at, breaker(), tiers=Tiers(("c",), ("d",)))
    asked = Gateway(both, ModelSettings(answer="d"), Clock(), budgets=held)
    with run_of("ann") as told:
        assert not held.thrifty()
        held.settle(held.hold(Usage("d", 4, 0, 0), within_s=1), Usage("d", 4, 0, 0))
        assert (await ask(asked))[0] == "Cheap."
    assert [one.change for one in told][2] == "limited"


async def test_a_budget_that_can_not_be_kept_lets_nothing_be_spent() -> None:
    class Broken(MemoryBudgets):
        def reserve(self, hold: str, limits, amount, *, now, until) -> Step:  # type: ignore[no-untyped-def]
            raise StorageError("b.db: no room", hint="make room")

    model = Priced(["Never."])
    _, error = await ask(gateway(budgets(BudgetSettings(day_usd=1), Broken()), model))
    assert isinstance(error, BudgetError)
    assert (error.message, error.hint) == (
        "budgets can't be kept, so nothing is spent: b.db: no room",
        "make room",
    )
    assert model.requests == []


async def test_without_a_budget_nothing_is_counted_and_nothing_is_opened() -> None:
    class Closed(MemoryBudgets):
        def reserve(self, hold: str, limits, amount, *, now, until) -> Step:  # type: ignore[no-untyped-def]
            raise AssertionError

    held = budgets(BudgetSettings(), Closed())
    assert (held.counts, held.standings()) == (False, [])
    assert (await ask(gateway(held, Unpriced(["Yes."]))))[1] is None
    only_calls = budgets(BudgetSettings(call_tokens=100), Closed())
    assert (await ask(gateway(only_calls, Unpriced(["Yes."]))))[1] is None


def test_the_share_of_a_limit_of_nothing_is_no_division_by_zero() -> None:
    held = budgets(BudgetSettings(day_usd=0))
    assert not held.thrifty()
    assert held.standings()[0].limit == Limit(held.standings()[0].limit.account, microusd=0)
