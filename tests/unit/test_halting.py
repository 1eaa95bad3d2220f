"""Which variants do harm: found soon where they do, and hardly ever where they don't."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from copilot.figures import TriedRun
from copilot.flags import Experiment, Variant
from copilot.ledger.halting import worse

TWO = Experiment("e", (Variant("control", 50), Variant("b", 50)))
HARM: dict[str, dict[str, Any]] = {
    "error_rate": {"failed": True, "succeeded": False},
    "ungrounded": {"ungrounded": True},
    "bad_feedback": {"bad": 1, "good": 0},
    "latency_p95": {"latency_ms": 9_000.0},
    "cost": {"cost_microusd": 900},
}


def runs(harm: dict[str, Any], share: float, *, units: int, seed: int = 1) -> list[TriedRun]:
    chance = random.Random(seed)
    found = []
    for variant in ("control", "b"):
        for unit in range(units):
            fine = TriedRun(
                variant,
                f"{variant}-{unit}",
                succeeded=True,
                checked=True,
                good=1,
                cost_microusd=chance.randint(80, 120),
                latency_ms=chance.gauss(1_000, 100),
            )
            harmed = variant == "b" and chance.random() < share
            found.append(replace(fine, **harm) if harmed else fine)
    return found


@pytest.mark.parametrize("guard", HARM)
def test_each_guard_finds_the_harm_that_it_is_for(guard: str) -> None:
    found = worse(TWO, runs(HARM[guard], 0.6, units=60))
    assert [(one.variant, one.guard) for one in found] == [("b", guard)]
    assert found[0].says.startswith("b: ")


@pytest.mark.parametrize("guard", HARM)
def test_a_few_runs_halt_nothing(guard: str) -> None:
    assert not worse(TWO, runs(HARM[guard], 1.0, units=9))


def test_a_guard_that_is_left_out_or_generous_is_not_broken() -> None:
    harmed = runs(HARM["error_rate"], 0.6, units=60)
    assert not worse(replace(TWO, guards={}), harmed)
    assert not worse(replace(TWO, guards={"error_rate": 0.9}), harmed)


def test_many_runs_of_one_person_are_one_opinion() -> None:
    harmed = [replace(one, unit=one.variant) for one in runs(HARM["error_rate"], 1.0, units=200)]
    assert not worse(TWO, harmed)


def test_looking_after_every_run_seldom_halts_what_does_no_harm() -> None:
    halted = 0
    for seed in range(60):
        chance = random.Random(seed)
        told = [
            TriedRun(
                "b" if n % 2 else "control",
                str(n),
                succeeded=True,
                failed=chance.random() < 0.1,
            )
            for n in range(300)
        ]
        halted += any(worse(TWO, told[:n]) for n in range(40, 300, 20))
    assert halted <= 2
