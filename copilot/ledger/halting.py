"""Whether a variant does harm: its guard figures against control's, at any number of looks.

Invariant: a variant is worse only where it is so by more than is borne and chance is ruled out by a
bound that holds however often it is looked at (``comparing.always_valid``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from copilot.figures import TriedRun
from copilot.flags import Experiment
from copilot.flags.values import CONTROL, Guard
from copilot.ledger.comparing import always_valid, log_quantile_spread
from copilot.ledger.experiments import by_unit, seed_of, share_of

# Before that a figure is chance, whatever it is.
LEAST_RUNS = 20
LEAST_UNITS = 5
_P95 = 0.95

Side = Sequence[Sequence[TriedRun]]


@dataclass(frozen=True, slots=True)
class Worse:
    """A guard that a variant breaks, in words."""

    variant: str
    guard: Guard
    says: str


@dataclass(frozen=True, slots=True)
class _Shares:
    """What a guard counts, and of what."""

    hit: Callable[[TriedRun], int]
    of: Callable[[TriedRun], int]
    called: str


_SHARES: dict[Guard, _Shares] = {
    "error_rate": _Shares(lambda run: run.failed, lambda run: 1, "of its runs failed"),
    "ungrounded": _Shares(
        lambda run: run.ungrounded, lambda run: run.checked, "of its answers aren't borne out"
    ),
    "bad_feedback": _Shares(
        lambda run: run.bad, lambda run: run.good + run.bad, "of its ratings are bad"
    ),
}


def worse(experiment: Experiment, runs: Sequence[TriedRun]) -> list[Worse]:
    """The guards that variants break, in the order of both."""
    units = by_unit(experiment, runs)
    found = []
    for variant in experiment.variants:
        if variant.name == CONTROL:
            continue
        for guard, borne in experiment.guards.items():
            says = _broken(guard, borne, units[variant.name], units[CONTROL], experiment.name)
            if says:
                found.append(Worse(variant.name, guard, f"{variant.name}: {says}"))
    return found


def _broken(guard: Guard, borne: float, mine: Side, control: Side, name: str) -> str:
    """How the guard is broken, in words; empty if it isn't."""
    counted = _SHARES.get(guard)
    if counted is not None:
        return _share_broken(counted, borne, mine, control)
    if guard == "cost":
        return _cost_broken(borne, mine, control)
    return _latency_broken(borne, mine, control, seed=seed_of(name))


def _share_broken(counted: _Shares, borne: float, mine: Side, control: Side) -> str:
    sides = [_counting(side, counted.of) for side in (mine, control)]
    if not all(map(_is_enough, sides)):
        return ""
    one, other = (share_of(side, counted.hit, counted.of) for side in sides)
    if one.value - other.value <= borne:
        return ""
    # A success and a failure more on each side: A. Agresti and B. Caffo, The American
    # Statistician 54 (2000); without them what never happened would have no variance.
    middles = [(side.value * side.effective + 1) / (side.effective + 2) for side in (one, other)]
    error = math.sqrt(
        sum(
            middle * (1 - middle) / (side.effective + 2)
            for middle, side in zip(middles, (one, other), strict=True)
        )
    )
    if middles[0] - middles[1] <= always_valid(min(map(len, sides))) * error:
        return ""
    return f"{one.value:.1%} {counted.called}, {other.value:.1%} of control's"


def _latency_broken(borne: float, mine: Side, control: Side, *, seed: int) -> str:
    sides = [
        [[run.latency_ms for run in runs if run.latency_ms is not None] for runs in side]
        for side in (mine, control)
    ]
    sides = [[runs for runs in side if runs] for side in sides]
    if not all(map(_is_enough, sides)):
        return ""
    (one, spread), (other, other_spread) = (
        log_quantile_spread(side, _P95, seed=seed + n) for n, side in enumerate(sides)
    )
    if other <= 0 or one / other - 1 <= borne:
        return ""
    error = math.hypot(spread, other_spread)
    if math.log(one / other) <= always_valid(min(map(len, sides))) * error:
        return ""
    return f"p95 of latency {one / 1000:.2f} s, control's {other / 1000:.2f} s"


def _cost_broken(borne: float, mine: Side, control: Side) -> str:
    sides = [
        [(sum(one), len(one)) for runs in side if (one := list(_costs(runs)))]
        for side in (mine, control)
    ]
    many = [sum(runs for _, runs in side) for side in sides]
    if min(map(len, sides)) < LEAST_UNITS or min(many) < LEAST_RUNS:
        return ""
    means = [sum(total for total, _ in side) / of for side, of in zip(sides, many, strict=True)]
    if means[1] <= 0 or means[0] / means[1] - 1 <= borne:
        return ""
    squares = 0.0
    for side, of, mean in zip(sides, many, means, strict=True):
        residuals = sum((total - runs * mean) ** 2 for total, runs in side)
        squares += len(side) / (len(side) - 1) * residuals / (of * mean) ** 2
    if math.log(means[0] / means[1]) <= always_valid(min(map(len, sides))) * math.sqrt(squares):
        return ""
    return f"${means[0] / 1e6:.4f} a run, control's ${means[1] / 1e6:.4f}"


def _costs(runs: Sequence[TriedRun]) -> Iterator[int]:
    return (run.cost_microusd for run in runs if run.cost_microusd is not None)


def _counting(side: Side, of: Callable[[TriedRun], int]) -> list[list[TriedRun]]:
    """The runs that count, of the units that have such."""
    told = [[run for run in runs if of(run)] for runs in side]
    return [runs for runs in told if runs]


def _is_enough(side: Sequence[Sequence[object]]) -> bool:
    return len(side) >= LEAST_UNITS and sum(map(len, side)) >= LEAST_RUNS
