"""What is wrong with a policy that can be read: rules that never decide, names of nothing, tests.

Invariant: a rule is called unreachable only where one single rule before it takes all that it
would; whatever is told is a mistake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from copilot.actions.policy import (
    Bound,
    Case,
    FieldCondition,
    Policy,
    Rule,
    Verdict,
    evaluate,
)
from copilot.actions.policy_tables import Flaw
from copilot.config.fields import nearest


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may speak of: sinks, and schemas with the names of their fields."""

    sinks: Collection[str]
    schemas: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a test that stands in the file."""

    case: Case
    verdict: Verdict

    @property
    def passed(self) -> bool:
        case, verdict = self.case, self.verdict
        return verdict.ruling == case.expect and case.rule in ("", verdict.rule)


def run_cases(policy: Policy) -> list[CaseResult]:
    return [CaseResult(one, evaluate(policy, one.proposal)) for one in policy.cases]


def flaws_of(policy: Policy, known: Known) -> list[Flaw]:
    """By line."""
    found = [*_unreachable(policy.rules), *_unknown(policy, known)]
    return sorted(found, key=lambda one: one.line)


def _unreachable(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for number, rule in enumerate(rules):
        before = next((one for one in rules[:number] if _covers(one, rule)), None)
        if before is not None:
            yield Flaw(
                rule.line,
                f"the rule {rule.name!r} never decides: {before.name!r} (line {before.line}) takes "
                "all that it would",
                "put the narrower rule first, or take one away",
            )


def _covers(first: Rule, later: Rule) -> bool:
    """Whether whatever meets ``later`` meets ``first`` too."""
    names = (
        (first.sinks, later.sinks),
        (first.schemas, later.schemas),
        (first.operations, later.operations),
        (first.principals, later.principals),
        (first.groups, later.groups),
    )
    if not all(_named_by(theirs, ours) for ours, theirs in names):
        return False
    if first.fields and first.decision == "allow" and later.decision != "allow":
        return False  # what is in doubt meets the later one, and never the first
    if not all(
        path in later.fields and _implied(condition, later.fields[path])
        for path, condition in first.fields.items()
    ):
        return False
    return (
        _at_most(first.min_confidence, later.min_confidence)
        and (later.evidence or not first.evidence)
        and set(first.untainted_by) <= set(later.untainted_by)
        and (
            not first.tainted_by
            or (bool(later.tainted_by) and set(later.tainted_by) <= set(first.tainted_by))
        )
        and first.similar in (None, later.similar)
    )


def _named_by(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether each of ``names``, which may be patterns too, is among ``patterns``."""
    if not patterns or "*" in patterns:
        return True
    return bool(names) and all(
        name in patterns
        or (not set("*?[") & set(name) and any(fnmatchcase(name, one) for one in patterns))
        for name in names
    )


def _implied(wide: FieldCondition, narrow: FieldCondition) -> bool:
    among = wide.one_of is None or (
        narrow.one_of is not None and all(one in wide.one_of for one in narrow.one_of)
    )
    return (
        among
        and wide.regex in (None, narrow.regex)
        and _at_most(wide.min, narrow.min)
        and _at_most(narrow.max, wide.max, of_narrow=True)
        and _at_most(wide.min_confidence, narrow.min_confidence)
        and (narrow.evidence or not wide.evidence)
    )


def _at_most(low: Bound | None, high: Bound | None, *, of_narrow: bool = False) -> bool:
    """Whether ``low <= high``, where the wide bound is none or both are of a kind."""
    wide, narrow = (high, low) if of_narrow else (low, high)
    if wide is None:
        return True
    if narrow is None:
        return False
    if isinstance(low, float) and isinstance(high, float):
        return low <= high
    if isinstance(low, float) or isinstance(high, float) or low is None or high is None:
        return False
    return low <= high


def _unknown(policy: Policy, known: Known) -> Iterator[Flaw]:
    for rule in policy.rules:
        whole = f"the rule {rule.name!r}"
        yield from _names(rule.sinks, known.sinks, rule.line, whole, "sink")
        yield from _names(rule.schemas, known.schemas, rule.line, whole, "schema")
        chosen = [
            name
            for name in known.schemas
            if not rule.schemas or any(fnmatchcase(name, one) for one in rule.schemas)
        ]
        fields = {path for name in chosen for path in known.schemas[name]}
        if fields:
            yield from _names(tuple(rule.fields), fields, rule.line, whole, "field")
    names = {rule.name for rule in policy.rules}
    for case in policy.cases:
        whole = f"the test {case.name!r}"
        proposal = case.proposal
        yield from _names((proposal.sink,), known.sinks, case.line, whole, "sink")
        yield from _names((proposal.schema,), known.schemas, case.line, whole, "schema")
        fields_of = known.schemas.get(proposal.schema, ())
        if fields_of:
            yield from _names(tuple(proposal.fields), fields_of, case.line, whole, "field")
        if case.rule:
            yield from _names((case.rule,), {*names, "no rule"}, case.line, whole, "rule")


def _names(
    used: Sequence[str], valid: Collection[str], line: int, whole: str, what: str
) -> Iterator[Flaw]:
    for name in used:
        escaped = name.replace("[", "[[]")
        if not any(fnmatchcase(one, escaped) for one in valid):
            guess = nearest(name, sorted(valid))
            known = ", ".join(sorted(valid)[:12])
            hint = f"did you mean {guess}?" if guess else f"known: {known}"
            yield Flaw(line, f"{whole}: there is no {what} {name}", hint)
