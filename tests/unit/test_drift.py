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


def test_its_chance_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    draw = random.Random(5)
    for shift in (0.0, 0.2, 0.4, 0.8):
        before = [draw.gauss(0, 1) for _ in range(120)]
        now = [draw.gauss(shift, 1) for _ in range(80)]
        expected = stats.ks_2samp(before, now, method="asymp")
        found = kolmogorov_smirnov(before, now)
        assert found.distance == pytest.approx(expected.statistic)
        # Stephens' correction moves it towards the exact chance, by some hundredths
        assert found.chance == pytest.approx(expected.pvalue, abs=0.06)


def test_the_chance_of_other_categories_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    for now in ((30, 15, 5), (22, 20, 8), (10, 20, 20)):
        before = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
        after = [name for name, count in zip("abc", now, strict=True) for _ in range(count)]
        expected = stats.chi2_contingency([(60, 30, 10), now], correction=False).pvalue
        found = population_stability(before, after)
        assert found.chance == pytest.approx(expected, abs=0.005)


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
