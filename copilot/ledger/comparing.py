"""Intervals and tests for what two groups of runs come to, where runs of one unit are alike.

Invariant: no figure comes without its uncertainty, and what is drawn by chance is drawn from a
given seed: the same runs give the same intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)
_Z80 = NormalDist().inv_cdf(0.80)
_DRAWS = 1_000
_CELLS = 1_000_000  # of a table of draws, held at once


@dataclass(frozen=True, slots=True)
class Share:
    """A share over runs that are clustered by unit.

    ``deff``: how much larger its variance is than that of independent runs; ``effective`` is how
    many independent runs tell as much.
    """

    value: float
    of: int
    deff: float = 1.0

    @property
    def effective(self) -> float:
        return self.of / self.deff


def clustered_share(hits: Sequence[int], runs: Sequence[int]) -> Share:
    """The share of hits over units, unit by unit.

    The design effect of Rao and Scott, "A simple method for the analysis of clustered binary
    data", Biometrics 48 (1992): the ratio estimator's variance over the binomial one. Below one
    it counts as one. Where all runs or none are hits it can't be seen; each unit then counts once.
    """
    units, of = len(runs), sum(runs)
    if not of:
        return Share(0.0, 0)
    value = sum(hits) / of
    if value in (0.0, 1.0):
        return Share(value, of, of / units)
    if units < 2:
        return Share(value, of, float(of))
    residuals = sum((hit - many * value) ** 2 for hit, many in zip(hits, runs, strict=True))
    variance = units / (units - 1) * residuals / of**2
    return Share(value, of, max(1.0, variance / (value * (1 - value) / of)))


def wilson(share: float, of: float, *, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share: E. B. Wilson, JASA 22 (1927)."""
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def share_difference(one: Share, other: Share) -> tuple[float, float]:
    """The 95 per cent interval of ``one`` minus ``other``.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17 (1998), over the effective numbers of runs.
    """
    low, high = wilson(one.value, one.effective)
    other_low, other_high = wilson(other.value, other.effective)
    apart = one.value - other.value
    below = math.sqrt((one.value - low) ** 2 + (other_high - other.value) ** 2)
    above = math.sqrt((high - one.value) ** 2 + (other.value - other_low) ** 2)
    return apart - below, apart + above


def mean_difference(
    one: Sequence[tuple[float, int]], other: Sequence[tuple[float, int]], *, seed: int
) -> tuple[float, float]:
    """The 95 per cent interval of the difference of two means over runs.

    Each unit is its sum and its number of runs. Percentiles of a bootstrap that draws whole units:
    B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.
    """
    import numpy as np

    chance = np.random.default_rng(seed)

    def means(units: Sequence[tuple[float, int]]) -> np.ndarray:
        sums = np.array([total for total, _ in units], dtype=float)
        counts = np.array([many for _, many in units], dtype=float)
        even, at_once = np.full(len(units), 1 / len(units)), max(1, _CELLS // len(units))
        found = []
        for start in range(0, _DRAWS, at_once):
            size = min(at_once, _DRAWS - start)
            drawn = chance.multinomial(len(units), even, size=size)
            found.append((drawn @ sums) / (drawn @ counts))
        return np.concatenate(found)

    low, high = np.percentile(means(one) - means(other), [2.5, 97.5])
    return float(low), float(high)


def log_quantile_spread(
    units: Sequence[Sequence[float]], quantile: float, *, seed: int
) -> tuple[float, float]:
    """A quantile over the values of all units, and the standard error of its logarithm.

    By the same bootstrap of whole units.
    """
    import numpy as np

    chance = np.random.default_rng(seed)
    values = np.concatenate([np.asarray(one, dtype=float) for one in units])
    owner = np.repeat(np.arange(len(units)), [len(one) for one in units])
    order = np.argsort(values, kind="stable")
    values, owner = values[order], owner[order]
    even, found = np.full(len(units), 1 / len(units)), []
    for _ in range(_DRAWS // 5):
        weights = chance.multinomial(len(units), even)
        reached = np.cumsum(weights[owner])
        place = min(int(np.searchsorted(reached, quantile * reached[-1])), len(values) - 1)
        found.append(math.log(max(values[place], 1e-9)))
    place = min(math.ceil(quantile * len(values)) - 1, len(values) - 1)
    return float(values[max(place, 0)]), float(np.std(found, ddof=1))


def chi_square_tail(statistic: float, freedom: int) -> float:
    """The chance of at least this statistic: Abramowitz and Stegun 26.4.4 and 26.4.5."""
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    if freedom % 2 == 0:
        term = total = math.exp(-half)
        for n in range(1, freedom // 2):
            term *= half / n
            total += term
        return min(1.0, total)
    total = math.erfc(math.sqrt(half))
    term = math.exp(-half) * math.sqrt(half) * 2 / math.sqrt(math.pi)
    for n in range(1, (freedom + 1) // 2):
        total += term
        term *= half / (n + 0.5)
    return min(1.0, total)


def sample_ratio(counts: Sequence[int], weights: Sequence[float]) -> float:
    """The chance of counts as far from the weights as these: Pearson's chi-square test.

    As R. Kohavi, D. Tang and Y. Xu use it, Trustworthy Online Controlled Experiments (2020),
    chapter 21.
    """
    whole, parts = sum(counts), sum(weights)
    cells = [
        (count, whole * weight / parts)
        for count, weight in zip(counts, weights, strict=True)
        if weight > 0
    ]
    if not whole or len(cells) < 2:
        return 1.0
    statistic = sum((count - expected) ** 2 / expected for count, expected in cells)
    return chi_square_tail(statistic, len(cells) - 1)


def runs_needed(one: Share, other: Share, *, detect: float) -> int:
    """How many runs of each side find a difference of ``detect`` four times in five.

    The two-sample formula for shares at 5 per cent, two-sided, 80 per cent power (J. Fleiss,
    Statistical Methods for Rates and Proportions, chapter 4), times the design effects.
    """

    def spread(side: Share) -> float:
        value = min(max(side.value, 0.05), 0.95)  # what few runs say of a rare thing is little
        return value * (1 - value) * side.deff

    return math.ceil((Z95 + _Z80) ** 2 * (spread(one) + spread(other)) / detect**2)


def always_valid(units: float, *, alpha: float = 0.01, tuned_to: float = 100.0) -> float:
    """By how many standard errors a difference must be off to be seen at any of endless looks.

    The asymptotic confidence sequence of I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy and
    A. Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of
    Statistics 52 (2024): Robbins' normal mixture, narrowest near ``tuned_to`` units.
    """
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_to
    n = max(units, 1.0) * rho2
    return math.sqrt(2 * (n + 1) / n * math.log(math.sqrt(n + 1) / alpha))
