"""Buckets: even, sticky, and a share that grows lets nobody go."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.flags import Asker, Experiment, Switch, Variant
from copilot.flags.deciding import BUCKETS, assign, bucket, decide, ranges, takes_part
from copilot.flags.values import CONTROL, Rule, Whom

names = st.text(min_size=1, max_size=12)
shares = st.floats(0, 1)


def _two(weight: float, share: float = 1.0, salt: str = "") -> Experiment:
    variants = (Variant(CONTROL, 100 - weight), Variant("b", weight))
    return Experiment("e", variants, salt=salt, whom=Whom(share=share))


def test_units_are_spread_evenly() -> None:
    counts = Counter(bucket("share", "cache", "", f"user-{n}") // 1_000 for n in range(20_000))
    # Chi-square of ten cells of 2,000: 27.9 is its 99.9th percentile at nine degrees of freedom.
    assert sum((counts[cell] - 2_000) ** 2 / 2_000 for cell in range(10)) < 27.9


def test_taking_part_tells_nothing_of_the_variant() -> None:
    half = _two(50, share=0.5)
    taking = [
        one for one in (assign(half, Asker(f"user-{n}")) for n in range(10_000)) if takes_part(one)
    ]
    assert 0.48 < len(taking) / 10_000 < 0.52
    assert 0.47 < sum(one.variant == "b" for one in taking) / len(taking) < 0.53


@given(unit=names, salt=names, small=shares, large=shares)
def test_a_share_that_grows_lets_nobody_go(
    unit: str, salt: str, small: float, large: float
) -> None:
    small, large = sorted((small, large))
    asker = Asker(unit)

    def on(share: float) -> bool:
        rules = (Rule(Whom(share=share), on=True),)
        return decide(Switch("cache", otherwise=False, salt=salt, rules=rules), asker).on

    assert on(small) <= on(large)
    before, after = (assign(_two(50, share, salt), asker) for share in (small, large))
    if takes_part(before):
        assert (after.variant, after.bucket) == (before.variant, before.bucket)


@given(unit=names, weight=st.floats(0, 100), more=st.floats(0, 100))
def test_a_variant_that_gets_more_weight_keeps_whom_it_had(
    unit: str, weight: float, more: float
) -> None:
    weight, more = sorted((weight, more))
    before, after = (assign(_two(one), Asker(unit)).variant for one in (weight, more))
    assert (before, after) != ("b", CONTROL)
    assert assign(_two(weight), Asker(unit)).variant == before


@given(weights=st.lists(st.integers(1, 20), min_size=2, max_size=6))
def test_every_bucket_has_one_variant(weights: list[int]) -> None:
    whole = sum(weights)
    variants = tuple(Variant(str(n), 100 * one / whole) for n, one in enumerate(weights))
    taken = list(ranges(Experiment("e", variants)))
    assert [start for _, start, _ in taken] == [0, *(end for _, _, end in taken[:-1])]
    assert taken[-1][2] == BUCKETS


@pytest.mark.parametrize("state", ["halted", "done"])
@given(unit=names)
def test_an_experiment_that_is_over_gives_everybody_control(state: str, unit: str) -> None:
    over = Experiment("e", _two(100).variants, state=state)  # type: ignore[arg-type]
    decision = assign(over, Asker(unit))
    assert decision.variant == CONTROL
    assert not takes_part(decision)
