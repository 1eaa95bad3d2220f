"""Who gets what: the first rule that matches, buckets of a hash, variants by weight.

Invariant: a unit's bucket depends on the flag, its salt and the unit alone, so it sticks to its
side; a share that grows takes units in and lets none go. Whether a unit takes part in an experiment
and which variant it gets are two buckets: a growing share moves nobody between variants.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

from copilot.flags.values import CONTROL, Asker, Decision, Experiment, Reason, Switch, Whom

BUCKETS = 10_000


def bucket(purpose: str, flag: str, salt: str, unit: str) -> int:
    """From 0 to 9,999, even over units: the first 64 bits of SHA-256, scaled."""
    text = json.dumps([purpose, flag, salt, unit], ensure_ascii=True)
    first = hashlib.sha256(text.encode()).digest()[:8]
    return int.from_bytes(first, "big") * BUCKETS >> 64


def decide(switch: Switch, asker: Asker) -> Decision:
    """What a switch is for ``asker``."""
    name = switch.name
    if switch.wrong:
        return Decision(name, "off", "error", "what the file says of it can't be read: it is off")
    if not switch.on:
        return Decision(name, "off", "static", "off for everybody")
    unit = asker.unit(switch.unit)
    for n, rule in enumerate(switch.rules, 1):
        matched = _matched(rule.whom, asker, name, switch.salt, unit)
        if matched is not None:
            variant, reason = _word(rule.on), matched.reason
            why = f"rule {n}: {matched.why}"
            below = (0, matched.below) if matched.bucket is not None else None
            return Decision(name, variant, reason, why, n, unit, matched.bucket, below)
    if switch.rules:
        return Decision(name, _word(switch.otherwise), "static", "no rule matches")
    if switch.told:
        return Decision(name, _word(switch.otherwise), "static", "for everybody")
    return Decision(name, "on", "default", "nothing is said of it")


def assign(experiment: Experiment, asker: Asker) -> Decision:
    """The variant of an experiment for ``asker``: control for who takes no part."""
    name = experiment.name
    if experiment.state != "running":
        return Decision(name, CONTROL, "disabled", f"the experiment is {experiment.state}")
    unit = asker.unit(experiment.unit)
    if not unit:
        return Decision(name, CONTROL, "default", f"the run has no {experiment.unit}")
    matched = _matched(experiment.whom, asker, name, experiment.salt, unit)
    if matched is None:
        return Decision(name, CONTROL, "default", _left_out(experiment, asker, unit), unit=unit)
    at = bucket("variant", name, experiment.salt, unit)
    for variant, start, end in ranges(experiment):
        if start <= at < end:
            why = f"{variant} takes the buckets from {start} to {end - 1}"
            return Decision(name, variant, "split", why, 0, unit, at, (start, end))
    raise AssertionError("the ranges of an experiment cover all buckets")


def takes_part(decision: Decision) -> bool:
    """Whether the run counts for the experiment, in control too."""
    return decision.reason == "split"


def ranges(experiment: Experiment) -> Iterator[tuple[str, int, int]]:
    """The buckets of each variant, one after the other in the file's order, control first.

    A border between two variants moves with the weights before it: who lies between the old and
    the new border changes sides, nobody else.
    """
    start, before = 0, 0.0
    for place, variant in enumerate(experiment.variants, 1):
        before += variant.weight
        last = place == len(experiment.variants)
        end = BUCKETS if last else round(before * BUCKETS / 100)
        yield variant.name, start, end
        start = end


class _Match:
    def __init__(self, reason: Reason, why: str, bucket: int | None = None, below: int = 0) -> None:
        self.reason, self.why, self.bucket, self.below = reason, why, bucket, below


def _matched(whom: Whom, asker: Asker, flag: str, salt: str, unit: str) -> _Match | None:
    for given, has in (
        (whom.principals, (asker.principal,)),
        (whom.groups, asker.groups),
        (whom.kinds, (asker.kind,)),
    ):
        if given and not set(given) & set(has):
            return None
    if whom.share >= 1:
        return _Match("targeting_match", _named(whom))
    if not unit:
        return None
    at, below = bucket("share", flag, salt, unit), round(whom.share * BUCKETS)
    if at >= below:
        return None
    return _Match("split", f"{whom.share:.2%} of {_named(whom)}", at, below)


def _left_out(experiment: Experiment, asker: Asker, unit: str) -> str:
    """Why ``asker`` takes no part, in words."""
    name, salt, whom = experiment.name, experiment.salt, experiment.whom
    if _matched(replace(whom, share=1.0), asker, name, salt, unit) is None:
        return "takes no part: not whom it is for"
    at, below = bucket("share", name, salt, unit), round(whom.share * BUCKETS)
    takes = f"those from 0 to {below - 1} of {BUCKETS} do" if below else "nobody does"
    return f"takes no part: in bucket {at}, and at a share of {whom.share:.2%} {takes}"


def _named(whom: Whom) -> str:
    parts = [*whom.principals, *whom.groups, *whom.kinds]
    return ", ".join(parts) if parts else "everybody"


def _word(on: bool) -> str:
    return "on" if on else "off"
