"""``ledger forget`` leaves no digest of a name in budgets, and what was spent in all stays."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.errors import NotFoundError
from copilot.ledger.erasing import forget
from copilot.messages import Turn
from copilot.spending import Account, Amount, Limit, owner
from tests.integration.people_in_ledgers import FixedClock, made_home, records

WHOLE = Account("day", "2026-11-22")


def digest(*names: str) -> bytes:
    """As accounts have it, worked out anew."""
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:24].encode()


def test_no_digest_of_a_forgotten_name_is_in_the_file_and_all_that_was_spent_is(
    tmp_path: Path,
) -> None:
    kept = records(made_home(tmp_path))
    talk = "a-talk"
    kept.conversations.append(talk, [Turn("user", "Who?"), Turn("assistant", "She.")], by="alice")
    now = FixedClock().now()
    names = [("alice",), ("alice", talk), ("bob",)]
    assert [owner(*one).encode() for one in names] == [digest(*one) for one in names]
    for n, one in enumerate(names * 20):
        mine = Account("principal.day", f"2026-{n}", owner(*one))
        limits = [Limit(WHOLE, microusd=999), Limit(mine, microusd=99)]
        kept.budgets.reserve(f"h{n}", limits, Amount(5, 1), now=now, until=now + timedelta(hours=1))
        if n % 2:  # its row is deleted, its bytes aren't
            kept.budgets.settle(f"h{n}", Amount(3, 1))

    def held() -> bytes:
        return b"".join(one.read_bytes() for one in tmp_path.rglob("budgets.db*"))

    before = kept.budgets.balances([WHOLE])
    assert all(digest(*one) in held() for one in names)
    forget(kept, "alice", dry_run=True)
    assert all(digest(*one) in held() for one in names)
    forget(kept, "alice")
    assert [digest(*one) in held() for one in names] == [False, False, True]
    assert kept.budgets.balances([WHOLE]) == before
    with pytest.raises(NotFoundError):
        forget(kept, "alice")
