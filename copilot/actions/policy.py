"""What may be written, by whom, and who has to agree: rules, and the one that decides.

Invariant: the first rule that matches decides; without one it is denied. What is in doubt never
helps: a rule that allows must be met by every value, one that restricts by any. A text that tells
its reader what to do, and whatever a person has edited, is never sent without a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal, get_args

from copilot.extracted import FieldValue, Json
from copilot.proposals import Proposal, Ruling, Taint

TaintName = Literal["injection", "unproven", "model", "edited"]
Bound = float | date
Answer = Literal["yes", "no", "doubt"]
Matches = Callable[[str, str], bool | None]  # a pattern, all of a text; None: it took too long

TAINTS: tuple[TaintName, ...] = get_args(TaintName)
NO_RULE = "no rule"
# Longer values are in doubt: a regular expression is written with shorter ones in mind.
_LONGEST = 2_000
PERSONS: Mapping[Ruling, int] = {"allow": 0, "ask": 1, "two_persons": 2}


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """What a rule wants of a field. A field without a value meets none."""

    one_of: tuple[Json, ...] | None = None
    regex: str | None = None
    min: Bound | None = None
    max: Bound | None = None
    min_confidence: float | None = None
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the file. Names may hold ``*``; what is None or empty is no condition.

    ``tainted_by``: at least one of these. ``untainted_by``: none of these. ``similar``: whether
    open entries like it were found. ``evidence``: each value has its words in the text.
    """

    name: str
    decision: Ruling
    reason: str = ""
    sinks: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    fields: Mapping[str, FieldCondition] = field(default_factory=dict)
    min_confidence: float | None = None
    evidence: bool = False
    tainted_by: tuple[TaintName, ...] = ()
    untainted_by: tuple[TaintName, ...] = ()
    similar: bool | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A test that stands in the file: what is to become of such a proposal."""

    name: str
    expect: Ruling
    proposal: Proposal
    rule: str = ""
    line: int = 0


def matched(pattern: str, text: str) -> bool | None:
    """Without a limit of time: for patterns that are known to need none."""
    return re.fullmatch(pattern, text, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one file, in order. ``place`` is the file; ``matches`` looks for its patterns.

    A text comes from anybody, so that ``matches`` has to have an end whatever the pattern.
    """

    rules: tuple[Rule, ...] = ()
    cases: tuple[Case, ...] = ()
    place: str = ""
    matches: Matches = matched


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rule`` decided, for its ``reason``; ``passed_over``: the rules before it and why not."""

    ruling: Ruling
    rule: str
    reason: str = ""
    passed_over: tuple[tuple[str, str], ...] = ()

    @property
    def persons(self) -> int | None:
        """How many distinct persons have to agree; None: none can."""
        return PERSONS.get(self.ruling)


def evaluate(policy: Policy, proposal: Proposal) -> Verdict:
    """What the policy says of it."""
    passed: list[tuple[str, str]] = []
    for rule in policy.rules:
        why_not = next(unmet(rule, proposal, policy.matches), None)
        if why_not is None:
            ruling, reason = rule.decision, rule.reason
            if ruling == "allow" and (insists := _insists(proposal.taint)):
                ruling, reason = "ask", insists
            return Verdict(ruling, rule.name, reason, tuple(passed))
        passed.append((rule.name, why_not))
    return Verdict("deny", NO_RULE, "no rule of the policy speaks of it", tuple(passed))


def _insists(taint: Taint) -> str:
    """Why a person is asked whatever the rule says."""
    if taint.injection:
        return "the text tells its reader what to do: a person has to agree"
    return "it was edited: a person has to agree" if taint.edited else ""


def unmet(rule: Rule, proposal: Proposal, matches: Matches) -> Iterator[str]:
    """Each condition that the proposal doesn't meet, in words."""
    named = (
        ("sink", rule.sinks, (proposal.sink,)),
        ("schema", rule.schemas, (proposal.schema,)),
        ("operation", rule.operations, (proposal.write.operation,)),
        ("principal", rule.principals, (proposal.principal,)),
        ("groups", rule.groups, proposal.groups),
    )
    for what, wanted, found in named:
        if wanted and not any(fnmatchcase(one, name) for one in found for name in wanted):
            yield f"{what} is {_listed(found) or 'none'}, not {_listed(wanted)}"
    yield from _unmet_taint(rule, proposal)
    if rule.similar is not None:
        similar = bool(proposal.duplicates) or not proposal.searched
        if similar is not rule.similar:
            yield "an open entry is like it" if similar else "no open entry is like it"
    strict = rule.decision == "allow"
    for path, condition in rule.fields.items():
        answers = [_meets(condition, one, matches) for one in _values(path, proposal)]
        yield from _unmet_field(path, answers, strict=strict)


def _unmet_taint(rule: Rule, proposal: Proposal) -> Iterator[str]:
    taint = [name for name in TAINTS if getattr(proposal.taint, name)]
    if rule.tainted_by and not set(taint) & set(rule.tainted_by):
        yield f"it isn't tainted by {_listed(rule.tainted_by)}"
    if found := [name for name in taint if name in rule.untainted_by]:
        yield f"it is tainted by {_listed(found)}"
    stated = {name: one for name, one in proposal.fields.items() if one.value is not None}
    bare = [name for name, one in stated.items() if one.evidence is None]
    if rule.evidence and (bare or not stated):
        yield f"without evidence: {_listed(bare) or 'everything'}"
    if rule.min_confidence is not None:
        low = [name for name, one in stated.items() if one.confidence < rule.min_confidence]
        if low or not stated:
            yield f"confidence under {rule.min_confidence:g}: {_listed(low) or 'everything'}"


def _values(path: str, proposal: Proposal) -> Iterator[FieldValue]:
    for name, one in proposal.fields.items():
        if one.value is not None and fnmatchcase(re.sub(r"\[\d+\]", "[]", name), _glob(path)):
            yield one


def _unmet_field(path: str, answers: Sequence[Answer], *, strict: bool) -> Iterator[str]:
    if not answers:
        yield f"{path} has no value"
    elif strict and not all(one == "yes" for one in answers):
        doubt = all(one != "no" for one in answers)
        yield f"{path} {'can’t be judged' if doubt else 'is another value'}"
    elif not strict and all(one == "no" for one in answers):
        yield f"{path} is another value"


def _glob(path: str) -> str:
    """Brackets stand for themselves; a path to several values names each of them."""
    return path.replace("[", "[[]")


def _meets(condition: FieldCondition, found: FieldValue, matches: Matches) -> Answer:
    """Whether one value does; in doubt where it isn't of a kind that can be compared."""
    answers: list[Answer] = []
    value = found.value
    if condition.one_of is not None:
        answers.append("yes" if _among(value, condition.one_of) else "no")
    if condition.regex is not None:
        answers.append(_matches(condition.regex, value, matches))
    for bound, above in ((condition.min, True), (condition.max, False)):
        if bound is not None:
            answers.append(_within(value, bound, above=above))
    if condition.min_confidence is not None:
        answers.append("yes" if found.confidence >= condition.min_confidence else "no")
    if condition.evidence:
        answers.append("yes" if found.evidence is not None else "no")
    if "no" in answers:
        return "no"
    return "doubt" if "doubt" in answers else "yes"


def _among(value: Json, wanted: Sequence[Json]) -> bool:
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)


def _matches(regex: str, value: Json, matches: Matches) -> Answer:
    text = value if isinstance(value, str) else str(value)
    found = matches(regex, text) if len(text) <= _LONGEST else None
    return "doubt" if found is None else "yes" if found else "no"


def _within(value: Json, bound: Bound, *, above: bool) -> Answer:
    if isinstance(bound, date):
        try:
            day = date.fromisoformat(str(value)[:10])
        except ValueError:
            return "doubt"
        return "yes" if (day >= bound if above else day <= bound) else "no"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "doubt"
    return "yes" if (value >= bound if above else value <= bound) else "no"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
