"""What the variants of an experiment come to, and whether that may be believed.

Invariant: nothing is concluded from too few runs, from a split that isn't the one that was
configured, or from an interval that holds zero.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from copilot.figures import TriedRun, share
from copilot.flags import Experiment
from copilot.flags.values import CONTROL, Job
from copilot.ledger.comparing import (
    Share,
    clustered_share,
    mean_difference,
    runs_needed,
    sample_ratio,
    share_difference,
)

Verdict = Literal["better", "worse", "no difference shown", "no data"]
# Of a split as odd as this by chance one in a thousand is; more often something is wrong.
_ODD = 0.001
# A figure over fewer units has no interval worth the name.
_LEAST_UNITS = 5


@dataclass(frozen=True, slots=True)
class VariantRow:
    """The figures of one variant; a share of nothing is None."""

    variant: str
    weight: float
    runs: int
    units: int
    success: float | None
    failed: float | None
    abstained: float | None
    grounded: float | None
    good: float | None
    cost_microusd: float | None
    latency_ms: float | None
    latency_p95_ms: float | None
    unpriced: int = 0
    first_time: float | None = None
    approved: float | None = None
    edited: float | None = None
    rejected: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant against control: the difference, and the interval that holds it 95 times in 100."""

    variant: str
    figure: str
    unit: Literal["share", "ms", "microusd"]
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """``ratio``: the chance of a split as odd as this one; ``more``: runs that each variant still
    needs, at least; ``says`` is the conclusion in a sentence.
    """

    experiment: str
    state: str
    unit: str
    rows: tuple[VariantRow, ...]
    comparisons: tuple[Comparison, ...]
    ratio: float
    trusted: bool
    more: int
    says: str
    job: Job = "ask"


@dataclass(frozen=True, slots=True)
class _Figure:
    """``hit`` of the runs that ``of`` counts; the better the ``more``."""

    name: str
    hit: Callable[[TriedRun], int]
    of: Callable[[TriedRun], int]
    more: bool


FIGURES = (
    _Figure("success", lambda run: run.succeeded, lambda run: 1, more=True),
    _Figure("failed", lambda run: run.failed, lambda run: 1, more=False),
    _Figure("abstained", lambda run: run.abstained, lambda run: 1, more=False),
    _Figure(
        "grounded",
        lambda run: run.checked and not run.ungrounded,
        lambda run: run.checked,
        more=True,
    ),
    _Figure("good", lambda run: run.good, lambda run: run.good + run.bad, more=True),
)
# Of readings: what came out, and what people made of it.
RECORD_FIGURES = (
    *FIGURES[:2],
    _Figure("first time", lambda run: run.first, lambda run: run.records, more=True),
    _Figure("approved", lambda run: run.approved, lambda run: run.decided, more=True),
    _Figure("edited", lambda run: run.edited, lambda run: run.decided, more=False),
    _Figure("rejected", lambda run: run.rejected, lambda run: run.decided, more=False),
)


def report(experiment: Experiment, runs: Sequence[TriedRun], *, alike: bool = False) -> Report:
    """What ``runs`` say of the experiment; ``alike``: every variant is meant to have as many."""
    units = by_unit(experiment, runs)
    rows = tuple(_row(one.name, one.weight, units[one.name]) for one in experiment.variants)
    ratio = sample_ratio([row.units for row in rows], [1 if alike else row.weight for row in rows])
    trusted = ratio >= _ODD
    comparisons = tuple(
        comparison
        for variant in experiment.variants
        if variant.name != CONTROL
        for comparison in _comparisons(experiment, variant.name, units)
    )
    more = _more(experiment, units, rows, comparisons)
    says = _says(rows, comparisons, trusted=trusted, ratio=ratio, more=more)
    return Report(
        experiment.name,
        experiment.state,
        experiment.unit,
        rows,
        comparisons,
        ratio,
        trusted,
        more,
        says,
        experiment.job,
    )


Units = Mapping[str, Sequence[Sequence[TriedRun]]]


def by_unit(experiment: Experiment, runs: Sequence[TriedRun]) -> Units:
    """By variant, the runs of each of its units."""
    found: dict[str, dict[str, list[TriedRun]]] = {one.name: {} for one in experiment.variants}
    for run in runs:
        if run.variant in found:
            found[run.variant].setdefault(run.unit, []).append(run)
    return {variant: list(units.values()) for variant, units in found.items()}


def share_of(
    units: Sequence[Sequence[TriedRun]],
    hit: Callable[[TriedRun], int],
    of: Callable[[TriedRun], int] = lambda run: 1,
) -> Share:
    """A share over units, those of which nothing counts left out."""
    counted = [(sum(map(hit, runs)), sum(map(of, runs))) for runs in units]
    counted = [(hits, many) for hits, many in counted if many]
    return clustered_share([hits for hits, _ in counted], [many for _, many in counted])


def seed_of(experiment: str) -> int:
    """Of chance draws: the same for the same experiment."""
    return zlib.crc32(experiment.encode())


def _row(name: str, weight: float, units: Sequence[Sequence[TriedRun]]) -> VariantRow:
    runs = [run for unit in units for run in unit]
    of = len(runs)
    checked = sum(run.checked for run in runs)
    rated = sum(run.good + run.bad for run in runs)
    decided = sum(run.decided for run in runs)
    prices = [run.cost_microusd for run in runs if run.cost_microusd is not None]
    times = sorted(run.latency_ms for run in runs if run.latency_ms is not None)
    return VariantRow(
        name,
        weight,
        of,
        len(units),
        success=share(sum(run.succeeded for run in runs), of),
        failed=share(sum(run.failed for run in runs), of),
        abstained=share(sum(run.abstained for run in runs), of),
        grounded=share(checked - sum(run.ungrounded for run in runs), checked),
        good=share(sum(run.good for run in runs), rated),
        cost_microusd=fmean(prices) if prices else None,
        latency_ms=fmean(times) if times else None,
        latency_p95_ms=times[min(len(times) - 1, int(0.95 * len(times)))] if times else None,
        unpriced=of - len(prices),
        first_time=share(sum(run.first for run in runs), sum(run.records for run in runs)),
        approved=share(sum(run.approved for run in runs), decided),
        edited=share(sum(run.edited for run in runs), decided),
        rejected=share(sum(run.rejected for run in runs), decided),
    )


def _comparisons(experiment: Experiment, name: str, units: Units) -> list[Comparison]:
    mine, control = units[name], units[CONTROL]
    found = []
    for figure in RECORD_FIGURES if experiment.job == "extract" else FIGURES:
        one, other = (share_of(side, figure.hit, figure.of) for side in (mine, control))
        if not one.of or not other.of:
            found.append(Comparison(name, figure.name, "share", None, None, None, "no data"))
            continue
        low, high = share_difference(one, other)
        difference = one.value - other.value
        verdict = _verdict(low, high, more_is_better=figure.more)
        found.append(Comparison(name, figure.name, "share", difference, low, high, verdict))
    seed = seed_of(f"{experiment.name} {name}")
    found.append(_means(name, "cost", "microusd", mine, control, seed, lambda r: r.cost_microusd))
    found.append(_means(name, "latency", "ms", mine, control, seed + 1, lambda r: r.latency_ms))
    return found


def _means(
    name: str,
    figure: str,
    unit: Literal["ms", "microusd"],
    mine: Sequence[Sequence[TriedRun]],
    control: Sequence[Sequence[TriedRun]],
    seed: int,
    value: Callable[[TriedRun], float | None],
) -> Comparison:
    sides = []
    for side in (mine, control):
        told = [[v for run in runs if (v := value(run)) is not None] for runs in side]
        sides.append([(sum(one), len(one)) for one in told if one])
    if min(map(len, sides)) < _LEAST_UNITS:
        return Comparison(name, figure, unit, None, None, None, "no data")
    one, other = (sum(total for total, _ in s) / sum(many for _, many in s) for s in sides)
    low, high = mean_difference(sides[0], sides[1], seed=seed)
    verdict = _verdict(low, high, more_is_better=False)
    return Comparison(name, figure, unit, one - other, low, high, verdict)


def _verdict(low: float, high: float, *, more_is_better: bool) -> Verdict:
    if low <= 0 <= high:
        return "no difference shown"
    return "better" if (low > 0) == more_is_better else "worse"


def _more(
    experiment: Experiment,
    units: Units,
    rows: Sequence[VariantRow],
    comparisons: Sequence[Comparison],
) -> int:
    """Runs that a variant still needs: the least of them, and to find what is worth finding."""
    fewest = min(row.runs for row in rows)
    wanted = experiment.least_runs
    told = {one.variant for one in comparisons if one.figure == "success" and _is_shown(one)}
    for variant in experiment.variants:
        if variant.name == CONTROL or variant.name in told:
            continue
        both = (units[variant.name], units[CONTROL])
        one, other = (share_of(side, lambda run: run.succeeded) for side in both)
        if one.of and other.of:
            wanted = max(wanted, runs_needed(one, other, detect=experiment.detect))
    if min(row.units for row in rows) < _LEAST_UNITS:
        wanted = max(wanted, fewest + _LEAST_UNITS)
    return max(0, wanted - fewest)


def _is_shown(comparison: Comparison) -> bool:
    return comparison.verdict in ("better", "worse")


def _says(
    rows: Sequence[VariantRow],
    comparisons: Sequence[Comparison],
    *,
    trusted: bool,
    ratio: float,
    more: int,
) -> str:
    if not trusted:
        return (
            f"the split isn't what was configured (p = {ratio:.2g}): don't trust any of this; "
            "runs get lost on one side, or weights were changed on the way"
        )
    if more:
        return f"inconclusive: each variant needs about {float(f'{more:.2g}'):,.0f} more runs"
    shown = [one for one in comparisons if one.figure == "success" and _is_shown(one)]
    if not shown:
        return "no difference in success that is worth finding"
    return "; ".join(f"{one.variant} succeeds {_word(one)} often than control" for one in shown)


def _word(comparison: Comparison) -> str:
    return "more" if comparison.verdict == "better" else "less"
