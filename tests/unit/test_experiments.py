"""What is concluded from an experiment's runs, and what isn't."""

from __future__ import annotations

import random

from copilot.figures import TriedRun
from copilot.flags import Experiment, Variant
from copilot.ledger.experiments import report

TWO = Experiment("e", (Variant("control", 50), Variant("b", 50)), least_runs=100)


def runs(variant: str, units: int, *, of: int = 2, success: float = 0.5) -> list[TriedRun]:
    chance = random.Random(variant)
    return [
        TriedRun(
            variant,
            f"{variant}-{unit}",
            succeeded=chance.random() < success,
            checked=True,
            cost_microusd=100,
            latency_ms=chance.gauss(1000, 100),
        )
        for unit in range(units)
        for _ in range(of)
    ]


def test_a_clear_difference_is_told_with_its_interval() -> None:
    found = report(TWO, [*runs("control", 400, success=0.5), *runs("b", 400, success=0.8)])
    assert found.says == "b succeeds more often than control"
    [success] = [one for one in found.comparisons if one.figure == "success"]
    assert success.verdict == "better"
    assert success.low is not None
    assert success.high is not None
    assert 0 < success.low < 0.3 < success.high < 0.5
    assert [row.runs for row in found.rows] == [800, 800]
    assert found.rows[0].cost_microusd == 100


def test_few_runs_conclude_nothing_and_say_how_many_are_missing() -> None:
    found = report(TWO, [*runs("control", 10, success=0), *runs("b", 10, success=1)])
    assert found.more == 80  # of the least, for the difference itself is beyond doubt
    assert found.says == "inconclusive: each variant needs about 80 more runs"
    alike = report(TWO, [*runs("control", 200), *runs("b", 200)])
    assert 900 < alike.more < 2_000
    assert alike.says.startswith("inconclusive")


def test_enough_runs_that_differ_in_nothing_say_so() -> None:
    found = report(TWO, [*runs("control", 2000), *runs("b", 2000)])
    assert found.more == 0
    assert found.says == "no difference in success that is worth finding"


def test_a_split_that_is_not_the_configured_one_is_not_believed() -> None:
    found = report(TWO, [*runs("control", 400, success=0.5), *runs("b", 250, success=0.9)])
    assert not found.trusted
    assert found.says.startswith("the split isn't what was configured")


def test_many_runs_of_few_people_say_little() -> None:
    few = [
        TriedRun(variant, f"{variant}-{unit}", succeeded=unit > most)
        for variant, most in (("b", 1), ("control", 3))
        for unit in range(6)
        for _ in range(200)
    ]
    found = report(TWO, few)
    [success] = [one for one in found.comparisons if one.figure == "success"]
    assert success.verdict == "no difference shown"
    assert found.more > 0


def test_of_records_it_tells_what_was_valid_at_once_and_what_people_made_of_them() -> None:
    variants = (Variant("control", 50), Variant("b", 50, {"extraction.model": "x/y"}))
    told = [
        TriedRun(
            variant,
            f"{variant}-{n}",
            succeeded=True,
            records=2,
            first=2 if variant == "b" else n % 2,
            decided=1,
            approved=int(variant == "b"),
            edited=int(variant != "b"),
        )
        for variant in ("control", "b")
        for n in range(300)
    ]
    found = report(Experiment("e", variants), told)
    assert found.job == "extract"
    control, b = found.rows
    assert (control.first_time, b.first_time) == (0.25, 1.0)
    assert (control.approved, control.edited, control.rejected) == (0.0, 1.0, 0.0)
    assert b.approved == 1.0
    verdicts = {one.figure: one.verdict for one in found.comparisons}
    assert verdicts["first time"] == verdicts["approved"] == verdicts["edited"] == "better"
    assert verdicts["rejected"] == "no difference shown"
    assert "grounded" not in verdicts


def test_without_runs_there_is_nothing_to_compare() -> None:
    found = report(TWO, [])
    assert {one.verdict for one in found.comparisons} == {"no data"}
    assert found.says.startswith("inconclusive")
