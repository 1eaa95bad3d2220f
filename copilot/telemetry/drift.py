"""Whether two samples come from one distribution: how far apart they are, and how sure that is.

Invariant: a distance comes with the chance that as large a one arises where nothing drifted, so
that few runs never look like drift just for being few.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# The most frequent categories have a place each, all others share one.
_CATEGORIES = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """``distance`` is 0 for equal samples; ``chance`` that it is none, by the test's theory."""

    distance: float
    chance: float


def kolmogorov_smirnov(reference: Sequence[float], now: Sequence[float]) -> Drift:
    """The largest distance between two distribution functions, 0 to 1. Neither is empty.

    The chance is the asymptotic one with Stephens' correction (Numerical Recipes, 14.3).
    """
    before, after = sorted(reference), sorted(now)
    distance = max(
        abs(bisect_right(before, value) / len(before) - bisect_right(after, value) / len(after))
        for value in {*before, *after}
    )
    root = math.sqrt(len(before) * len(after) / (len(before) + len(after)))
    return Drift(distance, _kolmogorov((root + 0.12 + 0.11 / root) * distance))


def population_stability(reference: Sequence[str], now: Sequence[str]) -> Drift:
    """The population stability index of two samples of categories. Neither is empty.

    The chance is that of Pearson's test of homogeneity on the same counts: the index's own
    theory misses, at fifty runs, a third of what that sees.
    """
    frequent = [name for name, _ in Counter(reference).most_common(_CATEGORIES)]
    before, after = _counts(reference, frequent), _counts(now, frequent)
    shares = zip(_shares(before), _shares(after), strict=True)
    distance = sum((q - p) * math.log(q / p) for p, q in shares)
    return Drift(distance, _homogeneity(before, after))


def _counts(sample: Sequence[str], frequent: Sequence[str]) -> list[int]:
    """How often each category comes, and then all the others."""
    counts = Counter(sample)
    each = [counts[name] for name in frequent]
    return [*each, len(sample) - sum(each)]


def _shares(counts: Sequence[int]) -> list[float]:
    """Half a case each keeps every share above zero."""
    return [(count + 0.5) / (sum(counts) + 0.5 * len(counts)) for count in counts]


def _homogeneity(before: Sequence[int], after: Sequence[int]) -> float:
    """The chance of counts as far apart, where both come from one distribution."""
    seen = [(b, a) for b, a in zip(before, after, strict=True) if b + a]
    if len(seen) < 2:
        return 1.0
    ratio = math.sqrt(sum(after) / sum(before))
    return _chi_squared(sum((ratio * b - a / ratio) ** 2 / (b + a) for b, a in seen), len(seen) - 1)


def _kolmogorov(x: float) -> float:
    """The chance of at least ``x`` by Kolmogorov's distribution."""
    if x < 0.2:
        return 1.0
    total = sum((1 if j % 2 else -1) * math.exp(-2 * (j * x) ** 2) for j in range(1, 101))
    return min(1.0, max(0.0, 2 * total))


def _chi_squared(x: float, degrees: int) -> float:
    """The chance of at least ``x``, by Wilson and Hilferty's approximation (1931)."""
    spread = 2 / (9 * degrees)
    normal = (math.cbrt(max(x, 0.0) / degrees) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(normal / math.sqrt(2))
