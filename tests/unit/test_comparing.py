"""The statistics of experiments, against values from tables and from the papers they are of."""

from __future__ import annotations

import math
import random

import pytest

from copilot.ledger.comparing import (
    Share,
    always_valid,
    chi_square_tail,
    clustered_share,
    log_quantile_spread,
    mean_difference,
    runs_needed,
    sample_ratio,
    share_difference,
    wilson,
)


def test_wilson_gives_newcombes_first_example() -> None:
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "of", "other", "other_of", "interval"),
    [  # Newcombe (1998), table II, method 10
        (56, 70, 48, 80, (0.0524, 0.3339)),
        (9, 10, 3, 10, (0.1705, 0.8090)),
        (6, 7, 2, 7, (0.0582, 0.8062)),
        (5, 56, 0, 29, (-0.0381, 0.1926)),
        (0, 10, 0, 20, (-0.1611, 0.2775)),
        (10, 10, 0, 10, (0.6075, 1.0)),
    ],
)
def test_differences_of_shares_are_those_of_the_paper(
    one: int, of: int, other: int, other_of: int, interval: tuple[float, float]
) -> None:
    found = share_difference(Share(one / of, of), Share(other / other_of, other_of))
    assert found == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("statistic", "freedom", "chance"),
    [
        (3.841459, 1, 0.05),
        (10.827566, 1, 0.001),
        (5.991465, 2, 0.05),
        (16.266236, 3, 0.001),
        (18.466827, 4, 0.001),
        (11.070498, 5, 0.05),
    ],
)
def test_the_tail_of_chi_square_is_that_of_the_tables(
    statistic: float, freedom: int, chance: float
) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(chance, rel=1e-5)
    assert chi_square_tail(0, freedom) == 1


def test_a_split_that_isnt_what_was_wanted_is_found() -> None:
    assert sample_ratio([821_588, 815_482], [50, 50]) == pytest.approx(1.8e-6, rel=0.05)  # Kohavi
    assert sample_ratio([505, 495], [50, 50]) > 0.5
    assert sample_ratio([100, 300], [25, 75]) == 1
    assert sample_ratio([0, 0], [50, 50]) == 1


def test_runs_of_a_unit_that_are_all_alike_count_as_one() -> None:
    alone = clustered_share([1, 0] * 50, [1] * 100)
    assert alone.deff == pytest.approx(1, abs=0.02)
    alike = clustered_share([4, 0] * 50, [4] * 100)
    assert alike.effective == pytest.approx(alone.effective, rel=0.02)
    assert clustered_share([0] * 10, [5] * 10).effective == 10
    assert clustered_share([3], [5]).effective == 1


def test_the_bootstrap_covers_what_is_so_and_gives_the_same_again() -> None:
    chance = random.Random(1)
    covered = 0
    for seed in range(50):
        one = [(chance.gauss(10, 3), 1) for _ in range(60)]
        other = [(chance.gauss(9, 3), 1) for _ in range(60)]
        low, high = mean_difference(one, other, seed=seed)
        covered += low <= 1 <= high
    assert 44 <= covered <= 50
    assert mean_difference(one, other, seed=7) == mean_difference(one, other, seed=7)


def test_a_quantile_is_told_with_its_spread() -> None:
    values = [[float(n)] for n in range(1, 101)]
    value, spread = log_quantile_spread(values, 0.95, seed=1)
    assert value == 95
    assert 0.005 < spread < 0.05
    assert log_quantile_spread(values[:10] * 10, 0.95, seed=1)[1] < 0.2


def test_the_runs_needed_are_those_of_the_formula() -> None:
    half = Share(0.5, 100)
    # (1.96 + 0.8416)² · 0.5 / 0.05² = 1569.8
    assert runs_needed(half, half, detect=0.05) == 1_570
    assert runs_needed(Share(0.5, 100, deff=2), half, detect=0.05) == math.ceil(1569.8 * 1.5)


def test_endless_looks_at_no_difference_seldom_see_one() -> None:
    chance = random.Random(3)
    seen = 0
    for _ in range(300):
        total, squares = 0.0, 0.0
        for n in range(1, 401):
            value = chance.gauss(0, 1)
            total, squares = total + value, squares + value * value
            if n < 20:
                continue
            mean = total / n
            error = math.sqrt((squares / n - mean * mean) / n)
            if abs(mean) > always_valid(n) * error:
                seen += 1
                break
    assert seen / 300 < 0.05
    assert always_valid(100) < always_valid(20)
    assert always_valid(100) < always_valid(10_000)
