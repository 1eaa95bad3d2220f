"""What both keepers of budgets honour: the one in a file and the one in memory."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.spend import build_budgets
from copilot.errors import StorageError
from copilot.spending import Account, Amount, Balance, BudgetStore, Limit
from copilot.testing.memory_budgets import MemoryBudgets

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=90)
DAY, MONTH = Account("day", "2026-11-22"), Account("month", "2026-11")
LIMITS = (Limit(DAY, microusd=100), Limit(MONTH, microusd=1_000, tokens=50))


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BudgetStore:
    return build_budgets(tmp_path / "state/b.db") if request.param == "file" else MemoryBudgets()


def reserve(store: BudgetStore, hold: str, amount: Amount, *, now: datetime = NOON) -> bool:
    until = now + timedelta(seconds=60)
    return store.reserve(hold, LIMITS, amount, now=now, until=until).over is None


def test_what_was_never_touched_is_empty(store: BudgetStore) -> None:
    assert store.balances([DAY, MONTH]) == [Balance(DAY), Balance(MONTH)]
    assert store.settle("unknown", Amount(5, 5)).changes == ()


def test_what_is_set_aside_counts_as_used_and_is_settled_on_what_it_came_to(
    store: BudgetStore,
) -> None:
    step = store.reserve("a", LIMITS, Amount(60, 20), now=NOON, until=LATER)
    assert [(one.what, one.balance.account) for one in step.changes] == [
        ("reserved", DAY),
        ("reserved", MONTH),
    ]
    assert store.balances([DAY]) == [Balance(DAY, reserved=Amount(60, 20))]
    step = store.settle("a", Amount(40, 10))
    assert [(one.what, one.amount) for one in step.changes] == [("settled", Amount(40, 10))] * 2
    assert store.balances([DAY]) == [Balance(DAY, spent=Amount(40, 10))]
    assert store.settle("a", Amount(40, 10)).changes == ()
    assert store.balances([DAY]) == [Balance(DAY, spent=Amount(40, 10))]


def test_one_limit_that_forbids_it_keeps_all_accounts_as_they_are(store: BudgetStore) -> None:
    assert reserve(store, "a", Amount(90, 40))
    step = store.reserve("b", LIMITS, Amount(1, 11), now=NOON, until=LATER)
    assert (step.over, step.changes) == (LIMITS[1], ())
    assert step.balance == Balance(MONTH, reserved=Amount(90, 40))
    assert store.balances([DAY])[0].reserved == Amount(90, 40)
    step = store.reserve("b", LIMITS, Amount(11, 0), now=NOON, until=LATER)
    assert step.over == LIMITS[0]
    assert reserve(store, "b", Amount(10, 10))


def test_what_costs_nothing_is_held_to_tokens_alone(store: BudgetStore) -> None:
    assert reserve(store, "a", Amount(100, 1))
    assert reserve(store, "free", Amount(0, 49))
    assert not reserve(store, "more", Amount(0, 1))


def test_what_was_not_taken_is_given_back(store: BudgetStore) -> None:
    reserve(store, "a", Amount(60, 20))
    step = store.settle("a", Amount())
    assert [(one.what, one.amount) for one in step.changes] == [("released", Amount(60, 20))] * 2
    assert store.balances([DAY]) == [Balance(DAY)]


def test_more_than_was_set_aside_is_settled_as_it_is(store: BudgetStore) -> None:
    reserve(store, "a", Amount(60, 20))
    store.settle("a", Amount(130, 20))
    assert store.balances([DAY])[0].spent == Amount(130, 20)
    assert not reserve(store, "b", Amount(1, 0))


def test_what_nobody_settled_in_time_counts_as_spent_until_it_is_put_right(
    store: BudgetStore,
) -> None:
    reserve(store, "a", Amount(60, 20))
    assert store.balances([DAY])[0].reserved == Amount(60, 20)
    step = store.reserve("b", LIMITS, Amount(41, 0), now=LATER, until=LATER)
    assert step.over == LIMITS[0]
    assert [one.what for one in step.changes] == ["expired", "expired"]
    assert store.balances([DAY]) == [Balance(DAY, spent=Amount(60, 20))]
    store.settle("a", Amount(10, 5))
    assert store.balances([DAY]) == [Balance(DAY, spent=Amount(10, 5))]


def test_what_is_granted_lets_an_account_go_further(store: BudgetStore) -> None:
    reserve(store, "a", Amount(100, 1))
    assert store.grant(DAY, Amount(microusd=10)).granted == Amount(10, 0)
    assert store.grant(DAY, Amount(microusd=10)).granted == Amount(20, 0)
    assert reserve(store, "b", Amount(20, 1))
    assert not reserve(store, "c", Amount(1, 1))


def test_owners_have_accounts_of_their_own(store: BudgetStore) -> None:
    one, other = Account("principal.day", "2026-11-22", "x"), Account("principal.day", "", "y")
    limits = [Limit(one, microusd=5)]
    assert store.reserve("a", limits, Amount(5, 0), now=NOON, until=LATER).over is None
    assert store.balances([other]) == [Balance(other)]


def test_who_is_forgotten_keeps_figures_that_are_nobodys(store: BudgetStore) -> None:
    mine, other = Account("principal.day", "2026-11-22", "x"), Account("principal.day", "", "y")
    limits = [Limit(DAY, microusd=99), Limit(mine, microusd=99), Limit(other, microusd=99)]
    store.reserve("a", limits, Amount(5, 1), now=NOON, until=LATER)
    assert store.disown(["x", "z"], dry_run=True) == 1
    assert store.balances([mine])[0].reserved == Amount(5, 1)
    assert store.disown(["x", "z"]) == 1
    assert store.balances([mine]) == [Balance(mine)]
    changes = store.settle("a", Amount(3, 1)).changes
    assert sorted(one.balance.spent.microusd for one in changes) == [3, 3, 3]
    assert not {one.balance.account.owner for one in changes} & {"x", "z"}
    assert [one.spent for one in store.balances([DAY, other])] == [Amount(3, 1)] * 2
    assert store.disown(["x", "z"]) == 0


@pytest.mark.parametrize("what", ["a folder", "no database"])
def test_a_file_that_can_not_be_used_is_named(what: str, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    if what == "a folder":
        file.mkdir()
    else:
        file.write_text("Not a database at all. " * 100)
    with pytest.raises(StorageError, match=r"b\.db") as caught:
        reserve(build_budgets(file), "a", Amount(1, 1))
    assert "begin anew" in caught.value.hint


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    reserve(build_budgets(file), "a", Amount(1, 1))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
