"""Drift is seen where there is some, and chance is not taken for it."""

from __future__ import annotations

import random

import pytest

from copilot.telemetry.drift import kolmogorov_smirnov, population_stability

SURPRISING = 0.01


def test_the_distance_of_two_samples_is_that_of_the_textbook() -> None:
    found = kolmogorov_smirnov([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0])
    assert found.distance == 0.5
    same = kolmogorov_smirnov([1.0, 1.0, 2.0], [2.0, 1.0, 1.0])
    assert (same.distance, same.chance) == (0.0, 1.0)
    apart = kolmogorov_smirnov([0.0] * 50, [1.0] * 50)
    assert apart.distance == 1.0
    assert apart.chance < 1e-9


# By scipy 1.17.1: ks_2samp(before, now, method="exact") on the samples that the test draws.
KOLMOGOROV_SMIRNOV = {
    0.0: (0.1625, 0.14700866218554876),
    0.2: (0.1708333333333334, 0.11204721438537643),
    0.4: (0.31666666666666665, 0.00010070698773476466),
    0.8: (0.39583333333333337, 3.440307393673579e-07),
}
# By the same: chi2_contingency([(60, 30, 10), now], correction=False).pvalue.
HOMOGENEITY = {
    (30, 15, 5): 1.0,
    (22, 20, 8): 0.16855590481849772,
    (10, 20, 20): 1.1065254090388876e-06,
}


def test_its_chance_is_scipys() -> None:
    draw = random.Random(5)
    for shift, (distance, chance) in KOLMOGOROV_SMIRNOV.items():
        before = [draw.gauss(0, 1) for _ in range(120)]
        now = [draw.gauss(shift, 1) for _ in range(80)]
        found = kolmogorov_smirnov(before, now)
        assert found.distance == pytest.approx(distance)
        # scipy's is the exact chance, ours the asymptotic one with a correction towards it
        assert found.chance == pytest.approx(chance, rel=0.12)


def test_the_chance_of_other_categories_is_scipys() -> None:
    for now, chance in HOMOGENEITY.items():
        before = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
        after = [name for name, count in zip("abc", now, strict=True) for _ in range(count)]
        found = population_stability(before, after)
        assert found.chance == pytest.approx(chance, abs=0.005)


def test_one_category_alone_is_no_drift() -> None:
    assert population_stability(["a"] * 9, ["a"] * 3).chance == 1.0


def test_equal_shares_are_no_drift_and_other_categories_are() -> None:
    before = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    assert population_stability(before, before).distance == 0.0
    assert population_stability(before, before).chance > 0.99
    turned = population_stability(before, ["c"] * 60 + ["b"] * 30 + ["a"] * 10)
    assert turned.distance > 1.0
    assert turned.chance < 1e-6
    unseen = population_stability(before, ["z"] * 40)
    assert unseen.chance < 1e-6


def test_samples_of_one_distribution_seldom_look_like_drift() -> None:
    draw = random.Random(7)
    names = [f"document-{n}" for n in range(30)]
    weights = [1 / (n + 1) for n in range(30)]
    alarms = {"ks": 0, "psi": 0}
    for _ in range(300):
        scores = [[draw.betavariate(4, 3) for _ in range(size)] for size in (400, 25)]
        documents = [draw.choices(names, weights, k=size) for size in (400, 25)]
        alarms["ks"] += kolmogorov_smirnov(*scores).chance < SURPRISING
        alarms["psi"] += population_stability(*documents).chance < SURPRISING
    assert alarms["ks"] <= 9
    assert alarms["psi"] <= 15


def test_a_shift_of_scores_and_half_the_questions_new_are_seen_in_fifty_runs() -> None:
    draw = random.Random(11)
    names = [f"document-{n}" for n in range(30)]
    weights = [1 / (n + 1) for n in range(30)]
    seen = {"ks": 0, "psi": 0}
    for _ in range(100):
        before = [draw.betavariate(6, 3) for _ in range(400)]
        now = [draw.betavariate(4, 4) for _ in range(50)]
        topics = draw.choices(names, weights, k=400)
        new = draw.choices([*names, "new"], [*weights, sum(weights)], k=50)
        seen["ks"] += kolmogorov_smirnov(before, now).chance < SURPRISING
        seen["psi"] += population_stability(topics, new).chance < SURPRISING
    assert seen["ks"] >= 95
    assert seen["psi"] >= 85
