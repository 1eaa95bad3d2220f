"""Each product takes each key once, whatever the network does to requests and answers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from copilot.errors import SinkUnavailableError, SinkUnknownError
from copilot.proposals import SinkWrite
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import SinkCase, wired_cases

WIRED = wired_cases()
KEYS = 40
ATTEMPTS = 12


def trouble(case: SinkCase, chance: random.Random) -> None:
    """What happens to the next write: nothing, a lost answer, a lost request, a refusal."""
    assert case.product is not None
    server = case.product.server
    match chance.randrange(6):
        case 0:
            server.fail_write(done=True)
        case 1:
            server.fail_write()
        case 2:
            server.fail_write(HttpReply(503, b"<html>busy</html>"), done=chance.random() < 0.5)
        case 3:
            server.fail_write(case.product.limited(1))
        case _:
            pass


def delivered(case: SinkCase, write: SinkWrite, chance: random.Random) -> str:
    """The external id, by the way that the outbox goes: after a doubt, look before you leap."""
    assert case.product is not None
    doubt = False
    for _ in range(ATTEMPTS):
        case.product.settle()  # as long as ``settles_s`` says
        found = case.sink.find(write.kind, write.key) if doubt else None
        if found is not None:
            return found.external_id
        trouble(case, chance)
        try:
            return case.sink.write(write).external_id
        except SinkUnknownError:
            doubt = True
        except SinkUnavailableError:
            continue
    raise AssertionError("it never went through")


@pytest.mark.parametrize("name", sorted(WIRED))
@pytest.mark.parametrize("seed", [1, 2])
def test_a_key_is_one_entry_after_any_trouble(name: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with WIRED[name](tmp_path) as case:
        made = {}
        for number in range(KEYS):
            values = case.values(f"Issue {number}", "It happens.")
            write = SinkWrite("create", case.kind, values, f"{number:064x}")
            made[write.key] = delivered(case, write, chance)
            if chance.random() < 0.3:  # the same script runs twice
                assert delivered(case, write, chance) == made[write.key]
        assert case.held() == len(set(made.values())) == KEYS
